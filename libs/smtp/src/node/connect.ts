// A client over a socket: connects, prepares the session, sends messages, leaves.
// RFC 5321 §4.5.3.2 (timeouts), RFC 3207 §4, RFC 8314 §3 (implicit TLS)

import { connect as connectTcp, isIP } from 'node:net'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { err, ok, type Result } from '@scop/result'
import type { ClientError } from '../client-error.ts'
import type { ClientExtension } from '../client-extension.ts'
import type { ClientTlsFacts, ServerFacts } from '../client-facts.ts'
import { type ClientAction, ClientSession, type Outcome } from '../client-session.ts'
import { DotStuffer } from '../dot-stuffer.ts'
import type { Envelope } from '../envelope.ts'
import { authClient, type Credentials } from '../extensions/auth-client.ts'
import { EIGHT_BIT_MIME_CLIENT } from '../extensions/eight-bit-mime.ts'
import { PIPELINING_CLIENT } from '../extensions/pipelining.ts'
import { SIZE_CLIENT } from '../extensions/size.ts'
import { SMTP_UTF8_CLIENT } from '../extensions/smtp-utf8.ts'
import { startTlsClient } from '../extensions/starttls.ts'
import { type ClientLimits, DEFAULT_CLIENT_LIMITS } from '../limits.ts'
import type { Reply } from '../reply.ts'
import { Transport } from './transport.ts'

/** `opportunistic`: where offered, and in clear if STARTTLS is refused; a handshake that fails is an error in every case. */
export type TlsUse = 'none' | 'opportunistic' | 'required' | 'implicit'

export type ConnectOptions = {
  /** Name or address to connect to. */
  readonly host: string
  readonly port: number
  /** Connects from this address. */
  readonly localAddress?: string
  /** Our name, for EHLO. */
  readonly hostname: string
  /** Beside STARTTLS and AUTH, which `tls` and `credentials` bring. Default: all the library has. */
  readonly extensions?: readonly ClientExtension[]
  readonly tls: TlsUse
  /** `servername`, `ca`, `rejectUnauthorized` and so on. Default for `opportunistic`: any certificate; otherwise a valid one. */
  readonly tlsOptions?: ConnectionOptions
  readonly credentials?: Credentials
  readonly limits?: Partial<ClientLimits>
  readonly signal?: AbortSignal
  /** Every reply, for logs. */
  readonly onReply?: (reply: Reply) => void
}

export interface Client {
  readonly facts: ServerFacts
  /** `octets` is called once the server says 354; lines end in CRLF only. One at a time. */
  send(envelope: Envelope, octets: () => AsyncIterable<Uint8Array>): Promise<Result<Outcome, ClientError>>
  reset(): Promise<Result<Reply, ClientError>>
  /** Says QUIT, reads the answer, closes. Never fails. */
  quit(): Promise<void>
  /** Closes at once. */
  close(): void
}

/** A session that is greeted, secured and authenticated as asked; or why not, and then the connection is closed. */
export async function connect(options: ConnectOptions): Promise<Result<Client, ClientError>> {
  const limits: ClientLimits = { ...DEFAULT_CLIENT_LIMITS, ...options.limits }
  const { signal, tls: use } = options
  if (signal?.aborted === true) return err({ kind: 'aborted' })
  const { host, port, localAddress } = options
  const socket = connectTcp({ host, port, ...(localAddress === undefined ? {} : { localAddress }) })
  const transport = new Transport(socket)
  let aborted = false
  const abort = (): void => {
    aborted = true
    transport.destroy()
  }
  signal?.addEventListener('abort', abort, { once: true })
  const close = (): void => {
    signal?.removeEventListener('abort', abort)
    transport.destroy()
  }
  const failure = await connected(transport, limits.connectSeconds * 1000)
  let tls: ClientTlsFacts | undefined
  if (failure === undefined) {
    socket.setNoDelay(true)
    if (use === 'implicit') {
      const secured = await secure(transport, options, limits)
      if (!secured.ok) {
        close()
        return aborted ? err({ kind: 'aborted' }) : secured
      }
      tls = secured.value
    }
  } else {
    close()
    return err(aborted ? { kind: 'aborted' } : { kind: 'connect-failed', message: failure })
  }
  const extensions = [
    ...(use === 'opportunistic' || use === 'required' ? [startTlsClient(use === 'required')] : []),
    ...(options.credentials === undefined ? [] : [authClient(options.credentials)]),
    ...(options.extensions ?? CLIENT_EXTENSIONS),
  ]
  const session = new ClientSession({
    hostname: options.hostname,
    extensions,
    limits,
    ...(tls === undefined ? {} : { tls }),
  })
  const driver: Driver = { session, transport, options, limits, aborted: () => aborted }
  const ready = await drive(driver)
  if (!ready.ok || ready.value.kind !== 'ready') {
    close()
    return ready.ok ? err({ kind: 'connection-lost', message: 'closed before the session was ready' }) : ready
  }
  return ok(makeClient(driver, ready.value.facts, close))
}

