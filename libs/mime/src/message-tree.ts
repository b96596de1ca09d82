// The tree of a message: header sections and delimiter lines as seen, all other text as ranges of the original octets.
// `formatMessage` of the tree is the message, octet for octet, whatever the message. RFC 2046 §5.1, §5.2.1

import { concatOctets } from '@scop/octets'
import { Field } from './field.ts'
import type { HeaderSection } from './header-section.ts'
import { MessageReader } from './message-reader.ts'
import {
  type DefaultType,
  MESSAGE_LIMITS,
  type MessageLimits,
  type PartDefectKind,
  type PartEvent,
  type PartPath,
  type PartStructure,
} from './part-event.ts'

/** From the octet `start` of the original message up to `end`. */
export type OctetRange = { readonly start: number; readonly end: number }

/** A delimiter line, with the line end before it unless that ends a header or the line of a delimiter that does not close. */
export type DelimiterLine = { readonly offset: number; readonly octets: Uint8Array }

export type PartContent =
  | { readonly kind: 'leaf'; readonly body: OctetRange }
  | { readonly kind: 'message'; readonly message: Part }
  | {
      readonly kind: 'multipart'
      readonly boundary: Uint8Array
      readonly preamble: OctetRange
      readonly parts: readonly { readonly delimiter: DelimiterLine; readonly part: Part }[]
      /** Absent where the multipart was cut short, or closed by an outer one. */
      readonly close: DelimiterLine | undefined
      readonly epilogue: OctetRange
    }

export type Part = {
  readonly path: PartPath
  /** The whole part, header and body. */
  readonly range: OctetRange
  readonly defaultType: DefaultType
  /** Lower case; the default where none can be read. */
  readonly type: string
  readonly header: HeaderSection
  readonly content: PartContent
}

export type PartDefect = { readonly kind: PartDefectKind; readonly path: PartPath; readonly offset: number }

export type MessageTree = {
  readonly root: Part
  /** In order of offset. Those of the header sections are in them. */
  readonly defects: readonly PartDefect[]
  /** Of the whole message. */
  readonly octets: number
}

/** Reads a whole message. Headers and delimiters are shared with `message`, not copied. */
export function parseMessage(message: Uint8Array, limits: MessageLimits = MESSAGE_LIMITS): MessageTree {
  const builder = new TreeBuilder(false)
  const reader = new MessageReader(limits, (event) => builder.add(event))
  reader.feed(message)
  reader.finish()
  return builder.tree()
}

/** As `parseMessage`, for a message that comes in pieces: keeps headers and delimiters, and nothing else of it. */
export class MessageTreeReader {
  readonly #reader: MessageReader
  readonly #builder: TreeBuilder

  /** `observe` sees every event, too. */
  constructor(limits: MessageLimits = MESSAGE_LIMITS, observe?: (event: PartEvent) => void) {
    const builder = new TreeBuilder(true)
    this.#reader = new MessageReader(limits, (event) => {
      builder.add(event)
      observe?.(event)
    })
    this.#builder = builder
  }

  feed(chunk: Uint8Array): void {
    this.#reader.feed(chunk)
  }

  finish(): MessageTree {
    this.#reader.finish()
    return this.#builder.tree()
  }
}

/** The message again. `original` is what the tree was read from. */
export function formatMessage(tree: MessageTree, original: Uint8Array): Uint8Array {
  return concatOctets(
    messagePieces(tree).map((piece) =>
      piece instanceof Uint8Array ? piece : original.subarray(piece.start, piece.end),
    ),
  )
}

/** The message as octets and ranges of the original, in order: for writing it without holding it. */
export function messagePieces(tree: MessageTree): readonly (Uint8Array | OctetRange)[] {
  const pieces: (Uint8Array | OctetRange)[] = []
  pushPieces(tree.root, pieces)
  return pieces
}

/** The part at `path`, if there is one. */
export function partAt(tree: MessageTree, path: PartPath): Part | undefined {
  let part: Part | undefined = tree.root
  for (const place of path) {
    if (part === undefined) return undefined
    part = childrenOf(part)[place]
  }
  return part
}

/** The parts of a multipart, the one message of a message part, and none of a leaf. */
export function childrenOf(part: Part): readonly Part[] {
  if (part.content.kind === 'multipart') return part.content.parts.map((entry) => entry.part)
  return part.content.kind === 'message' ? [part.content.message] : []
}

/** The part and all parts in it, outer before inner, in order of offset. */
export function* walkParts(part: Part): Generator<Part> {
  yield part
  for (const child of childrenOf(part)) yield* walkParts(child)
}

/** What follows the header, up to the end of the part, still encoded. */
export function bodyRange(part: Part): OctetRange {
  if (part.content.kind === 'leaf') return part.content.body
  const start = part.content.kind === 'message' ? part.content.message.range.start : part.content.preamble.start
  return { start, end: part.range.end }
}

