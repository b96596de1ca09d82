// Asks a primary for a zone or for its changes, by TCP or TLS, and reads what comes as it comes.
// RFC 5936 §4, RFC 1995 §2, RFC 9103 §7.1 (TLS: ALPN "dot"), RFC 7766 §8 (framing)

import { connect, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { GrowingBuffer } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { DEFAULT_LIMITS, type Limits } from '../limits.ts'
import { type SentTransfer, type TransferError, type TransferOutcome, TransferReader } from '../transfer-in.ts'
import type { DnsEndpoint } from './exchange.ts'

export type FetchZoneOptions = {
  readonly server: DnsEndpoint
  /** By TLS, with these: `ca` and `servername` say who the server must prove to be. */
  readonly tls?: ConnectionOptions | undefined
  /** The address that the connection comes from. */
  readonly localAddress?: string | undefined
  readonly sent: SentTransfer
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly limits?: Limits | undefined
  readonly timeouts?: Partial<FetchZoneTimeouts> | undefined
  readonly signal?: AbortSignal | undefined
}

export type FetchZoneTimeouts = {
  readonly connectMs: number
  /** Without another whole message. */
  readonly idleMs: number
  readonly totalMs: number
}

export const FETCH_ZONE_TIMEOUTS: FetchZoneTimeouts = { connectMs: 10_000, idleMs: 60_000, totalMs: 3_600_000 }

export type FetchZoneError =
  | { readonly kind: 'unreachable' | 'timeout' | 'aborted'; readonly reason: string }
  | { readonly kind: 'bad-transfer'; readonly error: TransferError }

export function fetchZone(options: FetchZoneOptions): Promise<Result<TransferOutcome, FetchZoneError>> {
  const { server, tls, sent, signal } = options
  const timeouts = { ...FETCH_ZONE_TIMEOUTS, ...options.timeouts }
  const target = {
    host: server.address,
    port: server.port,
    ...(options.localAddress !== undefined && { localAddress: options.localAddress }),
  }
  return new Promise((resolve) => {
    const reader = new TransferReader(sent, options.limits ?? DEFAULT_LIMITS)
    const received = new GrowingBuffer()
    const socket: Socket =
      tls === undefined
        ? connect({ ...target, noDelay: true })
        : connectTls({ minVersion: 'TLSv1.3', ...tls, ...target, ALPNProtocols: ['dot'] })
    const finish = (result: Result<TransferOutcome, FetchZoneError>): void => {
      clearTimeout(idle)
      clearTimeout(total)
      signal?.removeEventListener('abort', abort)
      socket.removeAllListeners()
      socket.on('error', () => {})
      socket.destroy()
      resolve(result)
    }
    const late = (what: string): void => finish(err({ kind: 'timeout', reason: what }))
    const abort = (): void => finish(err({ kind: 'aborted', reason: 'stopped' }))
    let idle = setTimeout(() => late('no connection'), timeouts.connectMs)
    const total = setTimeout(() => late('the transfer takes too long'), timeouts.totalMs)
    const waitForMore = (): void => {
      clearTimeout(idle)
      idle = setTimeout(() => late('no further message'), timeouts.idleMs)
    }
    signal?.addEventListener('abort', abort, { once: true })
    socket.on('error', (error) => finish(err({ kind: 'unreachable', reason: error.message })))
    socket.on('close', () => finish(err({ kind: 'unreachable', reason: 'closed before the end' })))
    socket.on(tls === undefined ? 'connect' : 'secureConnect', () => {
      waitForMore()
      const framed = new Uint8Array(2 + sent.octets.length)
      framed[0] = sent.octets.length >>> 8
      framed[1] = sent.octets.length
      framed.set(sent.octets, 2)
      socket.write(framed)
    })
    socket.on('data', (chunk: Uint8Array) => {
      received.append(chunk)
      for (;;) {
        const held = received.peek()
        const length = ((held[0] ?? 0) << 8) | (held[1] ?? 0)
        if (held.length < 2 || held.length < 2 + length) return
        received.take(2)
        const result = reader.push(received.take(length), Math.floor(options.now() / 1000))
        if (!result.ok) return finish(err({ kind: 'bad-transfer', error: result.error }))
        if (result.value !== undefined) return finish(ok(result.value))
        waitForMore()
      }
    })
    if (signal?.aborted) abort()
  })
}