type Driver = {
  readonly session: ClientSession
  readonly transport: Transport
  readonly options: ConnectOptions
  readonly limits: ClientLimits
  readonly aborted: () => boolean
}

function makeClient(driver: Driver, facts: ServerFacts, close: () => void): Client {
  const { session, transport } = driver
  let broken = false
  const run = async (octets?: () => AsyncIterable<Uint8Array>): Promise<Result<Final, ClientError>> => {
    const done = await drive(driver, octets)
    if (!done.ok || session.state.name !== 'ready') {
      broken = true
      close()
    }
    return done
  }
  return {
    facts,
    async send(envelope, octets) {
      if (broken) return err(LOST)
      const begun = session.send(envelope)
      if (!begun.ok) return begun
      const done = await run(octets)
      if (!done.ok) return done
      return done.value.kind === 'sent' ? ok(done.value.outcome) : err(LOST)
    },
    async reset() {
      if (broken) return err(LOST)
      session.reset()
      const done = await run()
      if (!done.ok) return done
      return done.value.kind === 'replied' ? ok(done.value.reply) : err(LOST)
    },
    async quit() {
      if (!broken) {
        session.quit()
        await drive(driver)
        await transport.close(LINGER_MILLISECONDS)
      }
      broken = true
      close()
    },
    close() {
      broken = true
      close()
    },
  }
}

type Final = Extract<ClientAction, { readonly kind: 'ready' | 'sent' | 'replied' | 'closed' }>

/** Until the session has something to tell. */
async function drive(driver: Driver, octets?: () => AsyncIterable<Uint8Array>): Promise<Result<Final, ClientError>> {
  const { session, transport, options, limits } = driver
  let exchangeMs = limits.exchangeSeconds * 1000 // left to wait for replies
  let waitedMs = 0 // for the reply that comes next: octets of it that drip do not make it longer
  for (;;) {
    const action = session.next()
    if (action.kind !== 'read') waitedMs = 0
    switch (action.kind) {
      case 'ready':
      case 'sent':
      case 'replied':
      case 'closed':
        return ok(action)
      case 'failed':
        return err(driver.aborted() ? { kind: 'aborted' } : action.error)
      case 'observed':
        options.onReply?.(action.reply)
        break
      case 'write':
        if (!(await transport.write(action.octets, limits.commandSeconds * 1000))) await collect(driver)
        break
      case 'perform':
        session.performed(await action.run())
        break
      case 'start-tls': {
        const secured = await secure(transport, options, limits)
        if (!secured.ok) return driver.aborted() ? err({ kind: 'aborted' }) : secured
        session.secured(secured.value)
        break
      }
      case 'send-content': {
        const error = await writeContent(driver, octets)
        if (error !== undefined) return err(driver.aborted() ? { kind: 'aborted' } : error)
        break
      }
      case 'read': {
        const since = performance.now()
        const arrival = await transport.read(Math.min(action.seconds * 1000 - waitedMs, exchangeMs))
        waitedMs += performance.now() - since
        exchangeMs -= performance.now() - since
        if (arrival.kind === 'octets') session.receive(arrival.octets)
        else if (arrival.kind === 'end') session.end(arrival.message)
        else if (arrival.kind === 'timeout') return err({ kind: 'timeout', waitingFor: action.waitingFor })
      }
    }
  }
}

