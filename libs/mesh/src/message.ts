// Messages: one head, any number of octets, one tail, nothing after. Octets in any cut, events out.
// A stream that ends before its tail is an aborted message, never a whole one.

import { decodeUtf8 } from '@scop/octets'
import { FRAME_HEADER_OCTETS, type FrameKind, frameKind } from './frame.ts'

export type MessageLimits = {
  readonly headOctets: number
  readonly tailOctets: number
  readonly frameOctets: number
  readonly messageOctets: number
}

export type MessageError = {
  /** `cut`: ended before its tail. */
  readonly kind: 'bad-frame' | 'out-of-order' | 'not-json' | 'too-large' | 'cut'
  readonly reason: string
}

export type MessageEvent =
  | { readonly kind: 'head'; readonly value: unknown }
  /** A piece of the body; shares memory with the chunk that it came in. */
  | { readonly kind: 'octets'; readonly octets: Uint8Array }
  | { readonly kind: 'tail'; readonly value: unknown }
  /** In place of a whole message; nothing follows. */
  | { readonly kind: 'refusal'; readonly value: unknown }
  /** Always the last event. */
  | { readonly kind: 'broken'; readonly error: MessageError }

type State = 'before-head' | 'body' | 'whole' | 'broken'

/** Reads one message. `mayRefuse`: it is an answer, so a refusal may stand in its place. */
export class MessageReader {
  readonly #limits: MessageLimits
  readonly #mayRefuse: boolean
  #state: State = 'before-head'
  readonly #header = new Uint8Array(FRAME_HEADER_OCTETS)
  #headerOctets = 0
  #kind: FrameKind = 'head'
  #missing = 0
  #payload: Uint8Array = EMPTY
  #payloadOctets = 0
  #bodyOctets = 0

  constructor(limits: MessageLimits, mayRefuse: boolean) {
    this.#limits = limits
    this.#mayRefuse = mayRefuse
  }

  /** What `chunk` brings. After `broken`, and after the end, nothing more is read. */
  read(chunk: Uint8Array): readonly MessageEvent[] {
    const events: MessageEvent[] = []
    let at = 0
    while (at < chunk.length && this.#state !== 'broken') {
      if (this.#headerOctets < FRAME_HEADER_OCTETS) {
        this.#header[this.#headerOctets++] = chunk[at++] as number // as: at < length
        if (this.#headerOctets < FRAME_HEADER_OCTETS) continue
        this.#open(events)
      } else {
        const end = Math.min(at + this.#missing, chunk.length)
        this.#take(chunk.subarray(at, end), events)
        at = end
      }
      if (this.#headerOctets === FRAME_HEADER_OCTETS && this.#missing === 0) this.#close(events)
    }
    return events
  }

  /** The stream has ended: `undefined` if the message is whole. */
  end(): MessageError | undefined {
    if (this.#state === 'whole' && this.#headerOctets === 0) return undefined
    return { kind: 'cut', reason: 'ended before its tail' }
  }

  #open(events: MessageEvent[]): void {
    const [code = 0, a = 0, b = 0, c = 0, d = 0] = this.#header
    const kind = frameKind(code)
    const length = a * 0x1000000 + (b << 16) + (c << 8) + d
    if (kind === undefined) return this.#break(events, 'bad-frame', `no kind ${code}`)
    if (!this.#inOrder(kind)) return this.#break(events, 'out-of-order', `${kind} ${this.#state}`)
    if (length > this.#longest(kind)) return this.#break(events, 'too-large', `${kind} of ${length} octets`)
    this.#kind = kind
    this.#missing = length
    if (kind === 'octets') {
      this.#bodyOctets += length
      if (this.#bodyOctets > this.#limits.messageOctets) {
        this.#break(events, 'too-large', `body above ${this.#limits.messageOctets} octets`)
      }
    } else {
      this.#payload = EMPTY
      this.#payloadOctets = 0
    }
  }

  #take(piece: Uint8Array, events: MessageEvent[]): void {
    this.#missing -= piece.length
    if (this.#kind === 'octets') {
      events.push({ kind: 'octets', octets: piece })
    } else if (this.#payloadOctets === 0 && this.#missing === 0) {
      this.#payload = piece
      this.#payloadOctets = piece.length
    } else {
      // Room is made for what has come, not for what the header promises.
      if (this.#payloadOctets + piece.length > this.#payload.length) {
        const wanted = Math.min(
          2 * (this.#payloadOctets + piece.length),
          this.#payloadOctets + piece.length + this.#missing,
        )
        const grown = new Uint8Array(wanted)
        grown.set(this.#payload.subarray(0, this.#payloadOctets))
        this.#payload = grown
      }
      this.#payload.set(piece, this.#payloadOctets)
      this.#payloadOctets += piece.length
    }
  }

  #close(events: MessageEvent[]): void {
    this.#headerOctets = 0
    if (this.#kind === 'octets' || this.#state === 'broken') return
    const text = decodeUtf8(this.#payload.subarray(0, this.#payloadOctets))
    this.#payload = EMPTY
    if (!text.ok) return this.#break(events, 'not-json', `${this.#kind}: not UTF-8`)
    let value: unknown
    try {
      value = JSON.parse(text.value)
    } catch {
      return this.#break(events, 'not-json', `${this.#kind}: not JSON`)
    }
    this.#state = this.#kind === 'head' ? 'body' : 'whole'
    events.push({ kind: this.#kind, value })
  }

  #inOrder(kind: FrameKind): boolean {
    if (this.#state === 'before-head') return kind === 'head' || (kind === 'refusal' && this.#mayRefuse)
    return this.#state === 'body' && (kind === 'octets' || kind === 'tail')
  }

  #longest(kind: FrameKind): number {
    if (kind === 'octets') return this.#limits.frameOctets
    return kind === 'head' ? this.#limits.headOctets : this.#limits.tailOctets
  }

  #break(events: MessageEvent[], kind: MessageError['kind'], reason: string): void {
    this.#state = 'broken'
    events.push({ kind: 'broken', error: { kind, reason } })
  }
}

const EMPTY = new Uint8Array(0)
