// Record data between octets, typed values and text, for any type; unknown types by the generic form.
// RFC 3597 §3 (opaque), §5 (text), RFC 4034 §6.2 (canonical)

import { encodeHex, equalOctets } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { DEFAULT_LIMITS } from './limits.ts'
import type { Name } from './name.ts'
import { type FieldError, RdataText } from './rdata-text.ts'
import type { RecordType } from './rr/record-type.ts'
import { recordType } from './rr/registry.ts'
import { type DecodeError, WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'
import { type LexError, lexZoneFile } from './zone-file-lexer.ts'

export type RdataTextError = FieldError | LexError | { readonly kind: 'more-than-one-line' }

/** Reads uncompressed record data that fill `rdata` exactly. */
export function decodeRdata<Data>(type: RecordType<Data>, rdata: Uint8Array): Result<Data, DecodeError> {
  const reader = new WireReader(rdata, 0, rdata.length, 0)
  const data = type.read(reader)
  if (reader.left > 0) reader.fail('rdata-too-long')
  return reader.error === undefined ? ok(data) : err(reader.error)
}

/** The octets, uncompressed. Values that do not fit their fields are our own mistake. */
export function encodeRdata<Data>(type: RecordType<Data>, data: Data): Uint8Array {
  const writer = new WireWriter('plain', 0, 64)
  type.write(writer, data)
  return writer.finish()
}

/** The octets with every name in them in lower case. RFC 4034 §6.2 */
export function canonicalRdata(code: number, rdata: Uint8Array): Uint8Array {
  const type = recordType(code)
  if (type === undefined || type.nameRule === 'as-is') return rdata
  const data = decodeRdata(type, rdata)
  if (!data.ok) return rdata
  const writer = new WireWriter('canonical', 0, rdata.length)
  type.write(writer, data.value)
  return writer.finish()
}

/** Reads record data in text: the type's own form, or `\# length hex`. */
export function parseRdata(code: number, text: string, origin?: Name): Result<Uint8Array, RdataTextError> {
  const entries = lexZoneFile(text, DEFAULT_LIMITS)
  if (!entries.ok) return entries
  if (entries.value.length > 1) return err({ kind: 'more-than-one-line' })
  return parseRdataTokens(code, new RdataText(entries.value[0]?.tokens ?? [], 0, origin))
}

export function parseRdataTokens(code: number, text: RdataText): Result<Uint8Array, FieldError> {
  const type = recordType(code)
  const first = text.peek()
  // A type's own text may begin so too: TXT \# word
  const generic = first?.text === '\\#' && !first.quoted
  if (generic && (type?.parse === undefined || text.left < 2 || NUMBER.test(text.peek(1)?.text ?? ''))) {
    return parseGeneric(type, text)
  }
  if (type?.parse === undefined) {
    text.word()
    text.fail('bad-value')
    return err(text.error ?? { kind: 'bad-value', token: first })
  }
  const data = type.parse(text)
  if (text.error === undefined && text.left > 0) {
    text.word()
    text.fail('field-left-over')
  }
  if (text.error !== undefined) return err(text.error)
  const rdata = encodeRdata(type, data)
  if (rdata.length > MAX_RDATA) return err({ kind: 'string-too-long', token: first })
  // As text can say what the wire refuses, such as a key of no octets, written `""`.
  return decodeRdata(type, rdata).ok ? ok(rdata) : err({ kind: 'rdata-malformed', token: first })
}

/** The type's own text, or the generic form where it has none, or would not give the same octets again (signatures need them). */
export function formatRdata(code: number, rdata: Uint8Array): string {
  const type = recordType(code)
  if (type?.format !== undefined) {
    const data = decodeRdata(type, rdata)
    const text = data.ok ? type.format(data.value) : undefined
    if (text !== undefined && data.ok && equalOctets(encodeRdata(type, data.value), rdata)) return text
  }
  return rdata.length === 0 ? '\\# 0' : `\\# ${rdata.length} ${encodeHex(rdata)}`
}

// "\#" length *hex      RFC 3597 §5
function parseGeneric(type: RecordType<unknown> | undefined, text: RdataText): Result<Uint8Array, FieldError> {
  const first = text.peek()
  text.word()
  const length = text.u16()
  const rdata = length === 0 && text.left === 0 ? new Uint8Array(0) : text.hex()
  if (text.error !== undefined) return err(text.error)
  if (rdata.length !== length) return err({ kind: 'length-differs', token: first })
  if (type !== undefined && !decodeRdata(type, rdata).ok) return err({ kind: 'rdata-malformed', token: first })
  return ok(rdata)
}

const MAX_RDATA = 0xffff
const NUMBER = /^[0-9]+$/
