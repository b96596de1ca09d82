// One message there and one back, by UDP or TCP. Octets that are not the answer never end the waiting.
// RFC 5452 §9 (ports), RFC 7766 §8 (framing)

import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import { GrowingBuffer } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'

export type DnsEndpoint = { readonly address: string; readonly port: number }

export type ExchangeError = {
  readonly kind: 'timeout' | 'unreachable' | 'mismatches' | 'aborted'
  readonly reason: string
}

export type ExchangeOptions<T> = {
  readonly server: DnsEndpoint
  readonly octets: Uint8Array
  readonly timeoutMs: number
  /** What the octets say, if they are the answer. */
  readonly accept: (octets: Uint8Array) => T | undefined
  /** By UDP: after so many octets that are not the answer somebody is guessing, and TCP is better. */
  readonly maxMismatches: number
  readonly signal?: AbortSignal | undefined
}

/** A new socket, and so a new port that the kernel chooses at random, for each message; connected, so that only the server is heard. */
export function exchangeUdp<T>(options: ExchangeOptions<T>): Promise<Result<T, ExchangeError>> {
  const { server, octets, timeoutMs, accept, maxMismatches, signal } = options
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4')
    let mismatches = 0
    const finish = (result: Result<T, ExchangeError>): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      socket.removeAllListeners()
      socket.on('error', () => {}) // a late ICMP message concerns nobody
      socket.close()
      resolve(result)
    }
    const abort = (): void => finish(err({ kind: 'aborted', reason: 'stopped' }))
    const timer = setTimeout(() => finish(err({ kind: 'timeout', reason: `no answer in ${timeoutMs} ms` })), timeoutMs)
    signal?.addEventListener('abort', abort, { once: true })
    socket.on('error', (error) => finish(err({ kind: 'unreachable', reason: error.message })))
    socket.on('message', (message) => {
      const accepted = accept(message)
      if (accepted !== undefined) finish(ok(accepted))
      else if (++mismatches >= maxMismatches) finish(err({ kind: 'mismatches', reason: `${mismatches} false answers` }))
    })
    if (signal?.aborted) return abort()
    try {
      socket.connectSync(server.port, server.address) // not `connect`: a socket closed on its way would stay open
      socket.send(octets)
    } catch (error) {
      finish(err({ kind: 'unreachable', reason: error instanceof Error ? error.message : String(error) }))
    }
  })
}

/** One connection for one message. */
export function exchangeTcp<T>(options: ExchangeOptions<T>): Promise<Result<T, ExchangeError>> {
  const { server, octets, timeoutMs, accept, signal } = options
  return new Promise((resolve) => {
    const socket = connect({ host: server.address, port: server.port, noDelay: true })
    const received = new GrowingBuffer()
    const finish = (result: Result<T, ExchangeError>): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      socket.removeAllListeners()
      socket.on('error', () => {})
      socket.destroy()
      resolve(result)
    }
    const abort = (): void => finish(err({ kind: 'aborted', reason: 'stopped' }))
    const timer = setTimeout(() => finish(err({ kind: 'timeout', reason: `no answer in ${timeoutMs} ms` })), timeoutMs)
    signal?.addEventListener('abort', abort, { once: true })
    socket.on('error', (error) => finish(err({ kind: 'unreachable', reason: error.message })))
    socket.on('close', () => finish(err({ kind: 'unreachable', reason: 'closed without an answer' })))
    socket.on('connect', () => {
      const framed = new Uint8Array(2 + octets.length)
      framed[0] = octets.length >>> 8
      framed[1] = octets.length
      framed.set(octets, 2)
      socket.write(framed)
    })
    socket.on('data', (chunk: Uint8Array) => {
      received.append(chunk)
      const held = received.peek()
      const length = ((held[0] ?? 0) << 8) | (held[1] ?? 0)
      if (held.length < 2 || held.length < 2 + length) return
      const accepted = accept(held.subarray(2, 2 + length))
      finish(
        accepted === undefined ? err({ kind: 'mismatches', reason: 'not an answer to this question' }) : ok(accepted),
      )
    })
    if (signal?.aborted) abort()
  })
}