/** A server that closes may have said why. */
async function collect({ session, transport }: Driver): Promise<void> {
  for (let total = 0; total < LAST_WORDS_OCTETS; ) {
    const arrival = await transport.read(LINGER_MILLISECONDS)
    if (arrival.kind !== 'octets') break
    session.receive(arrival.octets)
    total += arrival.octets.length
  }
  session.end('the server takes no more')
}

async function writeContent(
  driver: Driver,
  octets?: () => AsyncIterable<Uint8Array>,
): Promise<ClientError | undefined> {
  const { session, transport, limits } = driver
  const stuffer = new DotStuffer(limits)
  const until = performance.now() + limits.messageSeconds * 1000
  const patience = (): number => Math.max(0, Math.min(limits.contentSeconds * 1000, until - performance.now()))
  if (octets === undefined) throw new Error('Cannot send a message: no octets')
  try {
    for await (const chunk of octets()) {
      const stuffed = stuffer.stuff(chunk)
      if (!stuffed.ok) return { kind: 'bad-content', fault: stuffed.error }
      if (!(await transport.write(stuffed.value, patience()))) {
        await collect(driver)
        return undefined
      }
    }
  } catch (error) {
    return { kind: 'source-failed', message: error instanceof Error ? error.message : String(error) }
  }
  const end = stuffer.end()
  if (!end.ok) return { kind: 'bad-content', fault: end.error }
  if (await transport.write(end.value, patience())) session.contentSent()
  else await collect(driver)
  return undefined
}

async function connected({ socket }: Transport, milliseconds: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const timer = setTimeout(() => resolve('timed out'), milliseconds)
  socket.once('connect', () => resolve(undefined))
  socket.once('error', (error) => resolve(error.message))
  socket.once('close', () => resolve('closed'))
  const failure = await promise
  clearTimeout(timer)
  return failure
}

async function secure(
  transport: Transport,
  { host, tls: use, tlsOptions }: ConnectOptions,
  limits: ClientLimits,
): Promise<Result<ClientTlsFacts, ClientError>> {
  const connection: ConnectionOptions = {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: use !== 'opportunistic',
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...tlsOptions,
  }
  let secured: TLSSocket | undefined
  const wrap = (socket: NonNullable<ConnectionOptions['socket']>): TLSSocket => {
    secured = connectTls({ ...connection, socket, host })
    return secured
  }
  const failure = await transport.secure(wrap, 'secureConnect', limits.handshakeSeconds * 1000)
  if (failure !== undefined || secured === undefined) {
    return err({ kind: 'tls-failed', message: failure ?? 'no handshake' })
  }
  return ok(tlsFacts(secured))
}

function tlsFacts(socket: TLSSocket): ClientTlsFacts {
  const raw: unknown = socket.getPeerCertificate(false).raw
  const certificate = raw instanceof Uint8Array ? raw : undefined
  const reason: unknown = socket.authorizationError
  return {
    version: socket.getProtocol() ?? '',
    cipher: socket.getCipher().standardName,
    authorized: socket.authorized,
    authorizationError: socket.authorized ? undefined : reason instanceof Error ? reason.message : String(reason),
    peerCertificate: certificate,
    ...(certificate === undefined ? {} : { serverCertificate: certificate }),
    exportKeyingMaterial: (octets, label) => socket.exportKeyingMaterial(octets, label, NO_CONTEXT),
  }
}

const CLIENT_EXTENSIONS: readonly ClientExtension[] = [
  PIPELINING_CLIENT,
  SIZE_CLIENT,
  EIGHT_BIT_MIME_CLIENT,
  SMTP_UTF8_CLIENT,
]
const LINGER_MILLISECONDS = 1_000
const LAST_WORDS_OCTETS = 65_536
const LOST: ClientError = { kind: 'connection-lost', message: 'the session is over' }
const NO_CONTEXT = Buffer.alloc(0)
