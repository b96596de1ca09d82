// One connection of a server: reads, asks the session what to do, does it. The next command is read only after the
// last answer was written, so a slow peer slows itself.
// RFC 5321 §4.5.3.2 (timeouts), RFC 3207 §4 (STARTTLS)

import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'
import { parseIpAddress, unmapIpAddress } from '@scop/identifiers'
import { ContentAborted } from '../content-error.ts'
import type { TlsFacts } from '../facts.ts'
import type { Limits } from '../limits.ts'
import type { ServerPolicy } from '../policy.ts'
import { encodeReply, type Reply } from '../reply.ts'
import type { ServerExtension } from '../server-extension.ts'
import { ServerSession, type SessionAction } from '../server-session.ts'
import { IncomingMessage } from './incoming-message.ts'
import { Transport } from './transport.ts'

export type ServeOptions = {
  /** Our name, as greeting and EHLO give it. */
  readonly hostname: string
  /** In the order of the EHLO reply. */
  readonly extensions: readonly ServerExtension[]
  readonly policy: ServerPolicy
  readonly limits: Limits
  /** For STARTTLS; read at each handshake, so that certificates can be renewed. */
  readonly secureContext?: () => SecureContext
  /** The connection begins with a handshake (465), made here from `secureContext` unless `socket` is a TLSSocket already. */
  readonly implicitTls: boolean
  /** Default TLSv1.2. */
  readonly minTls?: 'TLSv1.2' | 'TLSv1.3'
  /** Ends the session: 421 at the next moment that allows it. */
  readonly signal: AbortSignal
  /** Milliseconds. */
  readonly now: () => number
  readonly onEvent?: (event: SessionEvent) => void
}

/** For logs. No octets of messages, no credentials. */
export type SessionEvent =
  | { readonly kind: 'reply'; readonly verb: string | undefined; readonly reply: Reply }
  | { readonly kind: 'tls'; readonly version: string; readonly cipher: string }
  | { readonly kind: 'tls-failed'; readonly message: string }
  /** A policy or extension threw. */
  | { readonly kind: 'policy-failed'; readonly error: unknown }
  | { readonly kind: 'closed'; readonly reason: 'quit' | 'client' | 'server' | 'timeout' | 'error' }

/** Resolves when the connection is closed. Rejects only where we are wrong. */
export async function serveConnection(socket: Socket | TLSSocket, options: ServeOptions): Promise<void> {
  const { extensions, limits, secureContext, signal, onEvent } = options
  if (secureContext === undefined && extensions.some(({ name }) => name === 'STARTTLS')) {
    throw new Error('Cannot offer STARTTLS: no secure context')
  }
  const transport = new Transport(socket)
  const address = parseIpAddress((socket.remoteAddress ?? '').replace(/%.*$/, ''))
  if (!address.ok) {
    transport.destroy() // gone before it was greeted
    return
  }
  const client = { address: unmapIpAddress(address.value), port: socket.remotePort ?? 0 }
  socket.setNoDelay(true)
  let tls: TlsFacts | undefined
  if (options.implicitTls) {
    tls = socket instanceof TLSSocket ? tlsFacts(socket) : await secure(transport, options)
    if (tls === undefined) return
  }
  const context = { hostname: options.hostname, limits, extensions }
  const session = new ServerSession({ ...context, client, ...(tls === undefined ? {} : { tls }) })
  const stop = (): void => {
    session.stop()
    transport.wake()
  }
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const reason = await drive(session, transport, options)
    onEvent?.({ kind: 'closed', reason })
  } finally {
    signal.removeEventListener('abort', stop)
    transport.destroy()
  }
}

type ClosedReason = Extract<SessionEvent, { readonly kind: 'closed' }>['reason']

