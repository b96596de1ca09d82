// A message read as it comes: octets in at any cut, events out that do not depend on the cut (but that text comes in other
// pieces). Work is linear and memory bounded by the limits, not by the message. Nothing is refused: what is beyond a limit
// is text, and a defect says so. RFC 2046 §5.1.1 (delimiters), RFC 5322 §2.1; lines end with CRLF or LF

import { GrowingBuffer } from '@scop/octets'
import { type HeaderSection, readHeaderSection } from './header-section.ts'
import {
  type DefaultType,
  MESSAGE_LIMITS,
  type MessageLimits,
  type PartDefectKind,
  type PartEvent,
  type PartPath,
  type PartStructure,
} from './part-event.ts'
import { readStructure } from './part-structure.ts'

/** Feed every octet, then call `finish`. Chunks are kept, not copied, where possible: do not write to them afterwards. */
export class MessageReader {
  readonly #limits: MessageLimits
  readonly #held = new GrowingBuffer()
  /** Where the first held octet stands in the message. */
  #offset = 0
  #events: PartEvent[] = []
  readonly #emit: (event: PartEvent) => void
  readonly #open: OpenPart[] = []
  #state: 'header' | 'preamble' | 'body' | 'epilogue' = 'header'
  /** In a header, from the first held octet: where its last line begins, and how far it was searched for its end. */
  #lineStart = 0
  #searched = 0
  /** In text: whether the first held octet begins a line. */
  #atLineStart = true
  /** So many octets held first end the line of a close delimiter, unless they turn out to be an outer delimiter's. */
  #closeLineEnd = 0
  /** Open parts that are multiparts. */
  #multiparts = 0
  #parts = 0
  #fields = 0
  #headerOctets = 0
  #defects = 0
  /** A limit for the whole message is passed: the rest is text. */
  #opaque = false

  /** With `sink` the events go there one by one, and `feed` and `finish` answer none: a whole message has many. */
  constructor(limits: MessageLimits = MESSAGE_LIMITS, sink?: (event: PartEvent) => void) {
    this.#limits = limits
    this.#emit = sink ?? ((event) => this.#events.push(event))
    this.#startPart([], 'text/plain')
  }

