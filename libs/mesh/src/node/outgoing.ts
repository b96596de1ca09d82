// A message that goes out on a stream: small ones in one write; large ones no faster than the peer reads.
// The tail is asked for when the last octet has gone.

import type { Http2Stream } from 'node:http2'
import { FRAME_HEADER_OCTETS, type FrameKind, writeFrameHeader } from '../frame.ts'
import type { PipeLimits } from '../limits.ts'
import type { PipeError } from '../pipe-error.ts'

export type OutgoingMessage = {
  readonly head: unknown
  readonly octets: AsyncIterable<Uint8Array> | undefined
  readonly tail: (() => unknown) | undefined
}

/** Our own source failed: its octets or its tail could not be had. */
export class SourceFailed extends Error {}

/**
 * Sends the message and ends the stream. `undefined`: it has been given to the stream, whole. If the stream
 * closes first, sending stops (the reader of the stream says why). Throws `SourceFailed`.
 */
export function sendMessage(
  stream: Http2Stream,
  message: OutgoingMessage,
  limits: PipeLimits,
): PipeError | undefined | Promise<PipeError | undefined> {
  const head = JSON.stringify(message.head)
  const headOctets = Buffer.byteLength(head)
  if (headOctets > limits.headOctets) return { kind: 'too-large', reason: `head of ${headOctets} octets` }
  if (message.octets !== undefined || message.tail !== undefined) return sendLong(stream, head, message, limits)
  const out = Buffer.allocUnsafe(2 * FRAME_HEADER_OCTETS + headOctets + NULL.length)
  const end = putText(out, 0, 'head', head, headOctets)
  putText(out, end, 'tail', NULL, NULL.length)
  stream.end(out)
  return undefined
}

/** Ends the stream with a refusal in place of a message. */
export function sendRefusal(stream: Http2Stream, refusal: unknown): void {
  const text = JSON.stringify(refusal)
  const octets = Buffer.byteLength(text)
  const out = Buffer.allocUnsafe(FRAME_HEADER_OCTETS + octets)
  putText(out, 0, 'refusal', text, octets)
  stream.end(out)
}

async function sendLong(
  stream: Http2Stream,
  head: string,
  { octets, tail }: OutgoingMessage,
  limits: PipeLimits,
): Promise<PipeError | undefined> {
  const out = new Staging(stream)
  out.text('head', head)
  let sent = 0
  if (octets !== undefined) {
    const source = octets[Symbol.asyncIterator]()
    for (;;) {
      const next = await fromSource(() => source.next())
      if (next.done === true) break
      sent += next.value.length
      const open = isOpen(stream)
      if (open && sent <= limits.messageOctets) {
        for (let at = 0; at < next.value.length; at += limits.frameOctets) {
          const ready = out.octets(next.value.subarray(at, at + limits.frameOctets))
          if (ready !== undefined) await ready
        }
        continue
      }
      await fromSource(() => source.return?.())
      return open ? { kind: 'too-large', reason: `body above ${limits.messageOctets} octets` } : undefined
    }
  }
  const text = tail === undefined ? NULL : (JSON.stringify(await fromSource(tail)) ?? NULL)
  if (Buffer.byteLength(text) > limits.tailOctets) {
    return { kind: 'too-large', reason: `tail of ${Buffer.byteLength(text)} octets` }
  }
  if (isOpen(stream)) out.end(text)
  return undefined
}

async function fromSource<T>(ask: () => T | Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    throw new SourceFailed(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

const isOpen = (stream: Http2Stream): boolean => !stream.closed && !stream.destroyed && !stream.writableEnded

/** Frames gathered until a write is worth it. Copies, so that a source may use its buffer again. */
class Staging {
  readonly #stream: Http2Stream
  #held: Buffer = Buffer.allocUnsafe(FIRST_OCTETS)
  #end = 0

  constructor(stream: Http2Stream) {
    this.#stream = stream
  }

  text(kind: FrameKind, text: string): void {
    const octets = Buffer.byteLength(text)
    this.#room(FRAME_HEADER_OCTETS + octets)
    this.#end = putText(this.#held, this.#end, kind, text, octets)
  }

  /** A promise when the stream wants us to wait. */
  octets(payload: Uint8Array): Promise<void> | undefined {
    this.#room(FRAME_HEADER_OCTETS + payload.length)
    writeFrameHeader(this.#held, this.#end, 'octets', payload.length)
    this.#held.set(payload, this.#end + FRAME_HEADER_OCTETS)
    this.#end += FRAME_HEADER_OCTETS + payload.length
    return this.#end >= WRITE_OCTETS ? this.#write() : undefined
  }

  end(tail: string): void {
    this.text('tail', tail)
    this.#stream.end(this.#held.subarray(0, this.#end))
  }

  #room(octets: number): void {
    const needed = this.#end + octets
    if (needed <= this.#held.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, LARGEST_OCTETS))
    grown.set(this.#held.subarray(0, this.#end))
    this.#held = grown
  }

  #write(): Promise<void> | undefined {
    const full = this.#held.subarray(0, this.#end)
    this.#held = Buffer.allocUnsafe(FIRST_OCTETS)
    this.#end = 0
    return this.#stream.write(full) || this.#stream.destroyed ? undefined : drained(this.#stream)
  }
}

function drained(stream: Http2Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done)
      stream.off('close', done)
      resolve()
    }
    stream.on('drain', done)
    stream.on('close', done)
  })
}

function putText(into: Buffer, at: number, kind: FrameKind, text: string, octets: number): number {
  writeFrameHeader(into, at, kind, octets)
  into.write(text, at + FRAME_HEADER_OCTETS)
  return at + FRAME_HEADER_OCTETS + octets
}

const NULL = 'null'
const FIRST_OCTETS = 8 * 1024
const WRITE_OCTETS = 32 * 1024 // what is worth a write of its own
const LARGEST_OCTETS = 64 * 1024