async function drive(session: ServerSession, transport: Transport, options: ServeOptions): Promise<ClosedReason> {
  const { policy, limits, now, onEvent } = options
  const writeMilliseconds = limits.commandSeconds * 1000
  let message: IncomingMessage | undefined
  let unsent = ''
  let reason: ClosedReason = 'server'
  const policyFailed = (error: unknown): void => onEvent?.({ kind: 'policy-failed', error })
  try {
    for (;;) {
      const action: SessionAction = session.next(now())
      if (action.kind === 'reply') {
        unsent += encodeReply(action.reply)
        onEvent?.({ kind: 'reply', verb: action.verb, reply: action.reply })
        if (action.reply.code === 221) reason = 'quit'
        if (action.hold && unsent.length < HELD_OCTETS) continue
      }
      // Replies of a group wait for its end, even while the policy thinks.
      if (unsent !== '' && action.kind !== 'ask') {
        const written = await transport.write(unsent, writeMilliseconds)
        unsent = ''
        if (!written) return 'client'
      }
      switch (action.kind) {
        case 'reply':
          break
        case 'ask': {
          const answer = await action.ask(policy)
          if ('error' in answer) policyFailed(answer.error)
          session.answer(answer)
          break
        }
        case 'begin-message': {
          const { transaction, facts } = action
          message = new IncomingMessage()
          message.start(async (octets) => policy.message(transaction, octets, facts))
          break
        }
        case 'message-octets':
          await message?.push(action.octets)
          break
        case 'end-message': {
          const verdict = await message?.verdict(policyFailed)
          message = undefined
          if (verdict === undefined) throw new Error('Cannot end a message: none was begun')
          session.answer({ step: () => action.answered(verdict) })
          break
        }
        case 'abort-message':
          message?.abort(action.error)
          message = undefined
          break
        case 'start-tls': {
          const tls = await secure(transport, options)
          if (tls === undefined) return 'error'
          session.secured(tls)
          break
        }
        case 'close':
          await transport.close(LINGER_MILLISECONDS)
          return reason
        case 'read': {
          const arrival = await transport.read(action.wakeAt - now())
          if (arrival.kind === 'octets') session.receive(arrival.octets, now())
          else if (arrival.kind === 'end') return 'client'
          else if (arrival.kind === 'timeout') reason = 'timeout'
        }
      }
    }
  } finally {
    message?.abort(new ContentAborted())
  }
}

async function secure(transport: Transport, options: ServeOptions): Promise<TlsFacts | undefined> {
  const { secureContext, limits, minTls = 'TLSv1.2', onEvent } = options
  if (secureContext === undefined) throw new Error('Cannot start TLS: no secure context')
  let socket: TLSSocket | undefined
  const wrap = (plain: Socket): TLSSocket => {
    socket = new TLSSocket(plain, { isServer: true, secureContext: secureContext() })
    return socket
  }
  const failure = await transport.secure(wrap, 'secure', limits.handshakeSeconds * 1000)
  const version = socket?.getProtocol() ?? ''
  const allowed = version === 'TLSv1.3' || version === minTls
  if (failure !== undefined || socket === undefined || !allowed) {
    onEvent?.({ kind: 'tls-failed', message: failure ?? `${version} is too old` })
    transport.destroy()
    return undefined
  }
  const facts = tlsFacts(socket)
  onEvent?.({ kind: 'tls', version: facts.version, cipher: facts.cipher })
  return facts
}

function tlsFacts(socket: TLSSocket): TlsFacts {
  const certificate = socket.getCertificate()
  const raw = certificate !== null && 'raw' in certificate ? certificate.raw : undefined
  return {
    version: socket.getProtocol() ?? '',
    cipher: socket.getCipher().standardName,
    serverName: typeof socket.servername === 'string' ? socket.servername : undefined,
    exportKeyingMaterial: (octets, label) => socket.exportKeyingMaterial(octets, label, NO_CONTEXT),
    ...(raw instanceof Uint8Array ? { serverCertificate: raw } : {}),
  }
}

const HELD_OCTETS = 16_384
const LINGER_MILLISECONDS = 1_000
const NO_CONTEXT = Buffer.alloc(0)
