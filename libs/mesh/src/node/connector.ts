// The connection behind a pipe: made when a call wants it, made again after a growing pause, given up on gracefully.

import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { backOffMs, type PipeLimits } from '../limits.ts'
import type { PipeError } from '../pipe-error.ts'
import { formatServiceId } from '../service-id.ts'
import type { ConnectOptions, PipeFacts } from './connect-pipe.ts'
import { expectService, formatAddress, pipeTlsOptions, WrongService } from './pipe-tls.ts'

export type Connector = {
  /** The open connection, if it takes calls. */
  readonly session: ClientHttp2Session | undefined
  /** Waits for one, until `deadline` (of `performance.now`) and `connectWaitMs`. */
  connect(deadline: number, signal: AbortSignal | undefined): Promise<ClientHttp2Session | PipeError>
  facts(): PipeFacts | undefined
  close(): Promise<void>
}

type Waiter = (outcome: ClientHttp2Session | PipeError) => void

export function createConnector(options: ConnectOptions, limits: PipeLimits): Connector {
  const onEvent = options.onEvent ?? (() => undefined)
  const waiters = new Set<Waiter>()
  /** Every connection that has not closed: the one in use, and those that finish their calls. */
  const open = new Set<ClientHttp2Session>()
  let session: ClientHttp2Session | undefined
  let facts: PipeFacts | undefined
  let attempt = 0
  let lastError: PipeError | undefined
  let notBefore = 0
  let trying = false
  let closed = false
  let pause: NodeJS.Timeout | undefined

  const tell = (outcome: ClientHttp2Session | PipeError): void => {
    for (const waiter of waiters) waiter(outcome)
  }

  const retire = (gone: ClientHttp2Session): void => {
    if (session !== gone) return
    session = facts = undefined
    onEvent({ kind: 'disconnected' })
  }

  const tryNow = (): void => {
    pause = undefined
    void openSession(options, limits).then((outcome) => {
      trying = false
      if ('error' in outcome) {
        const againInMs = backOffMs(attempt++, Math.random(), limits)
        notBefore = performance.now() + againInMs
        onEvent({ kind: 'cannot-connect', error: outcome.error, againInMs })
        lastError = outcome.error
        if (outcome.final) tell(outcome.error)
        if (waiters.size > 0) start()
        return
      }
      const fresh = outcome.session
      if (closed || fresh.destroyed || fresh.closed) {
        if (closed) fresh.destroy()
        if (waiters.size > 0) start() // it was let go as soon as it was made
        return
      }
      attempt = 0
      lastError = undefined
      session = fresh
      facts = outcome.facts
      open.add(fresh)
      // The server asks us to move: calls that are open stay on the old connection, the next go over a new one.
      fresh.once('altsvc', () => {
        retire(fresh)
        fresh.close()
      })
      fresh.once('goaway', () => retire(fresh))
      fresh.once('close', () => {
        open.delete(fresh)
        retire(fresh)
      })
      onEvent({ kind: 'connected', facts: outcome.facts })
      tell(fresh)
    })
  }

  const start = (): void => {
    if (trying || closed) return
    trying = true
    const waitMs = notBefore - performance.now()
    if (waitMs <= 0) tryNow()
    else pause = setTimeout(tryNow, waitMs)
  }

  return {
    get session() {
      return session !== undefined && !session.closed && !session.destroyed ? session : undefined
    },
    facts: () => facts,
    connect: (deadline, signal) =>
      new Promise((resolve) => {
        const where = formatAddress(options.to)
        if (closed) return resolve({ kind: 'unreachable', reason: 'the pipe was closed' })
        if (signal?.aborted) return resolve({ kind: 'aborted', reason: 'by the caller' })
        const done = (outcome: ClientHttp2Session | PipeError): void => {
          waiters.delete(done)
          clearTimeout(timer)
          signal?.removeEventListener('abort', abort)
          if (waiters.size === 0 && pause !== undefined) {
            clearTimeout(pause) // nobody waits any more
            pause = undefined
            trying = false
          }
          resolve(outcome)
        }
        const abort = (): void => done({ kind: 'aborted', reason: 'by the caller' })
        const waitMs = Math.max(Math.min(deadline - performance.now(), limits.connectWaitMs), 0)
        const timer = setTimeout(
          () => done(lastError ?? { kind: 'unreachable', reason: `nobody at ${where} in ${Math.round(waitMs)} ms` }),
          waitMs,
        )
        signal?.addEventListener('abort', abort, { once: true })
        waiters.add(done)
        start()
      }),
    close: async () => {
      closed = true
      tell({ kind: 'unreachable', reason: 'the pipe was closed' })
      await Promise.all([...open].map((connection) => finish(connection, limits.drainMs)))
    },
  }
}

