// One field of a header section as seen: its octets, and its value as octets or as text, both without a copy of the section.
// RFC 5322 §2.2 (fields), §2.2.3 (folding); RFC 6532 §3.2 (UTF-8)

import { decodeLatin1, decodeUtf8 } from '@scop/octets'

/** What fields are parts of. */
export type FieldSource = {
  readonly octets: Uint8Array
  /** One character for each octet. */
  readonly text: string
  readonly isAscii: boolean
}

export class Field {
  /** As written, without the white space that may precede the colon. */
  readonly name: string
  /** Where the field begins in the header section. */
  readonly offset: number
  /** Where the value begins in `octets`: after the colon. */
  readonly valueStart: number
  /** Of the whole field. */
  readonly length: number
  readonly #source: FieldSource

  /** `start` to `end` of `source`, of which the name ends at `nameEnd`, and the value begins at `valueStart`. */
  constructor(source: FieldSource, start: number, nameEnd: number, valueStart: number, end: number) {
    this.name = source.text.slice(start, nameEnd)
    this.offset = start
    this.valueStart = valueStart - start
    this.length = end - start
    this.#source = source
  }

  /** Fields of one section, over a copy of its octets. */
  static over(octets: Uint8Array, fields: readonly Field[]): readonly Field[] {
    const [first] = fields
    if (first === undefined) return fields
    const source = { ...first.#source, octets }
    return fields.map(
      ({ offset, name, valueStart, length }) =>
        new Field(source, offset, offset + name.length, offset + valueStart, offset + length),
    )
  }

  /** The whole field: name, colon, folded value, line end. */
  get octets(): Uint8Array {
    return this.#source.octets.subarray(this.offset, this.offset + this.length)
  }

  /** The value after the colon: still folded, without the last line end. */
  get value(): Uint8Array {
    return this.#source.octets.subarray(this.offset + this.valueStart, this.#valueEnd())
  }

  /** The value as `unfold` answers it. */
  get text(): string {
    const { text, isAscii } = this.#source
    if (!isAscii) return unfold(this.value)
    const value = text.slice(this.offset + this.valueStart, this.#valueEnd())
    return value.includes('\n') ? value.replace(LINE_ENDS, '') : value
  }

  #valueEnd(): number {
    const { text } = this.#source
    const start = this.offset + this.valueStart
    let end = this.offset + this.length
    if (text.charCodeAt(end - 1) === LF) end -= text.charCodeAt(end - 2) === CR && end - 2 >= start ? 2 : 1
    return Math.max(end, start)
  }
}

/** The value on one line: line ends that begin a fold removed, the white space after them kept. RFC 5322 §2.2.3 */
export function unfoldOctets(value: Uint8Array): Uint8Array {
  let from = value.indexOf(LF)
  if (from < 0) return value
  const whole = new Uint8Array(value.length)
  let length = 0
  let start = 0
  for (; from >= 0; from = value.indexOf(LF, from + 1)) {
    const end = value[from - 1] === CR && from > start ? from - 1 : from
    whole.set(value.subarray(start, end), length)
    length += end - start
    start = from + 1
  }
  whole.set(value.subarray(start), length)
  return whole.subarray(0, length + value.length - start)
}

/** `unfoldOctets` as text: UTF-8 where all of it is UTF-8, else one character per octet. For reading, not for comparing. */
export function unfold(value: Uint8Array): string {
  const folded = decodeUtf8(value)
  if (folded.ok) return folded.value.includes('\n') ? folded.value.replace(LINE_ENDS, '') : folded.value
  const octets = unfoldOctets(value)
  const text = decodeUtf8(octets)
  return text.ok ? text.value : decodeLatin1(octets)
}

const LF = 0x0a
const CR = 0x0d
const LINE_ENDS = /\r?\n/g
