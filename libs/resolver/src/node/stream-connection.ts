// One connection to a server, by TCP or TLS: many questions at once, replies in any order, matched by their message id.
// RFC 7766 §6.2.1 (pipelining, reuse), §7 (order), §8 (framing); RFC 7858 §3.1, §3.3

import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { GrowingBuffer } from '@scop/octets'
import type { FailureReason, ServerAddress } from '../event.ts'
import { failureOf, type SentQuestion } from './exchange.ts'

export type StreamLimits = {
  /** Connections open at once, of all servers; one that is idle is given up for a new one. */
  readonly connections: number
  /** Questions under way on one connection. */
  readonly pipelined: number
  /** A connection without questions is kept for so long. RFC 7766 §6.2.3 */
  readonly idleMs: number
  /** Replies to nothing that was asked; then the connection is closed. */
  readonly strays: number
}

export const STREAM_LIMITS: StreamLimits = { connections: 128, pipelined: 100, idleMs: 10_000, strays: 100 }

export type StreamOptions = {
  readonly transport: 'tcp' | 'tls'
  readonly limits: StreamLimits
  /** PEM: who may sign the certificates of servers with a name; default: the runtime's own list. */
  readonly authorities: string | undefined
}

export type ConnectionEvents = {
  readonly reply: (exchange: number, octets: Uint8Array) => void
  /** The connection has ended; these exchanges have no reply. `answeredBefore`: others had. */
  readonly ended: (unanswered: readonly SentQuestion[], reason: FailureReason, answeredBefore: boolean) => void
}

export class StreamConnection {
  readonly #socket: Socket
  readonly #limits: StreamLimits
  readonly #events: ConnectionEvents
  readonly #received = new GrowingBuffer()
  /** By message id, which nothing else on the stream tells apart. */
  readonly #pending = new Map<number, SentQuestion>()
  #idle: NodeJS.Timeout | undefined
  #strays = 0
  #answered = false
  #ended = false

  constructor(server: ServerAddress, { transport, limits, authorities }: StreamOptions, events: ConnectionEvents) {
    this.#limits = limits
    this.#events = events
    const { address: host, port, tlsName } = server
    this.#socket =
      transport === 'tcp'
        ? connectTcp({ host, port, noDelay: true })
        : connectTls({
            host,
            port,
            ALPNProtocols: ['dot'],
            minVersion: 'TLSv1.2',
            rejectUnauthorized: tlsName !== undefined,
            ...(tlsName !== undefined && { servername: tlsName }),
            ...(authorities !== undefined && { ca: authorities }),
          }).setNoDelay(true)
    this.#socket.on('data', (chunk: Uint8Array) => this.#read(chunk))
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#end(streamFailure(error)))
    this.#socket.on('close', () => this.#end('closed'))
  }

  get size(): number {
    return this.#pending.size
  }

  /** Whether this question may travel here: an id that is under way already could not be told apart. */
  takes({ octets }: SentQuestion): boolean {
    return !this.#ended && this.#pending.size < this.#limits.pipelined && !this.#pending.has(messageId(octets))
  }

  send(question: SentQuestion): void {
    clearTimeout(this.#idle)
    const { octets } = question
    this.#pending.set(messageId(octets), question)
    const framed = new Uint8Array(2 + octets.length)
    framed[0] = octets.length >>> 8
    framed[1] = octets.length
    framed.set(octets, 2)
    this.#socket.write(framed)
  }

  cancel(question: SentQuestion): void {
    const id = messageId(question.octets)
    if (this.#pending.get(id) !== question) return
    this.#pending.delete(id)
    if (this.#pending.size === 0 && !this.#ended) this.#rest()
  }

  close(): void {
    this.#end('closed')
  }

  #read(chunk: Uint8Array): void {
    this.#received.append(chunk)
    while (this.#received.length >= 2 && !this.#ended) {
      const held = this.#received.peek()
      const length = ((held[0] ?? 0) << 8) | (held[1] ?? 0)
      if (held.length < 2 + length) return
      this.#received.take(2)
      const octets = this.#received.take(length)
      const question = this.#pending.get(messageId(octets))
      if (question === undefined) {
        if (++this.#strays > this.#limits.strays) this.#end('closed')
        continue
      }
      this.#answered = true
      this.#events.reply(question.exchange, octets)
    }
  }

  /** A kept connection holds no process open, and its server may end it whenever it likes. */
  #rest(): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.#end('closed'), this.#limits.idleMs)
    this.#idle.unref()
  }

  #end(reason: FailureReason): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#idle)
    this.#socket.removeAllListeners()
    this.#socket.on('error', () => undefined)
    this.#socket.destroy()
    const unanswered = [...this.#pending.values()]
    this.#pending.clear()
    this.#events.ended(unanswered, reason, this.#answered)
  }
}

function streamFailure(error: NodeJS.ErrnoException): FailureReason {
  const { code = '' } = error
  // The names of OpenSSL's verdicts on a chain, and of the check of the name in the certificate.
  if (/CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|ISSUER/.test(code)) return 'tls'
  return code.startsWith('ERR_SSL') || code === 'EPROTO' ? 'tls' : failureOf(code)
}

const messageId = (octets: Uint8Array): number => ((octets[0] ?? 0) << 8) | (octets[1] ?? 0)