function finish(session: ClientHttp2Session, atMostMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => session.destroy(), atMostMs)
    session.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    if (session.destroyed) {
      clearTimeout(timer)
      resolve()
    } else if (!session.closed) session.close()
  })
}

type Opened =
  | { readonly session: ClientHttp2Session; readonly facts: PipeFacts }
  /** `final`: the same will happen again, so nobody need wait. */
  | { readonly error: PipeError; readonly final: boolean }

/** Resolves when the server's settings are here: only then has it taken our certificate. RFC 8446 §4.4.2 */
function openSession(options: ConnectOptions, limits: PipeLimits): Promise<Opened> {
  const { bottle, role, to } = options
  return new Promise((resolve) => {
    let reached = false
    let secured = false
    const where = formatAddress(to)
    const fail = (error: PipeError, final: boolean): void => {
      clearTimeout(timer)
      resolve({ error, final })
      session.destroy()
    }
    const socket: TLSSocket = connectTls({
      ...('path' in to ? { path: to.path } : { host: to.host, port: to.port }),
      ...pipeTlsOptions(options.identity()),
      checkServerIdentity: expectService(bottle, role),
    })
    socket.once('connect', () => {
      reached = true
    })
    socket.once('secureConnect', () => {
      secured = true
    })
    const session = connectHttp2(`https://${role}`, {
      createConnection: () => socket,
      maxSessionMemory: 8 + Math.ceil((2 * limits.concurrentStreams * limits.windowOctets) / 1e6),
      settings: { enablePush: false, initialWindowSize: limits.windowOctets, maxHeaderListSize: 4096 },
    })
    const timer = setTimeout(
      () => fail({ kind: 'unreachable', reason: `${where}: no handshake in ${limits.handshakeMs} ms` }, false),
      limits.handshakeMs,
    )
    session.on('error', (error: NodeJS.ErrnoException) => {
      const refusal = reached && !NETWORK.has(error.code ?? '')
      const reason = error instanceof WrongService ? error.message : `${where}: ${error.code ?? ''} ${error.message}`
      fail({ kind: refusal ? 'refused' : 'unreachable', reason }, refusal)
    })
    session.once('close', () => {
      // A server that does not take our certificate closes here; so does one that ends at this moment.
      const kind = secured ? 'refused' : 'unreachable'
      fail(
        { kind, reason: `${where} closed the connection${secured ? ' when it had seen our certificate' : ''}` },
        false,
      )
    })
    session.once('remoteSettings', () => {
      clearTimeout(timer)
      if (socket.alpnProtocol !== 'h2') {
        return fail({ kind: 'refused', reason: `${where}: no h2, but "${socket.alpnProtocol || ''}"` }, true)
      }
      session.setLocalWindowSize(CONNECTION_WINDOWS * limits.windowOctets)
      if (!('path' in to)) keepAsking(session, limits.pingMs)
      const tls = socket.getProtocol() ?? ''
      const cipher = socket.getCipher().name
      const peer = formatServiceId({ bottle, role }) // it was compared in the handshake
      resolve({ session, facts: { tls, cipher, peer, since: Date.now() } })
    })
  })
}

/** A peer on another machine can vanish without a word. */
function keepAsking(session: ClientHttp2Session, pingMs: number): void {
  let answered = true
  const timer = setInterval(() => {
    if (!answered) return session.destroy()
    answered = false
    session.ping(() => {
      answered = true
    })
  }, pingMs)
  timer.unref()
  session.once('close', () => clearInterval(timer))
}

const NETWORK = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ERR_HTTP2_SESSION_ERROR', 'ERR_HTTP2_ERROR'])
const CONNECTION_WINDOWS = 8
