// yEnc bodies, read in pieces. One part; its size and checksum are compared where it names them.
// yEnc draft 1.3 (yenc.org), §2 to §4

import { decodeLatin1 } from '@scop/octets'
import {
  DefectList,
  TRANSFER_LIMITS,
  type TransferDecoder,
  type TransferDefect,
  type TransferLimits,
} from './transfer-defect.ts'

export class YencDecoder implements TransferDecoder {
  readonly #list: DefectList
  readonly #limits: TransferLimits
  #state: 'before' | 'data' | 'after' = 'before'
  /** The keyword line or escape read so far: `undefined` in a line of data, or of other text. */
  #keyword: number[] | undefined = []
  #escaped = false
  #offset = 0
  #keywordOffset = 0
  #octets = 0
  #crc = 0xffffffff

  constructor(limits: TransferLimits = TRANSFER_LIMITS) {
    this.#limits = limits
    this.#list = new DefectList(limits)
  }

  get defects(): readonly TransferDefect[] {
    return this.#list.noted
  }

  // file = "=ybegin " … CRLF [ "=ypart " … CRLF ] *( octet / "=" octet / CRLF ) "=yend " … CRLF
  push(chunk: Uint8Array): Uint8Array {
    const decoded = new Uint8Array(chunk.length + 1)
    let length = 0
    for (let at = 0; at < chunk.length; at++) {
      const octet = chunk[at] as number // as: at < length
      if (this.#state === 'after') break
      if (octet === LF || octet === CR) {
        if (this.#keyword !== undefined && this.#keyword.length > 0) this.#readKeyword(this.#keyword)
        // At a line start a keyword may stand.
        this.#keyword = []
        this.#escaped = false
        continue
      }
      const keyword = this.#keyword
      if (keyword !== undefined) {
        if (keyword.length === 0) this.#keywordOffset = this.#offset + at
        if (keyword.length >= 2 || octet === (keyword.length === 0 ? EQUALS : LOWER_Y)) {
          if (keyword.length < this.#limits.lineOctets) keyword.push(octet)
          else if (keyword.length === this.#limits.lineOctets) {
            this.#list.note('line-too-long', this.#keywordOffset)
            keyword.push(SPACE)
          }
          continue
        }
        this.#keyword = undefined
        if (keyword.length === 1) this.#escaped = true
      }
      if (this.#state !== 'data') continue
      if (octet === EQUALS && !this.#escaped) {
        this.#escaped = true
        continue
      }
      const value = (octet - (this.#escaped ? 106 : 42)) & 0xff
      this.#escaped = false
      this.#crc = (CRC[(this.#crc ^ value) & 0xff] as number) ^ (this.#crc >>> 8) // as: 256 entries
      decoded[length++] = value
    }
    this.#offset += chunk.length
    this.#octets += length
    if (this.#pending !== undefined) this.#checkEnd(this.#pending)
    return decoded.subarray(0, length)
  }

  end(): Uint8Array {
    if (this.#keyword !== undefined && this.#keyword.length > 1) this.#readKeyword(this.#keyword)
    this.#keyword = undefined
    if (this.#pending !== undefined) this.#checkEnd(this.#pending)
    if (this.#state !== 'after') this.#list.note(this.#state === 'before' ? 'no-begin' : 'no-end', this.#offset)
    return new Uint8Array(0)
  }

  /** The last line, until the octets before it are counted. */
  #pending: string | undefined

  #readKeyword(octets: readonly number[]): void {
    const line = decodeLatin1(Uint8Array.from(octets))
    if (this.#state === 'before' && line.startsWith('=ybegin ')) this.#state = 'data'
    else if (this.#state === 'data' && line.startsWith('=yend')) {
      this.#state = 'after'
      this.#pending = line
    } else if (this.#state === 'data' && !line.startsWith('=ypart ')) this.#list.note('bad-line', this.#keywordOffset)
  }

  #checkEnd(line: string): void {
    this.#pending = undefined
    const size = SIZE.exec(line)?.[1]
    if (size !== undefined && Number(size) !== this.#octets) this.#list.note('size-mismatch', this.#keywordOffset)
    const crc = (PART_CRC.exec(line) ?? WHOLE_CRC.exec(line))?.[1]
    if (crc !== undefined && Number.parseInt(crc, 16) !== (this.#crc ^ 0xffffffff) >>> 0)
      this.#list.note('checksum-mismatch', this.#keywordOffset)
  }
}

const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const EQUALS = 0x3d
const LOWER_Y = 0x79
const SIZE = / size=([0-9]{1,15})(?![0-9])/
const PART_CRC = / pcrc32=([0-9A-Fa-f]{1,8})(?![0-9A-Fa-f])/
const WHOLE_CRC = / crc32=([0-9A-Fa-f]{1,8})(?![0-9A-Fa-f])/
const CRC = new Uint32Array(256)
for (let i = 0; i < 256; i++) {
  let value = i
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  CRC[i] = value
}
