// The accepting side of a pipe: checks chain, bottle, role and operation, in this order, then calls the handler.
// What is not listed in `accepts` is refused with 403, reported, and its connection closed. RFC 9113

import { once } from 'node:events'
import { chmod } from 'node:fs/promises'
import { constants, createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Server as TlsServer, type TLSSocket } from 'node:tls'
import { DEFAULT_PIPE_LIMITS, type PipeLimits } from '../limits.ts'
import { type EdgeRefusal, PipeAborted, type PipeError, PipeRefusal } from '../pipe-error.ts'
import type { ServiceRole } from '../service-id.ts'
import { acceptConnection, type PipeConnection } from './accept-connection.ts'
import { cancel, Incoming } from './incoming.ts'
import { sendMessage, sendRefusal, SourceFailed } from './outgoing.ts'
import {
  formatAddress,
  type Identity,
  listenOptions,
  type PipeAddress,
  pipeTlsOptions,
  removeStaleSocket,
} from './pipe-tls.ts'

export type HandlerCall = {
  /** From the peer's certificate. */
  readonly peer: ServiceRole
  readonly trace: string
  readonly request: unknown
  /** The body; ends only when the message is whole, and throws `PipeAborted` when it was cut. */
  readonly octets: AsyncIterable<Uint8Array>
  /** After the octets (unread ones are passed over). Rejects with `PipeAborted` when the message was cut. */
  readonly tail: () => Promise<unknown>
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

export type HandlerAnswer = { readonly response: unknown; readonly octets?: AsyncIterable<Uint8Array> }

/**
 * Called when the head has come, and with it the first octets or the whole message. Throws `PipeRefusal` for the
 * caller to read; of any other throw the caller learns `internal` and nothing else.
 */
export type Handler = (call: HandlerCall) => Promise<HandlerAnswer>

/** Who may call, and what. */
export type AcceptedEdge = { readonly role: string; readonly operations: readonly string[] }

export type ServeOptions = {
  readonly bottle: string
  /** Read at the start and at each `renew`. */
  readonly identity: () => Identity
  readonly listen: PipeAddress
  readonly accepts: readonly AcceptedEdge[]
  readonly handle: Readonly<Record<string, Handler>>
  readonly limits?: Partial<PipeLimits>
  readonly onRefused?: (refusal: EdgeRefusal) => void
  /** A handler threw something that is not a `PipeRefusal`. */
  readonly onError?: (error: Error) => void
  /** Ends the server at once. */
  readonly signal?: AbortSignal
}

export type PipeServer = {
  /** Where it listens; a port 0 has become a real one. */
  readonly address: PipeAddress
  /** Calls that are open now. */
  readonly openCalls: number
  /** New connections use the identity as it is now; old ones take no new calls, finish theirs, and close. */
  renew(): void
  /** Takes no new calls, waits for the open ones (at most `drainMs`), closes. */
  drain(): Promise<void>
}

/** Listens; rejects when the address cannot be had. */
export async function servePipe(options: ServeOptions): Promise<PipeServer> {
  const limits: PipeLimits = { ...DEFAULT_PIPE_LIMITS, ...options.limits }
  const edges = new Map(options.accepts.map((edge) => [edge.role, new Set(edge.operations)]))
  const handlers = new Map(Object.entries(options.handle))
  for (const { operations } of options.accepts) {
    for (const operation of operations) {
      if (!handlers.has(operation)) throw new Error(`Cannot serve "${operation}": accepted, and nothing handles it`)
    }
  }
  const connections = new Set<PipeConnection>()
  const onRefused = options.onRefused ?? (() => undefined)
  const onError = options.onError ?? (() => undefined)
  let openCalls = 0
  let draining = false

  const tls = pipeTlsOptions(options.identity())
  const server = createSecureServer({
    ...tls,
    allowHTTP1: false,
    handshakeTimeout: limits.handshakeMs,
    maxSessionMemory: 8 + Math.ceil((2 * limits.concurrentStreams * limits.windowOctets) / 1e6),
    settings: {
      enablePush: false,
      initialWindowSize: limits.windowOctets,
      maxConcurrentStreams: limits.concurrentStreams,
      maxHeaderListSize: 4096,
    },
  })
  server.on('tlsClientError', (error: Error & { readonly reason?: string }, socket: TLSSocket) => {
    const why = socket.authorizationError ?? error.reason ?? error.message
    onRefused({
      peer: socket.remoteAddress,
      operation: undefined,
      reason: `handshake: ${String(why)}`,
    })
  })
  server.on('unknownProtocol', (socket: TLSSocket) => {
    onRefused({ peer: socket.remoteAddress, operation: undefined, reason: 'no h2 by ALPN' })
    socket.destroy()
  })
  server.maxConnections = limits.connections
  server.on('drop', () => {
    onRefused({ peer: undefined, operation: undefined, reason: `above ${limits.connections} connections` })
  })
  server.on('sessionError', () => undefined) // each stream of it reports its own end
  server.on('session', (session) => {
    const connection = acceptConnection(session, options.bottle, limits)
    connections.add(connection)
    session.once('close', () => connections.delete(connection))
    session.on('stream', (stream, headers) => {
      openCalls++
      stream.once('close', () => openCalls--)
      stream.on('error', () => undefined) // the reader of the stream reports its end
      serveCall(stream, connection, String(headers[':method']), String(headers[':path']))
    })
    if (draining) void connection.finish()
  })

  function serveCall(stream: ServerHttp2Stream, connection: PipeConnection, method: string, path: string): void {
    const operation = path.slice(1)
    const refuse = (reason: string): void => {
      onRefused({ peer: connection.peer, operation, reason })
      answerRefusal(stream, constants.HTTP_STATUS_FORBIDDEN, 'refused', reason)
      connection.close()
    }
    if (!connection.id.ok) return refuse(connection.id.error)
    const { role } = connection.id.value
    const operations = edges.get(role)
    const handler = handlers.get(operation)
    if (operations === undefined) return refuse(`${role} may not call here`)
    if (method !== 'POST' || handler === undefined || !operations.has(operation)) {
      return refuse(`${role} may not call "${operation.slice(0, 64)}"`)
    }
    takeCall(stream, role, handler, limits, onError)
  }

  await listen(server, options.listen)
  const closed = once(server, 'close')
  /** Takes no new connections; those that are open stay, which \`close\` of HTTP/2 would not let them. */
  const stopListening = (): void => void (server.listening && TlsServer.prototype.close.call(server))
  const end = (): void => {
    stopListening()
    for (const connection of connections) connection.destroy()
  }
  options.signal?.addEventListener('abort', end, { once: true })

  return {
    address: addressOf(server, options.listen),
    get openCalls() {
      return openCalls
    },
    renew: () => {
      server.setSecureContext(pipeTlsOptions(options.identity()))
      for (const connection of connections) void connection.finish()
    },
    drain: async () => {
      draining = true
      stopListening()
      const idle = Promise.all([...connections].map((connection) => connection.finish()))
      let timer: NodeJS.Timeout | undefined
      await Promise.race([idle, new Promise((resolve) => (timer = setTimeout(resolve, limits.drainMs)))])
      clearTimeout(timer)
      end()
      await closed
    },
  }
}

function takeCall(
  stream: ServerHttp2Stream,
  peer: ServiceRole,
  handler: Handler,
  limits: PipeLimits,
  onError: (error: Error) => void,
): void {
  let abort: AbortController | undefined
  let started = false
  const fail = (error: PipeError): void => {
    if (!stream.headersSent && !stream.destroyed && !stream.closed) {
      const tooLarge = error.kind === 'too-large'
      const status = tooLarge ? constants.HTTP_STATUS_PAYLOAD_TOO_LARGE : constants.HTTP_STATUS_BAD_REQUEST
      answerRefusal(stream, status, error.kind, error.reason)
    } else cancel(stream)
  }
  const incoming = new Incoming(stream, limits, false, {
    started: (head) => {
      started = true
      const call = readHead(head)
      if (call === undefined) return fail({ kind: 'aborted', reason: 'not the head of a call' })
      const options: HandlerCall = {
        peer,
        trace: call.trace,
        request: call.request,
        octets: incoming,
        tail: () => incoming.tail(),
        // Made when it is asked for: most handlers end before anybody could lose patience.
        get signal() {
          abort ??= new AbortController()
          if (stream.destroyed) abort.abort()
          return abort.signal
        },
      }
      void runHandler(stream, handler, options, incoming, limits, onError).then(() => {
        abort = undefined // nobody listens any more, and an abort is not cheap
      })
    },
    refused: () => undefined, // the reader takes no refusal from a caller
    failed: (error) => {
      if (!started || error.kind === 'too-large') fail(error)
      abort?.abort()
    },
    whole: () => stream.setTimeout(0),
    left: () => undefined, // the answer follows, and closes the stream
  })
  stream.setTimeout(limits.idleMs, () => {
    incoming.fail({ kind: 'timeout', reason: `nothing came for ${limits.idleMs} ms` })
    cancel(stream)
  })
  stream.once('close', () => abort?.abort())
}

async function runHandler(
  stream: ServerHttp2Stream,
  handler: Handler,
  call: HandlerCall,
  incoming: Incoming,
  limits: PipeLimits,
  onError: (error: Error) => void,
): Promise<void> {
  try {
    const answer = await handler(call)
    if (stream.destroyed || stream.closed || stream.headersSent) return
    stream.respond({ ':status': constants.HTTP_STATUS_OK })
    const head = { response: answer.response }
    const sent = sendMessage(stream, { head, octets: answer.octets, tail: undefined }, limits)
    const failed = sent instanceof Promise ? await sent : sent
    if (failed !== undefined) {
      onError(new Error(`Cannot answer: ${failed.kind}: ${failed.reason}`))
      return cancel(stream, constants.NGHTTP2_INTERNAL_ERROR)
    }
    endAfterAnswer(stream, incoming)
  } catch (error) {
    if (error instanceof PipeAborted && (stream.destroyed || stream.closed)) return
    if (!(error instanceof PipeRefusal) && !(error instanceof PipeAborted)) {
      onError(error instanceof Error ? error : new Error(String(error)))
    }
    if (stream.destroyed || stream.closed) return
    if (stream.headersSent || error instanceof SourceFailed) return cancel(stream, constants.NGHTTP2_INTERNAL_ERROR)
    stream.respond({ ':status': constants.HTTP_STATUS_OK })
    const known = error instanceof PipeRefusal
    sendRefusal(stream, known ? refusalOf(error.kind, error.message) : refusalOf('internal', 'internal error'))
    endAfterAnswer(stream, incoming)
  }
}

/** What the caller still sends is not wanted: tell it so, without calling it an error. RFC 9113 §8.1 */
function endAfterAnswer(stream: ServerHttp2Stream, incoming: Incoming | undefined): void {
  if (incoming?.isWhole) return
  incoming?.fail({ kind: 'aborted', reason: 'answered before its end' })
  const close = (): void => cancel(stream, constants.NGHTTP2_NO_ERROR)
  if (stream.writableFinished) close()
  else stream.once('finish', close)
}

function answerRefusal(stream: ServerHttp2Stream, status: number, kind: string, reason: string): void {
  stream.respond({ ':status': status })
  sendRefusal(stream, refusalOf(kind, reason))
  endAfterAnswer(stream, undefined)
}

const refusalOf = (kind: string, message: string): { kind: string; message: string } => ({
  kind: kind.slice(0, 64),
  message: message.slice(0, MAX_REASON),
})

function readHead(head: unknown): { trace: string; request: unknown } | undefined {
  if (typeof head !== 'object' || head === null || !('trace' in head)) return undefined
  const { trace } = head
  if (typeof trace !== 'string' || !TRACE.test(trace)) return undefined
  return { trace, request: 'request' in head ? head.request : undefined }
}

async function listen(server: Http2SecureServer, address: PipeAddress): Promise<void> {
  try {
    server.listen(listenOptions(address))
    await once(server, 'listening')
  } catch (error) {
    const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    if (!inUse || !('path' in address) || !(await removeStaleSocket(address.path))) {
      throw new Error(`Cannot listen on ${formatAddress(address)}`, { cause: error })
    }
    server.listen(listenOptions(address))
    await once(server, 'listening')
  }
  if ('path' in address) await chmod(address.path, 0o600)
}

function addressOf(server: Http2SecureServer, asked: PipeAddress): PipeAddress {
  if ('path' in asked) return asked
  return { host: asked.host, port: (server.address() as AddressInfo).port } // as: it listens on TCP
}

const TRACE = /^[\x21-\x7e]{0,64}$/
const MAX_REASON = 4096
