// The bodies of leaves as they pass, for what readers do not decode alike: base64 and quoted-printable that are not as they
// should be, and uuencoded blocks in text. Keeps nothing but what it found. RFC 2045 §6.7, §6.8

import type { Ambiguity, AmbiguityKind } from './ambiguity.ts'
import { Base64Decoder } from './base64-decoder.ts'
import { fieldsNamed, type HeaderSection } from './header-section.ts'
import { type MessageTree, walkParts } from './message-tree.ts'
import type { PartEvent, PartPath } from './part-event.ts'
import { QuotedPrintableDecoder } from './quoted-printable-decoder.ts'
import type { TransferDecoder, TransferDefect } from './transfer-defect.ts'
import { TRANSFER_LIMITS } from './transfer-defect.ts'
import { parseTransferEncoding } from './transfer-encoding.ts'
import { UuencodedBlockFinder } from './uuencoded-block-finder.ts'

/** Of a whole message. */
export function observeBodies(tree: MessageTree, message: Uint8Array): readonly Ambiguity[] {
  const found: Ambiguity[] = []
  for (const { content, header, type, path } of walkParts(tree.root)) {
    if (content.kind !== 'leaf') continue
    const body = new BodyObserver(header, type)
    body.push(message.subarray(content.body.start, content.body.end))
    found.push(...body.finish(path, content.body.start))
  }
  return found
}

/** Of a message that is read: sees its events. */
export class BodiesObserver {
  readonly found: Ambiguity[] = []
  #body: BodyObserver | undefined
  #start = 0

  add(event: PartEvent): void {
    if (event.kind === 'header') {
      this.#body = event.structure.kind === 'leaf' ? new BodyObserver(event.header, event.structure.type) : undefined
      this.#start = event.offset + event.header.octets.length
    } else if (event.kind === 'body') this.#body?.push(event.octets)
    else if (event.kind === 'part-end' && this.#body !== undefined) {
      this.found.push(...this.#body.finish(event.path, this.#start))
      this.#body = undefined
    }
  }
}

class BodyObserver {
  readonly #decoder: TransferDecoder | undefined
  readonly #blocks: UuencodedBlockFinder | undefined

  constructor(header: HeaderSection, type: string) {
    this.#decoder = decoderOf(header)
    this.#blocks = type === 'text/plain' ? new UuencodedBlockFinder() : undefined
  }

  push(octets: Uint8Array): void {
    const decoded = this.#decoder === undefined ? octets : this.#decoder.push(octets)
    this.#blocks?.push(decoded)
  }

  finish(path: PartPath, start: number): readonly Ambiguity[] {
    if (this.#decoder !== undefined) this.#blocks?.push(this.#decoder.end())
    const kinds = new Map<AmbiguityKind, number>()
    for (const defect of this.#decoder?.defects ?? []) {
      const kind = KINDS.get(defect.kind)
      if (kind !== undefined && !kinds.has(kind)) kinds.set(kind, start + defect.offset)
    }
    const block = this.#blocks?.finish()
    // Within decoded text there is no place in the message: it is that of the body.
    if (block !== undefined) kinds.set('uuencoded-block', this.#decoder === undefined ? start + block : start)
    return [...kinds].map(([kind, offset]) => ({ kind, path, offset }))
  }
}

function decoderOf(header: HeaderSection): TransferDecoder | undefined {
  const field = fieldsNamed(header, 'Content-Transfer-Encoding')[0]
  const parsed = field === undefined ? undefined : parseTransferEncoding(field.text)
  const known = parsed?.ok === true ? parsed.value.known : undefined
  if (known === 'base64') return new Base64Decoder(LIMITS)
  return known === 'quoted-printable' ? new QuotedPrintableDecoder(LIMITS) : undefined
}

/** The first of each kind is all that is asked for. */
const LIMITS = { ...TRANSFER_LIMITS, defects: 0 }
const KINDS: ReadonlyMap<TransferDefect['kind'], AmbiguityKind> = new Map([
  ['junk', 'body-junk'],
  ['stray-padding', 'body-stray-padding'],
  ['missing-padding', 'body-missing-padding'],
  ['incomplete-quad', 'body-incomplete-quad'],
  ['data-after-padding', 'body-data-after-padding'],
  ['broken-escape', 'body-broken-escape'],
])
