// Serves DNS on one address by UDP, TCP and, where it is given a certificate, TLS: reads a message, asks `handle`, writes the reply.
// RFC 1035 §4.2, RFC 7766 §6 (connections), RFC 7858 §3 (TLS), RFC 9103 §7.1 (ALPN)

import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { createServer, isIPv6, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type Server as TlsServer, type TlsOptions } from 'node:tls'
import { addressBlock, parseIpAddress } from '@scop/identifiers'
import { serveConnection } from './serve-connection.ts'

export type ServeDnsOptions = {
  readonly address: string
  /** 0: any that is free for both transports. */
  readonly port: number
  /** DNS over TLS on a port of its own. */
  readonly tls?: { readonly port: number; readonly options: TlsOptions }
  readonly handle: HandleMessage
  /** Aborted: closes, as `close` does. */
  readonly signal?: AbortSignal
  readonly limits?: Partial<ServeDnsLimits>
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number
  /** What the world did wrong: a connection that broke, a handshake that failed. */
  readonly onTrouble?: (error: Error) => void
}

/**
 * Called once for each message, in the order in which they came. A reply that comes later holds nothing up: others of the
 * same connection overtake it (RFC 7766 §7). A rejected promise is our own mistake and ends the process.
 */
export type HandleMessage = (incoming: IncomingMessage) => Reply | Promise<Reply>

/** One message; several, made one by one as the peer takes them (never by UDP); or none. */
export type Reply = Uint8Array | ReplyStream | undefined
export type ReplyStream = { readonly messages: Iterator<Uint8Array, void, void> }

export type IncomingMessage = {
  readonly octets: Uint8Array
  readonly transport: 'udp' | 'tcp' | 'tls'
  readonly peer: { readonly address: string; readonly port: number }
  /** Seconds since 1970. */
  readonly now: number
}

export type ServeDnsLimits = {
  /** Of TCP and TLS together. */
  readonly connections: number
  /** Of IPv6: for each /64. */
  readonly connectionsPerAddress: number
  /** From the connection to its first whole message; as long again for the handshake of TLS. */
  readonly firstMessageMs: number
  /** Without a whole message, or without taking what is written, for so long, a connection is closed. */
  readonly idleMs: number
  readonly messagesPerConnection: number
  /** Messages of one connection that wait for their replies; then nothing more is read. */
  readonly outstandingPerConnection: number
  /** Messages by UDP that wait for their replies; more are dropped. */
  readonly outstandingDatagrams: number
  /** How long a closing server waits for peers to take their last replies. */
  readonly closingMs: number
  /** What the kernel may hold of datagrams that are not yet read, as far as it allows. */
  readonly receiveOctets: number
}

export const SERVE_DNS_LIMITS: ServeDnsLimits = {
  connections: 256,
  connectionsPerAddress: 64,
  firstMessageMs: 5000,
  idleMs: 10_000,
  messagesPerConnection: 100_000,
  outstandingPerConnection: 100,
  outstandingDatagrams: 10_000,
  closingMs: 1000,
  receiveOctets: 4 * 1024 * 1024,
}

export type DnsServer = {
  readonly address: string
  readonly port: number
  /** `undefined` without TLS. */
  readonly tlsPort: number | undefined
  /** New connections get this certificate. */
  renewCertificate(options: TlsOptions): void
  close(): Promise<void>
}

/** Listens; rejects if a port cannot be had. */
export async function serveDns(options: ServeDnsOptions): Promise<DnsServer> {
  const limits = { ...SERVE_DNS_LIMITS, ...options.limits }
  const now = (): number => Math.floor((options.now ?? Date.now)() / 1000)
  const trouble = (error: Error): void => options.onTrouble?.(error)
  const connections = new Set<Socket>()
  const served = new Set<Socket>()
  const perBlock = new Map<string, number>()
  /** Takes the connection, or closes it because there are too many. */
  const admit = (socket: Socket): boolean => {
    const block = blockOf(socket.remoteAddress)
    const fromThere = perBlock.get(block) ?? 0
    if (block === '' || connections.size >= limits.connections || fromThere >= limits.connectionsPerAddress) {
      socket.destroy()
      return false
    }
    connections.add(socket)
    perBlock.set(block, fromThere + 1)
    socket.on('close', () => {
      connections.delete(socket)
      const left = (perBlock.get(block) ?? 1) - 1
      if (left === 0) perBlock.delete(block)
      else perBlock.set(block, left)
    })
    return true
  }
  const serve = (socket: Socket, transport: 'tcp' | 'tls'): void => {
    served.add(socket)
    socket.on('close', () => served.delete(socket))
    const peer = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 }
    serveConnection(socket, { transport, peer, handle: options.handle, limits, now, trouble })
  }
  const { tcp, udp, port } = await listenBoth(options, limits, (socket) => {
    if (admit(socket)) serve(socket, 'tcp')
  })
  const tls =
    options.tls === undefined ? undefined : await listenTls(options.address, options.tls, limits, admit, serve)
  serveDatagrams(udp, options.handle, limits, now)
  for (const server of tls === undefined ? [udp, tcp] : [udp, tcp, tls.server]) server.on('error', trouble)
  tls?.server.on('tlsClientError', (error, socket) => {
    socket.destroy() // a handshake that came to no end leaves its connection open
    trouble(error)
  })

  let closed: Promise<void> | undefined
  const abort = (): void => void close()
  const close = (): Promise<void> => {
    closed ??= new Promise((resolve) => {
      options.signal?.removeEventListener('abort', abort)
      // What has been answered is still sent, to those who take it.
      for (const socket of served) socket.destroySoon()
      const last = setTimeout(() => {
        for (const socket of connections) socket.destroy()
      }, limits.closingMs)
      const servers = tls === undefined ? [udp, tcp] : [udp, tcp, tls.server]
      let open = servers.length
      const done = (): void => {
        if (--open > 0) return
        clearTimeout(last)
        resolve()
      }
      for (const server of servers) server.close(done)
    })
    return closed
  }
  options.signal?.addEventListener('abort', abort, { once: true })
  if (options.signal?.aborted) await close()
  return {
    address: options.address,
    port,
    tlsPort: tls?.port,
    renewCertificate: (renewed) => tls?.server.setSecureContext(renewed),
    close,
  }
}

