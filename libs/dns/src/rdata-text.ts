// Reads the fields of record data from tokens. The first failure sticks: later reads give empty values, `error` says what and which.
// RFC 1035 §5.1, RFC 3597 §5

import { decodeBase64, decodeHex } from '@scop/octets'
import { type Name, parseName, ROOT, readEscape } from './name.ts'
import { fitsDigest } from './rr/digest-octets.ts'
import type { Token } from './zone-file-lexer.ts'

export type FieldError = {
  readonly kind:
    | 'field-missing'
    | 'field-left-over'
    | 'not-a-number'
    | 'number-too-large'
    | 'not-an-address'
    | 'not-a-name'
    | 'not-hex'
    | 'not-base64'
    | 'string-too-long'
    | 'bad-escape'
    | 'bad-value'
    | 'length-differs'
    | 'rdata-malformed'
  /** The token at fault; `undefined` where one is missing. */
  readonly token: Token | undefined
}

export class RdataText {
  readonly #tokens: readonly Token[]
  readonly #origin: Name | undefined
  #at: number
  error: FieldError | undefined

  constructor(tokens: readonly Token[], from: number, origin: Name | undefined) {
    this.#tokens = tokens
    this.#at = from
    this.#origin = origin
  }

  get left(): number {
    return this.#tokens.length - this.#at
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead]
  }

  /** The token last read is wrong. */
  fail(kind: FieldError['kind']): void {
    this.error ??= { kind, token: this.#tokens[this.#at - 1] }
    this.#at = this.#tokens.length
  }

  word(): string {
    const token = this.#tokens[this.#at]
    if (token === undefined) {
      this.error ??= { kind: 'field-missing', token: undefined }
      return ''
    }
    this.#at++
    return token.text
  }

  /** A token that is no character-string, and so never in quotes. RFC 1035 §5.1 */
  bare(otherwise: FieldError['kind']): string {
    const quoted = this.peek()?.quoted === true
    const text = this.word()
    if (quoted) this.fail(otherwise)
    return quoted ? '' : text
  }

  u8(): number {
    return this.#number(0xff)
  }

  u16(): number {
    return this.#number(0xffff)
  }

  u32(): number {
    return this.#number(0xffffffff)
  }

  /** Seconds, or `1w2d3h4m5s` as common servers write them. */
  duration(): number {
    const seconds = parseDuration(this.bare('not-a-number'))
    if (seconds === undefined) this.fail('not-a-number')
    return seconds ?? 0
  }

  name(): Name {
    const text = this.bare('not-a-name')
    if (this.error !== undefined) return ROOT
    if (text === '@' && this.#origin !== undefined) return this.#origin
    const name = parseName(text, this.#origin)
    if (!name.ok) this.fail('not-a-name')
    return name.ok ? name.value : ROOT
  }

  /** At most 255 octets. */
  characterString(): Uint8Array {
    const octets = this.octets()
    if (octets.length > 0xff) this.fail('string-too-long')
    return octets.length > 0xff ? EMPTY : octets
  }

  /** One token as octets, escapes undone. */
  octets(): Uint8Array {
    return this.#unescaped(this.word())
  }

  #unescaped(text: string): Uint8Array {
    const octets = new Uint8Array(text.length)
    let length = 0
    for (let i = 0; i < text.length; i++) {
      let code = text.charCodeAt(i)
      if (code === BACKSLASH) {
        const escape = readEscape(text, i)
        if (escape === undefined) {
          this.fail('bad-escape')
          return EMPTY
        }
        code = escape.octet
        i += escape.length - 1
      }
      octets[length++] = code
    }
    return octets.subarray(0, length)
  }

  /** `name`, `name=value` or `name="value"`; the value's escapes are undone. RFC 9460 §2.1 */
  parameter(): { readonly name: string; readonly value: Uint8Array } {
    const token = this.peek()
    const text = this.word()
    const equals = text.indexOf('=')
    const name = equals < 0 ? text : text.slice(0, equals)
    const next = this.peek()
    const touches = token?.line === next?.line && next?.column === (token?.column ?? 0) + text.length
    const quotedValue = touches && next?.quoted === true
    if (token?.quoted === true || (quotedValue && equals !== text.length - 1)) this.fail('bad-value')
    const value = quotedValue ? this.octets() : this.#unescaped(equals < 0 ? '' : text.slice(equals + 1))
    return { name, value }
  }

  /** All tokens that are left, as one run of hexadecimal digits. */
  hex(): Uint8Array {
    const octets = decodeHex(this.#restJoined())
    if (!octets.ok) this.fail('not-hex')
    return octets.ok ? octets.value : EMPTY
  }

  /** Hexadecimal digits to the end, for so many octets; `undefined` where any number will do. */
  digest(octets: number | undefined): Uint8Array {
    const digest = this.hex()
    if (!fitsDigest(digest, octets)) this.fail('length-differs')
    return digest
  }

  /** All tokens that are left, as one run of base64. */
  base64(): Uint8Array {
    const octets = decodeBase64(this.#restJoined())
    if (!octets.ok) this.fail('not-base64')
    return octets.ok ? octets.value : EMPTY
  }

  #restJoined(): string {
    let text = this.word()
    while (this.left > 0) text += this.word()
    return text
  }

  #number(max: number): number {
    const text = this.bare('not-a-number')
    if (this.error !== undefined) return 0
    if (!DECIMAL.test(text)) this.fail('not-a-number')
    else if (Number(text) > max) this.fail('number-too-large')
    else return Number(text)
    return 0
  }
}

/** `3600`, `1h`, `1h30m`, in any order, as common servers read them; `undefined` for anything else and above 2^32-1. */
export function parseDuration(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text) <= 0xffffffff ? Number(text) : undefined
  if (!DURATION.test(text)) return undefined
  let seconds = 0
  for (const [, count, unit] of text.toLowerCase().matchAll(PART))
    seconds += Number(count) * (UNIT_SECONDS.get(unit ?? '') ?? 0)
  return seconds <= 0xffffffff ? seconds : undefined
}

/** `"text"` with what would end it, and what is not printable ASCII, escaped. */
export function formatCharacterString(octets: Uint8Array): string {
  let text = '"'
  for (const octet of octets) {
    if (octet === QUOTE || octet === BACKSLASH) text += `\\${String.fromCharCode(octet)}`
    else if (octet < 0x20 || octet > 0x7e) text += `\\${String(octet).padStart(3, '0')}`
    else text += String.fromCharCode(octet)
  }
  return `${text}"`
}

const BACKSLASH = 0x5c
const QUOTE = 0x22
const DECIMAL = /^[0-9]{1,20}$/
const DURATION = /^(?:[0-9]{1,10}[wdhms])+$/i
const PART = /([0-9]+)([a-z])/g
const UNIT_SECONDS: ReadonlyMap<string, number> = new Map([
  ['w', 604_800],
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
])
const EMPTY = new Uint8Array(0)