  feed(chunk: Uint8Array): readonly PartEvent[] {
    this.#held.append(chunk)
    while (this.#step(false));
    return this.#takeEvents()
  }

  /** The message has ended: every part is closed, and the last event is `end`. */
  finish(): readonly PartEvent[] {
    while (this.#step(true));
    this.#endParts(0)
    this.#emit({ kind: 'end', offset: this.#offset })
    return this.#takeEvents()
  }

  #takeEvents(): readonly PartEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }

  /** Reads on from what is held; false where more octets are needed, or with `last` where none is left. */
  #step(last: boolean): boolean {
    const held = this.#held.peek()
    return this.#state === 'header' ? this.#readHeader(held, last) : this.#readText(held, last)
  }

  // body-part := MIME-part-headers [CRLF *OCTET]: a header ends after its empty line, or before a delimiter
  #readHeader(held: Uint8Array, last: boolean): boolean {
    const limit = this.#limits.header.headerOctets
    for (;;) {
      const start = this.#lineStart
      const lf = held.indexOf(LF, Math.max(start, this.#searched))
      if (lf < 0 && !last) {
        this.#searched = held.length
        if (held.length <= limit || this.#mayBeDelimiter(held, start)) return false
        return this.#skipHeader('header-beyond-limits')
      }
      const end = lf < 0 ? held.length : lf + 1
      if (start === end || this.#matchDelimiter(held, start, end) !== undefined)
        return this.#endHeader(held, start, start)
      if (end > limit) return this.#skipHeader('header-beyond-limits')
      if (lf < 0) return this.#endHeader(held, end, end)
      if (lf === start || (lf === start + 1 && held[start] === CR)) return this.#endHeader(held, start, end)
      this.#lineStart = end
    }
  }

  /** The header is `octets` long, its empty line begins at `emptyLine`. */
  #endHeader(held: Uint8Array, emptyLine: number, octets: number): boolean {
    const parsed = readHeaderSection(held.subarray(0, octets), emptyLine, this.#limits.header)
    const fields = parsed.ok ? parsed.value.fields.length + parsed.value.defects.length : undefined
    this.#fields += fields ?? this.#limits.header.fields // to refuse it was work, too
    if (this.#fields > this.#limits.fields) {
      this.#opaque = true
      return this.#skipHeader('too-many-fields')
    }
    this.#headerOctets += octets
    if (this.#headerOctets > this.#limits.headerOctets) {
      this.#opaque = true
      return this.#skipHeader('headers-too-long')
    }
    if (!parsed.ok) return this.#skipHeader('header-beyond-limits')
    const header = parsed.value
    const part = this.#top()
    const read = readStructure(header, part.defaultType, this.#limits.boundaryOctets)
    if (read.defect !== undefined) this.#addDefect(read.defect, this.#offset)
    this.#beginBody(header, octets, this.#withinLimits(read.structure))
    return true
  }

  /** A structure that would pass the limits is a leaf. */
  #withinLimits(structure: PartStructure): PartStructure {
    if (structure.kind === 'leaf') return structure
    const tooDeep = this.#open.length >= this.#limits.depth
    if (!tooDeep && (structure.kind === 'multipart' || this.#parts < this.#limits.parts)) return structure
    this.#addDefect(tooDeep ? 'too-deep' : 'too-many-parts', this.#offset)
    return { kind: 'leaf', type: structure.type }
  }

  /** The header is not read but is the beginning of the body. */
  #skipHeader(defect: PartDefectKind): boolean {
    this.#addDefect(defect, this.#offset)
    this.#beginBody(NO_HEADER, 0, { kind: 'leaf', type: 'text/plain' })
    return true
  }

  #beginBody(header: HeaderSection, octets: number, structure: PartStructure): void {
    const part = this.#top()
    this.#emit({ kind: 'header', path: part.path, offset: this.#offset, header, structure })
    this.#take(octets)
    this.#atLineStart = true
    if (structure.kind === 'message') {
      part.children = 1
      this.#startPart([...part.path, 0], 'text/plain')
      return
    }
    this.#state = structure.kind === 'multipart' ? 'preamble' : 'body'
    if (structure.kind !== 'multipart') return
    part.boundary = structure.boundary
    part.childType = structure.type === 'multipart/digest' ? 'message/rfc822' : 'text/plain'
    this.#multiparts++
  }

  // multipart-body := [preamble CRLF] dash-boundary transport-padding CRLF body-part *encapsulation
  //                   close-delimiter transport-padding [CRLF epilogue]
  #readText(held: Uint8Array, last: boolean): boolean {
    if (this.#opaque || this.#multiparts === 0) {
      this.#takeText(held.length)
      return false
    }
    for (let at = 0; ; ) {
      const dash = held.indexOf(DASH, at)
      if (dash < 0) {
        this.#takeText(last ? held.length : beforeLineEnd(held, held.length))
        return false
      }
      at = dash + 1
      if (dash === 0 ? !this.#atLineStart : held[dash - 1] !== LF) {
        while (held[at] === DASH) at++
        continue
      }
      const lf = held.indexOf(LF, dash)
      if (lf < 0 && !last && this.#mayBeDelimiter(held, dash)) {
        this.#takeText(beforeLineEnd(held, dash))
        return false
      }
      const end = lf < 0 ? held.length : lf + 1
      const delimiter = this.#matchDelimiter(held, dash, end)
      if (delimiter !== undefined) return this.#passDelimiter(delimiter, held, beforeLineEnd(held, dash), end)
      const defect = this.#almostDelimiter(held, dash, end)
      if (defect !== undefined) {
        this.#takeText(dash)
        this.#addDefect(defect, this.#offset)
        this.#atLineStart = false // this line is judged
        return true
      }
      at = end
    }
  }

  #passDelimiter(delimiter: Delimiter, held: Uint8Array, start: number, end: number): boolean {
    if (!delimiter.closes && this.#parts >= this.#limits.parts) {
      this.#takeText(start)
      this.#addDefect('too-many-parts', this.#offset)
      this.#opaque = true
      return true
    }
    this.#takeText(start)
    this.#endParts(delimiter.part + 1)
    const { path, childType, children } = this.#top()
    const { closes } = delimiter
    // RFC 2046 §5.1.1: the line end before a delimiter is the delimiter's.
    const lineEnd = closes && this.#isWithinMultipart() ? beforeLineEnd(held, end) : end
    this.#takeBoundary(lineEnd - start, closes)
    this.#closeLineEnd = end - lineEnd
    this.#atLineStart = lineEnd === end
    if (closes) {
      this.#top().closed = true
      this.#state = 'epilogue'
    } else {
      this.#top().children++
      this.#startPart([...path, children], childType)
    }
    return true
  }

  #takeText(octets: number): void {
    if (octets === 0 || this.#state === 'header') return
    if (this.#closeLineEnd > 0) {
      const lineEnd = this.#closeLineEnd
      this.#closeLineEnd = 0
      this.#takeBoundary(lineEnd, true)
      return this.#takeText(octets - lineEnd)
    }
    const { path } = this.#top()
    const offset = this.#offset
    this.#emit({ kind: this.#state, path, offset, octets: this.#take(octets) })
    this.#atLineStart = false // what is held now begins with a line end, or within a line
  }

  #takeBoundary(octets: number, closes: boolean): void {
    const { path } = this.#top()
    const offset = this.#offset
    this.#emit({ kind: 'boundary', path, offset, octets: this.#take(octets), closes })
  }

  /** Whether the innermost part is within a multipart that is not closed. */
  #isWithinMultipart(): boolean {
    for (let part = this.#open.length - 2; part >= 0; part--) {
      const { boundary, closed } = this.#open[part] as OpenPart // as: part < length
      if (boundary !== undefined && !closed) return true
    }
    return false
  }