function serveDatagrams(udp: UdpSocket, handle: HandleMessage, limits: ServeDnsLimits, now: () => number): void {
  let outstanding = 0
  // Without a callback: a datagram that could not be sent is a datagram lost, which its asker knows to bear.
  const send = (reply: Reply, port: number, address: string): void => {
    const octets = reply instanceof Uint8Array || reply === undefined ? reply : first(reply)
    if (octets !== undefined) udp.send(octets, port, address)
  }
  udp.on('message', (octets, { address, port }) => {
    if (port === 0 || outstanding >= limits.outstandingDatagrams) return
    const reply = handle({ octets, transport: 'udp', peer: { address, port }, now: now() })
    if (!(reply instanceof Promise)) return send(reply, port, address)
    outstanding++
    void reply.then((late) => {
      outstanding--
      if (!closed) send(late, port, address)
    })
  })
  let closed = false
  udp.on('close', () => {
    closed = true
  })
}

function first({ messages }: ReplyStream): Uint8Array | undefined {
  const next = messages.next()
  messages.return?.()
  return next.done === true ? undefined : next.value
}

function blockOf(address: string | undefined): string {
  const parsed = parseIpAddress(address?.replace(/%.*$/, '') ?? '')
  return parsed.ok ? addressBlock(parsed.value) : ''
}

async function listenBoth(
  options: ServeDnsOptions,
  limits: ServeDnsLimits,
  onConnection: (socket: Socket) => void,
): Promise<{ tcp: Server; udp: UdpSocket; port: number }> {
  // With port 0 the kernel chooses a port for TCP, which UDP may not have free.
  for (let attempt = 0; ; attempt++) {
    const tcp = createServer(SOCKET_OPTIONS, onConnection)
    const port = await listen(tcp, options.address, options.port)
    const udp = createSocket({
      type: isIPv6(options.address) ? 'udp6' : 'udp4',
      recvBufferSize: limits.receiveOctets,
      sendBufferSize: limits.receiveOctets,
    })
    try {
      await bindUdp(udp, options.address, port)
      return { tcp, udp, port }
    } catch (error) {
      tcp.close()
      udp.close()
      if (options.port !== 0 || attempt >= PORT_ATTEMPTS) throw error
    }
  }
}

async function listenTls(
  address: string,
  { port, options }: NonNullable<ServeDnsOptions['tls']>,
  limits: ServeDnsLimits,
  admit: (socket: Socket) => boolean,
  serve: (socket: Socket, transport: 'tls') => void,
): Promise<{ server: TlsServer; port: number }> {
  const server = createTlsServer(
    {
      ...SOCKET_OPTIONS,
      minVersion: 'TLSv1.2',
      ...options,
      ALPNProtocols: ['dot'],
      handshakeTimeout: limits.firstMessageMs,
    },
    (socket) => serve(socket, 'tls'),
  )
  server.on('connection', admit) // counted from the first octet on, not from the end of the handshake
  return { server, port: await listen(server, address, port) }
}

function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: address, port }, () => {
      server.removeListener('error', reject)
      const opened = server.address()
      if (opened === null || typeof opened === 'string') reject(new Error('Cannot read the port that was opened'))
      else resolve(opened.port)
    })
  })
}

function bindUdp(udp: UdpSocket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    udp.once('error', reject)
    udp.bind({ address, port }, () => {
      udp.removeListener('error', reject)
      resolve()
    })
  })
}

/** The peer may say that it sends no more and still wait for replies. */
const SOCKET_OPTIONS = { noDelay: true, allowHalfOpen: true } as const
const PORT_ATTEMPTS = 8
