// RRSIG: the signature over one RRset.      RFC 4034 §3

import { encodeBase64 } from '@scop/octets'
import { formatName, type Name } from '../name.ts'
import type { RdataText } from '../rdata-text.ts'
import { formatType, parseType } from '../type-names.ts'
import { parseAlgorithm } from './algorithm.ts'
import type { RecordType } from './record-type.ts'

export type RrsigData = {
  readonly typeCovered: number
  readonly algorithm: number
  /** Labels of the owner without the root and without a wildcard's `*`: fewer than the owner has means that it was synthesised. */
  readonly labels: number
  readonly originalTtlSeconds: number
  /** Seconds since 1970, modulo 2^32, compared as serial numbers. RFC 4034 §3.1.5 */
  readonly expiration: number
  readonly inception: number
  readonly keyTag: number
  readonly signer: Name
  readonly signature: Uint8Array
}

export const RRSIG: RecordType<RrsigData> = {
  code: 46,
  mnemonic: 'RRSIG',
  nameRule: 'lowered',
  read: (reader) => {
    const head = {
      typeCovered: reader.u16(),
      algorithm: reader.u8(),
      labels: reader.u8(),
      originalTtlSeconds: reader.u32(),
      expiration: reader.u32(),
      inception: reader.u32(),
      keyTag: reader.u16(),
      signer: reader.uncompressedName(),
    }
    if (reader.left === 0) reader.fail('rdata-malformed')
    return { ...head, signature: reader.rest() }
  },
  write: (writer, rrsig) => {
    writer.u16(rrsig.typeCovered)
    writer.u8(rrsig.algorithm)
    writer.u8(rrsig.labels)
    writer.u32(rrsig.originalTtlSeconds)
    writer.u32(rrsig.expiration)
    writer.u32(rrsig.inception)
    writer.u16(rrsig.keyTag)
    writer.uncompressedName(rrsig.signer)
    writer.write(rrsig.signature)
  },
  parse: (text) => ({
    typeCovered: typeField(text),
    algorithm: parseAlgorithm(text),
    labels: text.u8(),
    originalTtlSeconds: text.u32(),
    expiration: parseSignatureTime(text),
    inception: parseSignatureTime(text),
    keyTag: text.u16(),
    signer: text.name(),
    signature: text.base64(),
  }),
  format: (rrsig) =>
    `${formatType(rrsig.typeCovered)} ${rrsig.algorithm} ${rrsig.labels} ${rrsig.originalTtlSeconds} ` +
    `${formatSignatureTime(rrsig.expiration)} ${formatSignatureTime(rrsig.inception)} ${rrsig.keyTag} ` +
    `${formatName(rrsig.signer)} ${encodeBase64(rrsig.signature)}`,
}

/** The type that an RRSIG's data cover, read without decoding the rest. */
export function typeCoveredBy(rdata: Uint8Array): number {
  return ((rdata[0] ?? 0) << 8) | (rdata[1] ?? 0)
}

function typeField(text: RdataText): number {
  const type = parseType(text.word())
  if (type === undefined) text.fail('bad-value')
  return type ?? 0
}

/** `YYYYMMDDHHmmSS`, or seconds. RFC 4034 §3.2 */
function parseSignatureTime(text: RdataText): number {
  const token = text.peek()?.text ?? ''
  if (token.length !== 14) return text.u32()
  text.word()
  const parts = TIME.exec(token)?.slice(1).map(Number)
  if (parts === undefined) {
    text.fail('bad-value')
    return 0
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  const same = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  if (year < 1970 || !same || hour > 23 || minute > 59 || second > 60) text.fail('bad-value')
  return (date.getTime() / 1000) >>> 0
}

function formatSignatureTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace(/[-:T]/g, '')
}

const TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/
