// A message that comes in on a stream: its start is told once, its octets are read at the reader's pace.
// What is not asked for stays in the stream's window, so a slow reader stops its sender.   RFC 9113 §5.2

import { constants, type Http2Stream } from 'node:http2'
import { type MessageLimits, MessageReader } from '../message.ts'
import { PipeAborted, type PipeError } from '../pipe-error.ts'

export type IncomingEvents = {
  /** Once: the head, when a first octet or the whole message has come too. */
  started(head: unknown): void
  refused(value: unknown): void
  /** Once, if the message will never be whole; before or after `started`. */
  failed(error: PipeError): void
  whole(): void
  /** The reader has left before the end. */
  left(): void
}

export class Incoming implements AsyncIterator<Uint8Array, undefined>, AsyncIterable<Uint8Array> {
  readonly #stream: Http2Stream
  readonly #reader: MessageReader
  readonly #events: IncomingEvents
  #head: unknown
  #started = false
  #state: 'open' | 'whole' | 'failed' = 'open'
  #error: PipeError | undefined
  #tail: unknown
  #queue: Uint8Array[] = []
  #taken = 0
  #queuedOctets = 0
  #iterating = false
  #waiting: PromiseWithResolvers<IteratorResult<Uint8Array, undefined>> | undefined
  #tailWaiting: PromiseWithResolvers<unknown> | undefined

  constructor(stream: Http2Stream, limits: MessageLimits, mayRefuse: boolean, events: IncomingEvents) {
    this.#stream = stream
    this.#events = events
    this.#reader = new MessageReader(limits, mayRefuse)
    stream.on('data', (chunk: Buffer) => this.#read(chunk))
    stream.on('end', () => this.#end())
    stream.on('close', () => this.fail({ kind: 'aborted', reason: 'the stream was cut' }))
  }

  get isWhole(): boolean {
    return this.#state === 'whole'
  }

  [Symbol.asyncIterator](): this {
    this.#iterating = true
    return this
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#taken < this.#queue.length) {
      const value = this.#queue[this.#taken++] as Uint8Array // as: taken < length
      this.#queuedOctets -= value.length
      if (this.#taken === this.#queue.length) {
        this.#queue = []
        this.#taken = 0
      }
      return Promise.resolve({ value, done: false })
    }
    if (this.#state === 'failed') return Promise.reject(new PipeAborted(this.#error ?? CUT))
    if (this.#state === 'whole') return Promise.resolve({ value: undefined, done: true })
    this.#waiting ??= Promise.withResolvers()
    if (this.#stream.isPaused()) this.#stream.resume()
    return this.#waiting.promise
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#empty()
    this.#iterating = false
    if (this.#state === 'open') this.#events.left()
    return Promise.resolve({ value: undefined, done: true })
  }

  /** The tail, when the message is whole. Octets that nobody has begun to read are passed over. */
  tail(): Promise<unknown> {
    if (this.#state === 'whole') return Promise.resolve(this.#tail)
    if (this.#state === 'failed') return Promise.reject(new PipeAborted(this.#error ?? CUT))
    this.#tailWaiting ??= Promise.withResolvers()
    if (!this.#iterating) this.#discard()
    return this.#tailWaiting.promise
  }

  fail(error: PipeError): void {
    if (this.#state !== 'open') return
    this.#state = 'failed'
    this.#error = error
    this.#waiting?.reject(new PipeAborted(error))
    this.#tailWaiting?.reject(new PipeAborted(error))
    this.#waiting = this.#tailWaiting = undefined
    this.#events.failed(error)
  }

  #read(chunk: Uint8Array): void {
    for (const event of this.#reader.read(chunk)) {
      if (this.#state !== 'open') return
      if (event.kind === 'octets') this.#octets(event.octets)
      else if (event.kind === 'head') this.#head = event.value
      else if (event.kind === 'tail') this.#tail = event.value
      else if (event.kind === 'refusal') this.#events.refused(event.value)
      else {
        const { kind, reason } = event.error
        this.fail({ kind: kind === 'too-large' ? 'too-large' : 'aborted', reason: `${kind}: ${reason}` })
      }
    }
    if (this.#queuedOctets >= QUEUE_OCTETS) this.#stream.pause()
  }

  #octets(octets: Uint8Array): void {
    this.#start()
    if (this.#tailWaiting !== undefined && !this.#iterating) return
    const waiting = this.#waiting
    if (waiting === undefined) {
      this.#queue.push(octets)
      this.#queuedOctets += octets.length
    } else {
      this.#waiting = undefined
      waiting.resolve({ value: octets, done: false })
    }
  }

  #end(): void {
    const cut = this.#reader.end()
    if (cut !== undefined) return this.fail({ kind: 'aborted', reason: `${cut.kind}: ${cut.reason}` })
    if (this.#state !== 'open') return
    this.#state = 'whole'
    this.#events.whole()
    this.#start()
    this.#waiting?.resolve({ value: undefined, done: true })
    this.#tailWaiting?.resolve(this.#tail)
    this.#waiting = this.#tailWaiting = undefined
  }

  #start(): void {
    if (this.#started) return
    this.#started = true
    this.#events.started(this.#head)
  }

  #discard(): void {
    this.#empty()
    this.#stream.resume()
  }

  #empty(): void {
    this.#queue = []
    this.#taken = this.#queuedOctets = 0
  }
}

/** Ends our reading of a stream, and tells the peer to stop. */
export function cancel(stream: Http2Stream, code: number = constants.NGHTTP2_CANCEL): void {
  if (!stream.closed && !stream.destroyed) stream.close(code)
  if (!stream.destroyed) stream.resume() // octets that lie in a paused stream would keep it open for ever
}

/** What is taken from the stream before anybody asks: a small message is whole at once. */
const QUEUE_OCTETS = 64 * 1024
const CUT: PipeError = { kind: 'aborted', reason: 'the stream was cut' }
