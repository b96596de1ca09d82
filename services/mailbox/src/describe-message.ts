// What people see of a message in a list, read from its header as it passes.
// RFC 5322 §3.6.2 (From), §3.6.5 (Subject); RFC 2047 §5 (encoded words: of Subject alone, so that no name in From passes for its address)

import { decodeUnstructured, fieldsNamed, HeaderReader, type HeaderSection } from '@scop/mime'

export type Described = { readonly from: string; readonly subject: string }

/** Passes octets on unchanged, and knows what their header says when they have passed. */
export class DescribedMessage {
  readonly octets: AsyncIterable<Uint8Array>
  readonly #reader = new HeaderReader()
  #found: Described | undefined

  constructor(octets: AsyncIterable<Uint8Array>) {
    this.octets = this.#watch(octets)
  }

  /** After the last octet. Empty texts where there is no such field, or a header beyond the limits. */
  described(): Described {
    return this.#found ?? UNKNOWN
  }

  async *#watch(octets: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of octets) {
      if (this.#found === undefined) this.#feed(chunk)
      yield chunk
    }
    if (this.#found !== undefined) return
    const ended = this.#reader.finish()
    this.#found = ended.ok ? describe(ended.value.header) : UNKNOWN
  }

  #feed(chunk: Uint8Array): void {
    const read = this.#reader.feed(chunk)
    if (!read.ok) this.#found = UNKNOWN
    else if (read.value.kind === 'header') this.#found = describe(read.value.header)
  }
}

function describe(header: HeaderSection): Described {
  return { from: visible(valueOf(header, 'From')), subject: visible(decodeUnstructured(valueOf(header, 'Subject'))) }
}

function valueOf(header: HeaderSection, name: string): string {
  const field = fieldsNamed(header, name)[0]
  return field === undefined ? '' : field.text
}

const visible = (text: string): string => text.replace(UNSEEN, ' ').trim().slice(0, TEXT_LENGTH)

const UNKNOWN: Described = { from: '', subject: '' }
const TEXT_LENGTH = 500 // UTF-16 units
const UNSEEN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu // controls, and what turns the direction of a line
