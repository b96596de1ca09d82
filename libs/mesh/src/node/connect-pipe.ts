// The calling side of a pipe: one long-lived connection, every call one stream of it.
// A connection that ends fails its open calls; the next call opens a new one, after a pause that grows.

import { constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { err, ok, type Result } from '@scop/result'
import { DEFAULT_PIPE_LIMITS, type PipeLimits } from '../limits.ts'
import type { PipeError } from '../pipe-error.ts'
import { createConnector } from './connector.ts'
import { cancel, Incoming } from './incoming.ts'
import { sendMessage } from './outgoing.ts'
import type { Identity, PipeAddress } from './pipe-tls.ts'

export type CallOptions = {
  readonly request: unknown
  /** 1 to 64 printable ASCII characters: the same for every hop of one message. */
  readonly trace: string
  readonly octets?: AsyncIterable<Uint8Array>
  /** Asked for when the last octet has been given to the connection. */
  readonly tail?: () => unknown
  readonly signal?: AbortSignal
  /** Until the answer's head and first octets are here, connecting included. */
  readonly timeoutMs?: number
}

/** `octets` ends only when the answer is whole, and throws `PipeAborted` when it was cut. Read them, or leave the loop. */
export type PipeAnswer = { readonly response: unknown; readonly octets: AsyncIterable<Uint8Array> }

export type PipeFacts = {
  readonly tls: string
  readonly cipher: string
  /** The SPIFFE name in the peer's certificate. */
  readonly peer: string
  /** Milliseconds since 1970. */
  readonly since: number
}

export type PipeEvent =
  | { readonly kind: 'connected'; readonly facts: PipeFacts }
  | { readonly kind: 'cannot-connect'; readonly error: PipeError; readonly againInMs: number }
  | { readonly kind: 'disconnected' }

export type ConnectOptions = {
  readonly bottle: string
  /** Read again for each new connection. */
  readonly identity: () => Identity
  /** The callee's; its certificate must say so. */
  readonly role: string
  readonly to: PipeAddress
  readonly limits?: Partial<PipeLimits>
  readonly onEvent?: (event: PipeEvent) => void
}

export type Pipe = {
  /**
   * One call. Not repeated, with one exception: where the server says that it never looked at a stream
   * (REFUSED_STREAM, RFC 9113 §8.7) and none of its octets were asked for, it is sent once more.
   */
  call(operation: string, options: CallOptions): Promise<Result<PipeAnswer, PipeError>>
  /** Of the open connection. */
  facts(): PipeFacts | undefined
  /** Waits for open calls (at most `drainMs`), closes. */
  close(): Promise<void>
}

/** Connects at the first call. */
export function connectPipe(options: ConnectOptions): Pipe {
  const limits: PipeLimits = { ...DEFAULT_PIPE_LIMITS, ...options.limits }
  const connector = createConnector(options, limits)
  const call = async (
    operation: string,
    asked: CallOptions,
    again: boolean,
  ): Promise<Result<PipeAnswer, PipeError>> => {
    const deadline = performance.now() + (asked.timeoutMs ?? limits.callMs)
    const connected = connector.session ?? (await connector.connect(deadline, asked.signal))
    if ('kind' in connected) return err(connected)
    const outcome = await callOn(connected, operation, asked, limits, deadline)
    if (outcome !== NEVER_TAKEN) return outcome
    if (again || asked.octets !== undefined) return err({ kind: 'aborted', reason: 'the stream was not taken' })
    return call(operation, { ...asked, timeoutMs: deadline - performance.now() }, true)
  }
  return {
    call: (operation, asked) => call(operation, asked, false),
    facts: () => connector.facts(),
    close: () => connector.close(),
  }
}

const NEVER_TAKEN = Symbol('never taken')

function callOn(
  session: ClientHttp2Session,
  operation: string,
  { request, trace, octets, tail, signal }: CallOptions,
  limits: PipeLimits,
  deadline: number,
): Promise<Result<PipeAnswer, PipeError> | typeof NEVER_TAKEN> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve(err({ kind: 'aborted', reason: 'by the caller' }))
    let stream: ClientHttp2Stream
    try {
      stream = session.request({ ':method': 'POST', ':path': `/${operation}` }, { endStream: false })
    } catch {
      return resolve(NEVER_TAKEN) // the session has just been closed
    }
    let settled = false
    let status = 0
    const settle = (outcome: Result<PipeAnswer, PipeError> | typeof NEVER_TAKEN): void => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      resolve(outcome)
    }
    const end = (error: PipeError): void => {
      incoming.fail(error)
      cancel(stream)
    }
    const timer = setTimeout(
      () => end({ kind: 'timeout', reason: `no answer to ${operation} in time` }),
      Math.max(deadline - performance.now(), 0),
    )
    const incoming = new Incoming(stream, limits, true, {
      started: (head) => {
        const response = typeof head === 'object' && head !== null && 'response' in head ? head.response : undefined
        stream.setTimeout(limits.idleMs, () => end({ kind: 'timeout', reason: `nothing came for ${limits.idleMs} ms` }))
        settle(ok({ response, octets: incoming }))
      },
      refused: (value) => {
        settle(err(refusalError(status, value)))
        // What is still to be sent has no reader; its source may never say more, and the stream must not wait for it.
        if (!stream.writableEnded) cancel(stream)
      },
      failed: (error) => {
        if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) settle(NEVER_TAKEN)
        else settle(err(error))
        cancel(stream)
      },
      whole: () => undefined,
      left: () => cancel(stream),
    })
    stream.on('response', (headers) => {
      status = headers[':status'] ?? 0
    })
    stream.on('error', () => undefined) // the reader reports how the stream ended
    if (signal !== undefined) {
      const abort = (): void => end({ kind: 'aborted', reason: 'by the caller' })
      signal.addEventListener('abort', abort, { once: true })
      stream.once('close', () => signal.removeEventListener('abort', abort))
    }
    const sent = sendMessage(stream, { head: { trace, request }, octets, tail }, limits)
    if (sent instanceof Promise) {
      sent.then(
        (error) => error && end(error),
        (error: unknown) => end({ kind: 'aborted', reason: error instanceof Error ? error.message : String(error) }),
      )
    } else if (sent !== undefined) end(sent)
  })
}

function refusalError(status: number, value: unknown): PipeError {
  const text = (key: 'kind' | 'message'): string => {
    // as: an object with unknown members; each is looked at before it is used
    const member = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
    return typeof member === 'string' ? member : ''
  }
  const reason = text('message')
  if (status === constants.HTTP_STATUS_FORBIDDEN) return { kind: 'refused', reason }
  if (status === constants.HTTP_STATUS_PAYLOAD_TOO_LARGE) return { kind: 'too-large', reason }
  if (status === constants.HTTP_STATUS_OK) return { kind: 'failed', failure: text('kind'), reason }
  return { kind: 'aborted', reason }
}
