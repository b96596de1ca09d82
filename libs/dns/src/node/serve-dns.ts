// Serves DNS on one port by UDP and TCP: reads a message, asks `handle`, writes the reply. Slow peers slow only themselves.
// RFC 1035 §4.2, RFC 7766 §6 (connections), §7 (order of replies)

import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { createServer, isIPv6, type Server, type Socket } from 'node:net'
import { addressBlock, parseIpAddress } from '@scop/identifiers'
import { GrowingBuffer } from '@scop/octets'

export type ServeDnsOptions = {
  readonly address: string
  /** 0: any that is free for both transports. */
  readonly port: number
  /** The reply; `undefined` for none. Runs to its end before the next message is read. */
  readonly handle: (incoming: IncomingMessage) => Uint8Array | undefined
  /** Aborted: closes, as `close` does. */
  readonly signal?: AbortSignal
  readonly limits?: Partial<ServeDnsLimits>
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number
  /** What the world did wrong: a datagram that could not be sent, a connection that broke. */
  readonly onTrouble?: (error: Error) => void
}

export type IncomingMessage = {
  readonly octets: Uint8Array
  readonly transport: 'udp' | 'tcp'
  readonly peer: { readonly address: string; readonly port: number }
  /** Seconds since 1970. */
  readonly now: number
}

export type ServeDnsLimits = {
  readonly connections: number
  /** Of IPv6: for each /64. */
  readonly connectionsPerAddress: number
  /** Without a whole message for so long, a connection is closed. */
  readonly idleMs: number
  readonly messagesPerConnection: number
  /** How long a closing server waits for peers to take their last replies. */
  readonly closingMs: number
}

export const SERVE_DNS_LIMITS: ServeDnsLimits = {
  connections: 256,
  connectionsPerAddress: 64,
  idleMs: 10_000,
  messagesPerConnection: 100_000,
  closingMs: 1000,
}

export type DnsServer = { readonly address: string; readonly port: number; close(): Promise<void> }

/** Listens; rejects if the port cannot be had. */
export async function serveDns(options: ServeDnsOptions): Promise<DnsServer> {
  const limits = { ...SERVE_DNS_LIMITS, ...options.limits }
  const connections = new Map<Socket, string>()
  const now = (): number => Math.floor((options.now ?? Date.now)() / 1000)
  const { tcp, udp, port } = await listenBoth(options, (socket) => {
    const address = socket.remoteAddress
    let fromThere = 0
    const block = blockOf(address)
    for (const each of connections.values()) if (each === block) fromThere++
    if (address === undefined || connections.size >= limits.connections || fromThere >= limits.connectionsPerAddress) {
      socket.destroy()
      return
    }
    connections.set(socket, block)
    socket.on('close', () => connections.delete(socket))
    serveConnection(socket, { address, port: socket.remotePort ?? 0 }, options, limits, now)
  })
  udp.on('message', (octets, { address, port: from }) => {
    if (from === 0) return
    const reply = options.handle({ octets, transport: 'udp', peer: { address, port: from }, now: now() })
    if (reply !== undefined) udp.send(reply, from, address, (error) => error && options.onTrouble?.(error))
  })
  udp.on('error', (error) => options.onTrouble?.(error))
  tcp.on('error', (error) => options.onTrouble?.(error))

  let closed: Promise<void> | undefined
  const abort = (): void => void close()
  const close = (): Promise<void> => {
    closed ??= new Promise((resolve) => {
      options.signal?.removeEventListener('abort', abort)
      // What has been answered is still sent, to those who take it.
      for (const socket of connections.keys()) socket.destroySoon()
      const last = setTimeout(() => {
        for (const socket of connections.keys()) socket.destroy()
      }, limits.closingMs)
      udp.close(() =>
        tcp.close(() => {
          clearTimeout(last)
          resolve()
        }),
      )
    })
    return closed
  }
  options.signal?.addEventListener('abort', abort, { once: true })
  if (options.signal?.aborted) await close()
  return { address: options.address, port, close }
}

function blockOf(address: string | undefined): string {
  const parsed = parseIpAddress(address?.replace(/%.*$/, '') ?? '')
  return parsed.ok ? addressBlock(parsed.value) : ''
}

function serveConnection(
  socket: Socket,
  peer: { readonly address: string; readonly port: number },
  options: ServeDnsOptions,
  limits: ServeDnsLimits,
  now: () => number,
): void {
  const received = new GrowingBuffer()
  let messages = 0
  // Not the socket's own timeout: one octet every few seconds would keep that away.
  let idle = setTimeout(() => socket.destroy(), limits.idleMs)
  socket.on('close', () => clearTimeout(idle))
  socket.on('error', (error) => options.onTrouble?.(error))
  const serve = (): void => {
    socket.cork()
    while (received.length >= 2 && !socket.writableNeedDrain) {
      const held = received.peek()
      const length = ((held[0] ?? 0) << 8) | (held[1] ?? 0)
      if (held.length < 2 + length) break
      received.take(2)
      const reply = options.handle({ octets: received.take(length), transport: 'tcp', peer, now: now() })
      if (reply !== undefined) {
        socket.write(Uint8Array.of(reply.length >>> 8, reply.length))
        socket.write(reply)
      }
      clearTimeout(idle)
      idle = setTimeout(() => socket.destroy(), limits.idleMs)
      if (++messages >= limits.messagesPerConnection) {
        socket.end()
        break
      }
    }
    socket.uncork()
    // Nothing more is read before the peer has taken what was written.
    if (socket.writableNeedDrain) socket.pause()
  }
  socket.on('data', (chunk: Uint8Array) => {
    received.append(chunk)
    serve()
  })
  socket.on('drain', () => {
    serve()
    if (!socket.writableNeedDrain) socket.resume()
  })
}

async function listenBoth(
  options: ServeDnsOptions,
  onConnection: (socket: Socket) => void,
): Promise<{ tcp: Server; udp: UdpSocket; port: number }> {
  // With port 0 the kernel chooses a port for TCP, which UDP may not have free.
  for (let attempt = 0; ; attempt++) {
    const tcp = createServer({ noDelay: true }, onConnection)
    const port = await listenTcp(tcp, options)
    const udp = createSocket({ type: isIPv6(options.address) ? 'udp6' : 'udp4' })
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

function listenTcp(tcp: Server, options: ServeDnsOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    tcp.once('error', reject)
    tcp.listen({ host: options.address, port: options.port }, () => {
      tcp.removeListener('error', reject)
      const address = tcp.address()
      if (address === null || typeof address === 'string') reject(new Error('Cannot read the port that was opened'))
      else resolve(address.port)
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

const PORT_ATTEMPTS = 8
