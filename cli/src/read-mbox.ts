// mbox, read: the messages of one file, as it comes in pieces. A separator is a line `From sender date`, the date as
// asctime writes it, at the start or after an empty line; a line that only begins with `From ` is text. The message is what
// lies between, without the empty line at its end, each line of `>+From ` one `>` less (mboxrd). RFC 4155 §Appendix A

import { decodeLatin1, GrowingBuffer } from '@scop/octets'

export type MboxMessage = {
  /** Where it begins in the file, after its separator. */
  readonly offset: number
  /** Of the message, without its quoting. */
  readonly octets: number
  /** Absent where it is longer than the limit. */
  readonly message: Uint8Array | undefined
}

export type MboxLimits = {
  readonly messageOctets: number
  /** A longer line, its end included, is no separator. */
  readonly separatorOctets: number
  /** A line with more `>` before `From ` is not quoted. */
  readonly quotes: number
}

export const MBOX_LIMITS: MboxLimits = { messageOctets: 256 * 1024 * 1024, separatorOctets: 1000, quotes: 100 }

/** Whether a file that begins so is an mbox. */
export function startsMbox(start: Uint8Array, limits: MboxLimits = MBOX_LIMITS): boolean {
  const end = start.indexOf(LF)
  return end >= 0 && isSeparator(start.subarray(0, end + 1), limits)
}

export function readMbox(octets: Uint8Array, limits: MboxLimits = MBOX_LIMITS): readonly MboxMessage[] {
  const reader = new MboxReader(limits)
  return [...reader.feed(octets), ...reader.finish()]
}

/** Any cut gives the same messages. What stands before the first separator, if anything does, is a message too. */
export class MboxReader {
  readonly #limits: MboxLimits
  /** The beginning of a line, not yet decided. */
  readonly #line = new GrowingBuffer()
  #message = new GrowingBuffer()
  /** Of the message so far; more than its buffer holds where it is too long. */
  #octets = 0
  /** Where the message begins; undefined before the first. */
  #messageStart: number | undefined
  #position = 0
  /** Whether the next octets go on with a line whose beginning was decided. */
  #within = false
  /** The octets of the last line where that was empty, else 0. */
  #emptyLine = 0

  constructor(limits: MboxLimits = MBOX_LIMITS) {
    this.#limits = limits
  }

  /** The messages that end in `chunk`, which belongs to the reader from now on. */
  feed(chunk: Uint8Array): readonly MboxMessage[] {
    const ended: MboxMessage[] = []
    for (let at = 0; at < chunk.length; ) {
      const lineEnd = chunk.indexOf(LF, at)
      const piece = chunk.subarray(at, lineEnd < 0 ? chunk.length : lineEnd + 1)
      at += piece.length
      if (this.#within) this.#add(piece)
      else if (lineEnd >= 0 && this.#line.length === 0) this.#takeLine(piece, ended)
      else {
        this.#line.append(piece)
        // What decides is within this bound, so that the line need not be held.
        const decided = this.#line.length > this.#limits.separatorOctets + this.#limits.quotes
        if (lineEnd >= 0 || decided) this.#takeLine(this.#line.take(this.#line.length), ended)
      }
      this.#within = lineEnd < 0 && this.#line.length === 0
    }
    return ended
  }

  finish(): readonly MboxMessage[] {
    const ended: MboxMessage[] = []
    if (this.#line.length > 0) this.#takeLine(this.#line.take(this.#line.length), ended)
    this.#endMessage(ended)
    return ended
  }

  #takeLine(line: Uint8Array, ended: MboxMessage[]): void {
    if ((this.#position === 0 || this.#emptyLine > 0) && isSeparator(line, this.#limits)) {
      this.#endMessage(ended)
      this.#position += line.length
      this.#messageStart = this.#position
      return
    }
    this.#messageStart ??= this.#position
    const empty = line[0] === LF || (line[0] === CR && line[1] === LF)
    if (isQuoted(line, this.#limits.quotes)) {
      this.#position += 1
      this.#add(line.subarray(1))
    } else this.#add(line)
    this.#emptyLine = empty ? line.length : 0
  }

  #add(octets: Uint8Array): void {
    this.#position += octets.length
    this.#octets += octets.length
    // The empty line that ends the message does not count.
    if (this.#octets > this.#limits.messageOctets + 2) this.#message = new GrowingBuffer()
    else this.#message.append(octets)
  }

  #endMessage(ended: MboxMessage[]): void {
    const offset = this.#messageStart
    if (offset !== undefined) {
      const octets = this.#octets - this.#emptyLine
      const message = octets > this.#limits.messageOctets ? undefined : this.#message.take(octets)
      ended.push({ offset, octets, message })
    }
    this.#message = new GrowingBuffer()
    this.#octets = 0
    this.#emptyLine = 0
    this.#messageStart = undefined
  }
}

function isSeparator(line: Uint8Array, { separatorOctets }: MboxLimits): boolean {
  if (line.length > separatorOctets || !beginsFrom(line, 0) || line.at(-1) !== LF) return false
  return SEPARATOR.test(decodeLatin1(line))
}

function isQuoted(line: Uint8Array, quotes: number): boolean {
  let depth = 0
  while (depth <= quotes && line[depth] === QUOTE) depth++
  return depth > 0 && depth <= quotes && beginsFrom(line, depth)
}

const beginsFrom = (line: Uint8Array, at: number): boolean => FROM.every((octet, place) => line[at + place] === octet)

const LF = 0x0a
const CR = 0x0d
const QUOTE = 0x3e
const FROM = [0x46, 0x72, 0x6f, 0x6d, 0x20] as const
// A zone, which RFC 4155 does not have, stands before or after the year.
const SEPARATOR =
  / (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2} \d{1,2}:\d\d(?::\d\d)?(?: [A-Z]{1,5}| [+-]\d{4})? \d{4}(?: [+-]\d{4})?[ \t]*\r?\n$/