function pushPieces(part: Part, pieces: (Uint8Array | OctetRange)[]): void {
  const { header, content } = part
  pieces.push(header.octets)
  if (content.kind === 'leaf') pieces.push(content.body)
  else if (content.kind === 'message') pushPieces(content.message, pieces)
  else {
    pieces.push(content.preamble)
    for (const { delimiter, part: inner } of content.parts) {
      pieces.push(delimiter.octets)
      pushPieces(inner, pieces)
    }
    if (content.close !== undefined) pieces.push(content.close.octets)
    pieces.push(content.epilogue)
  }
}

/** A part whose end has not been seen. */
type OpenPart = {
  readonly path: PartPath
  readonly offset: number
  readonly defaultType: DefaultType
  header: HeaderSection | undefined
  structure: PartStructure | undefined
  bodyStart: number
  /** Where preamble or body ends, and where the epilogue begins. */
  textEnd: number
  epilogueStart: number | undefined
  readonly delimiters: DelimiterLine[]
  readonly children: Part[]
  close: DelimiterLine | undefined
}

class TreeBuilder {
  /** Whether headers and delimiters are copied, so that they do not hold the chunks they came in: by `new`, as `slice` of a Buffer copies nothing. */
  readonly #copies: boolean
  readonly #open: OpenPart[] = []
  readonly #defects: PartDefect[] = []
  #root: Part | undefined
  #octets = 0

  constructor(copies: boolean) {
    this.#copies = copies
  }

  tree(): MessageTree {
    if (this.#root === undefined) throw new Error('Cannot build the tree: the message has not ended')
    return { root: this.#root, defects: this.#defects, octets: this.#octets }
  }

  add(event: PartEvent): void {
    const part = this.#open.at(-1)
    if (event.kind === 'part-start') this.#open.push(opened(event.path, event.offset, event.defaultType))
    else if (event.kind === 'defect') {
      this.#defects.push({ kind: event.defect, path: event.path, offset: event.offset })
    } else if (event.kind === 'end') this.#octets = event.offset
    else if (part === undefined) throw new Error(`Cannot build the tree: ${event.kind} outside all parts`)
    else if (event.kind === 'header') {
      part.header = this.#keepHeader(event.header)
      part.structure = event.structure
      part.bodyStart = event.offset + event.header.octets.length
      part.textEnd = part.bodyStart
    } else if (event.kind === 'boundary') this.#addDelimiter(part, event.offset, event.octets, event.closes)
    else if (event.kind === 'part-end') this.#endPart(part, event.offset)
    else if (event.kind !== 'epilogue') part.textEnd = event.offset + event.octets.length
  }

  #addDelimiter(part: OpenPart, offset: number, octets: Uint8Array, closes: boolean): void {
    const line = { offset, octets: this.#copies ? new Uint8Array(octets) : octets }
    if (closes) {
      // Its line end comes behind it.
      const { close } = part
      part.close = close === undefined ? line : { ...close, octets: concatOctets([close.octets, line.octets]) }
      part.epilogueStart = offset + octets.length
    } else part.delimiters.push(line)
  }

  #keepHeader(header: HeaderSection): HeaderSection {
    return this.#copies ? copyHeader(header) : header
  }

  #endPart(open: OpenPart, offset: number): void {
    this.#open.pop()
    const part = closed(open, offset)
    const outer = this.#open.at(-1)
    if (outer === undefined) this.#root = part
    else outer.children.push(part)
  }
}

function copyHeader(header: HeaderSection): HeaderSection {
  const octets = new Uint8Array(header.octets)
  const copied = (offset: number, of: Uint8Array): Uint8Array => octets.subarray(offset, offset + of.length)
  return {
    fields: Field.over(octets, header.fields),
    defects: header.defects.map((defect) =>
      defect.kind === 'not-a-field' ? { ...defect, octets: copied(defect.offset, defect.octets) } : defect,
    ),
    octets,
    emptyLine: octets.subarray(octets.length - header.emptyLine.length),
  }
}

const opened = (path: PartPath, offset: number, defaultType: DefaultType): OpenPart => ({
  path,
  offset,
  defaultType,
  header: undefined,
  structure: undefined,
  bodyStart: offset,
  textEnd: offset,
  epilogueStart: undefined,
  delimiters: [],
  children: [],
  close: undefined,
})

function closed(open: OpenPart, end: number): Part {
  const { path, offset, defaultType, header, structure } = open
  if (header === undefined || structure === undefined) throw new Error('Cannot build the tree: a part without header')
  const range = { start: offset, end }
  return { path, range, defaultType, type: structure.type, header, content: contentOf(open, structure, end) }
}

function contentOf(open: OpenPart, structure: PartStructure, end: number): PartContent {
  const text = { start: open.bodyStart, end: open.textEnd }
  if (structure.kind === 'leaf') return { kind: 'leaf', body: text }
  if (structure.kind === 'message') {
    const [message] = open.children
    if (message === undefined) throw new Error('Cannot build the tree: a message part without message')
    return { kind: 'message', message }
  }
  const parts = open.children.map((part, place) => {
    const delimiter = open.delimiters[place]
    if (delimiter === undefined) throw new Error('Cannot build the tree: a part without delimiter')
    return { delimiter, part }
  })
  const epilogue = { start: open.epilogueStart ?? end, end }
  return { kind: 'multipart', boundary: structure.boundary, preamble: text, parts, close: open.close, epilogue }
}