  #take(octets: number): Uint8Array {
    this.#offset += octets
    return this.#held.take(octets)
  }

  #startPart(path: PartPath, defaultType: DefaultType): void {
    this.#parts++
    this.#open.push({ path, defaultType, boundary: undefined, childType: 'text/plain', children: 0, closed: false })
    this.#emit({ kind: 'part-start', path, offset: this.#offset, defaultType })
    this.#state = 'header'
    this.#lineStart = 0
    this.#searched = 0
  }

  /** Ends open parts, the innermost first, until `left` are left. */
  #endParts(left: number): void {
    while (this.#open.length > left) {
      const part = this.#top()
      if (part.boundary !== undefined) {
        this.#multiparts--
        if (!part.closed) this.#addDefect('missing-close-delimiter', this.#offset)
      }
      this.#emit({ kind: 'part-end', path: part.path, offset: this.#offset })
      this.#open.pop()
    }
  }

  #top(): OpenPart {
    const part = this.#open.at(-1)
    if (part === undefined) throw new Error('Cannot read on: the message has ended')
    return part
  }

  /** Whether the line that begins at `start`, whose end is not held, may turn out to be a delimiter. */
  #mayBeDelimiter(held: Uint8Array, start: number): boolean {
    if (this.#multiparts === 0 || held.length - start > this.#limits.delimiterLineOctets) return false
    return (held[start] ?? DASH) === DASH && (held[start + 1] ?? DASH) === DASH
  }

  /** The innermost open multipart of which the line is a delimiter. RFC 2046 §5.1.2: outer delimiters count inside, too */
  #matchDelimiter(held: Uint8Array, start: number, lineEnd: number): Delimiter | undefined {
    if (!this.#isDashed(held, start, lineEnd)) return undefined
    const end = beforePadding(held, beforeLineEnd(held, lineEnd))
    for (let part = this.#open.length - 1; part >= 0; part--) {
      const { boundary, closed } = this.#open[part] as OpenPart // as: part < length
      if (boundary === undefined || closed) continue
      const rest = end - start - 2 - boundary.length
      if (rest !== 0 && (rest !== 2 || held[end - 1] !== DASH || held[end - 2] !== DASH)) continue
      if (standsAt(held, start + 2, boundary)) return { part, closes: rest === 2 }
    }
    return undefined
  }

  /** What to note of a line that is text, though a lax reader may take it for a delimiter. */
  #almostDelimiter(held: Uint8Array, start: number, lineEnd: number): PartDefectKind | undefined {
    if (this.#defects > this.#limits.defects || !this.#isDashed(held, start, lineEnd)) return undefined
    const end = beforePadding(held, beforeLineEnd(held, lineEnd))
    for (let part = this.#open.length - 1; part >= 0; part--) {
      const { boundary, closed } = this.#open[part] as OpenPart // as: part < length
      if (boundary === undefined || end < start + 2 + boundary.length) continue
      if (!standsAt(held, start + 2, boundary)) continue
      const rest = end - start - 2 - boundary.length
      const exact = rest === 0 || (rest === 2 && held[end - 1] === DASH && held[end - 2] === DASH)
      return closed && exact ? 'delimiter-after-close' : 'text-after-boundary'
    }
    return undefined
  }

  #isDashed(held: Uint8Array, start: number, lineEnd: number): boolean {
    if (this.#multiparts === 0 || lineEnd - start > this.#limits.delimiterLineOctets) return false
    return held[start] === DASH && held[start + 1] === DASH
  }

  #addDefect(defect: PartDefectKind, offset: number): void {
    if (this.#defects > this.#limits.defects) return
    const kept = this.#defects++ < this.#limits.defects ? defect : 'too-many-defects'
    this.#emit({ kind: 'defect', path: this.#top().path, offset, defect: kept })
  }
}

type OpenPart = {
  readonly path: PartPath
  readonly defaultType: DefaultType
  /** Only of a multipart. */
  boundary: Uint8Array | undefined
  childType: DefaultType
  children: number
  /** Its close delimiter was seen. */
  closed: boolean
}
/** `part` counts the open parts from the outermost. */
type Delimiter = { readonly part: number; readonly closes: boolean }

function beforeLineEnd(octets: Uint8Array, end: number): number {
  if (octets[end - 1] === LF) return octets[end - 2] === CR ? end - 2 : end - 1
  return octets[end - 1] === CR ? end - 1 : end
}

// transport-padding := *LWSP-char
function beforePadding(octets: Uint8Array, end: number): number {
  let at = end
  while (octets[at - 1] === SPACE || octets[at - 1] === TAB) at--
  return at
}

function standsAt(octets: Uint8Array, start: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (octets[start + i] !== wanted[i]) return false
  return true
}

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const DASH = 0x2d
const NONE = new Uint8Array(0)
const NO_HEADER: HeaderSection = { fields: [], defects: [], octets: NONE, emptyLine: NONE }
