// The content of a message as it arrives: lines that end in CRLF only, dots unstuffed, the end found, at any cut.
// Law: only CRLF "." CRLF ends it, and a message with a stray CR or LF has a fault, so no two readers can disagree.
// RFC 5321 §4.5.2 (transparency), §2.3.8 (CRLF only), §4.5.3.1.6 (lines); RFC 3030 §2 (counted); RFC 2045 §2.8 (no NUL)

/** Why a message cannot be taken. */
export type ContentFault =
  | 'bare-cr'
  | 'bare-lf'
  | 'nul'
  | 'line-too-long'
  | 'too-large'
  /** Counted content that does not end with CRLF. */
  | 'unterminated-line'

export type ContentLimits = { readonly textLineOctets: number; readonly messageOctets: number }

export type ContentReading = {
  /** Octets used of the input: all of it, except after the end. */
  readonly used: number
  /** Octets of the message. Meaningless once there is a fault. May share memory with the input. */
  readonly content: Uint8Array
  /** `CRLF . CRLF` was seen. */
  readonly ended: boolean
}

export class ContentReader {
  readonly #dotted: boolean
  readonly #limits: ContentLimits
  #phase: Phase = START
  #lineOctets = 0
  #octets = 0
  #faults = 0

  /** `dotted`: ended by a dot (DATA); otherwise by a count, which the caller keeps (BDAT). */
  constructor(dotted: boolean, limits: ContentLimits) {
    this.#dotted = dotted
    this.#limits = limits
  }

  /** Octets of the message so far, dots removed. */
  get octets(): number {
    return this.#octets
  }

  /** The gravest fault so far; the same at any cut of the input. */
  get fault(): ContentFault | undefined {
    return this.#faults === 0 ? undefined : FAULTS[31 - Math.clz32(this.#faults)]
  }

  read(octets: Uint8Array): ContentReading {
    const length = octets.length
    let at = 0
    let phase = this.#phase
    let [lf, cr] = [-1, -1] // the next ones at or after `at`; `length` where there is none
    let ended = false
    let from = 0 // of the run of content not yet kept
    let kept: Uint8Array | undefined // runs before `from`, once a dot between them was removed
    let keptOctets = 0
    while (at < length) {
      if (phase === LINE) {
        if (lf < at) lf = indexOrLength(octets, LF, at)
        if (cr < at) cr = indexOrLength(octets, CR, at)
        if (cr > lf || (cr === lf && lf === length)) {
          // No CR before the line feed, or neither.
          this.#lengthen(Math.min(lf, length) - at)
          if (lf < length) this.#faults |= BARE_LF
          at = lf + 1
        } else if (cr === lf - 1 && lf < length) {
          this.#lengthen(lf + 1 - at)
          this.#lineOctets = 0
          at = lf + 1
          phase = START
        } else {
          this.#lengthen(cr + 1 - at)
          at = cr + 1
          phase = AFTER_CR
        }
      } else if (phase === START) {
        phase = LINE
        if (this.#dotted && octets[at] === DOT) {
          if (at > from) {
            kept ??= new Uint8Array(length)
            kept.set(octets.subarray(from, at), keptOctets)
            keptOctets += at - from
          }
          from = ++at
          phase = AFTER_DOT
        }
      } else if (phase === AFTER_CR) {
        phase = LINE
        if (octets[at] === LF) {
          this.#lengthen(1)
          this.#lineOctets = 0
          at++
          phase = START
        } else this.#faults |= BARE_CR
      } else if (phase === AFTER_DOT) {
        phase = LINE
        if (octets[at] === CR) {
          from = ++at // the CR of the end, or a fault: never content
          phase = AFTER_DOT_CR
        }
      } else {
        phase = LINE
        if (octets[at] === LF) {
          from = ++at
          ended = true
          break
        }
        this.#faults |= BARE_CR
      }
    }
    this.#phase = phase
    const used = Math.min(at, length)
    const last = ended ? EMPTY : octets.subarray(from, used)
    let content = last
    if (kept !== undefined) {
      kept.set(last, keptOctets)
      content = kept.subarray(0, keptOctets + last.length)
    }
    this.#octets += content.length
    if (this.#octets > this.#limits.messageOctets) this.#faults |= TOO_LARGE
    if (content.includes(0)) this.#faults |= NUL
    return { used, content, ended }
  }

  /** The count is full, and this was the last of it. */
  end(): void {
    if (this.#phase === AFTER_CR) this.#faults |= BARE_CR
    else if (this.#phase !== START) this.#faults |= UNTERMINATED
  }

  #lengthen(octets: number): void {
    this.#lineOctets += octets
    if (this.#lineOctets > this.#limits.textLineOctets) this.#faults |= LINE_TOO_LONG
  }
}

/** Whether sender and receiver may disagree about where such a message ends. */
export function isStray(fault: ContentFault): boolean {
  return fault === 'bare-cr' || fault === 'bare-lf'
}

function indexOrLength(octets: Uint8Array, octet: number, from: number): number {
  const at = octets.indexOf(octet, from)
  return at < 0 ? octets.length : at
}

type Phase = 0 | 1 | 2 | 3 | 4
const START = 0
const LINE = 1
const AFTER_CR = 2
const AFTER_DOT = 3
const AFTER_DOT_CR = 4

// Faults as bits, gravest highest.
const FAULTS: readonly ContentFault[] = ['too-large', 'unterminated-line', 'line-too-long', 'nul', 'bare-cr', 'bare-lf']
const TOO_LARGE = 1
const UNTERMINATED = 2
const LINE_TOO_LONG = 4
const NUL = 8
const BARE_CR = 16
const BARE_LF = 32

const LF = 0x0a
const CR = 0x0d
const DOT = 0x2e
const EMPTY = new Uint8Array(0)
