// One connection: messages with their lengths before them, replies in the order in which they are ready. A slow peer slows only
// itself: while it takes nothing, nothing of it is read and no reply is made.
// RFC 7766 §6.2.1.1 (pipelining), §6.2.3 (idle time), §7 (order of replies), §8 (framing)

import type { Socket } from 'node:net'
import { GrowingBuffer } from '@scop/octets'
import type { HandleMessage, IncomingMessage, Reply, ReplyStream, ServeDnsLimits } from './serve-dns.ts'

export type ConnectionContext = {
  readonly transport: 'tcp' | 'tls'
  readonly peer: IncomingMessage['peer']
  readonly handle: HandleMessage
  readonly limits: ServeDnsLimits
  readonly now: () => number
  readonly trouble: (error: Error) => void
}

export function serveConnection(socket: Socket, context: ConnectionContext): void {
  new Connection(socket, context).start()
}

class Connection {
  readonly #socket: Socket
  readonly #context: ConnectionContext
  readonly #received = new GrowingBuffer()
  /** Replies of several messages, of which one after the other gives its next. */
  readonly #streams: ReplyStream['messages'][] = []
  /** Replies that are ready and go out together. */
  #ready: Uint8Array[] = []
  #readyOctets = 0
  /** Messages whose reply is not yet whole. */
  #outstanding = 0
  #messages = 0
  /** No further message will be read. */
  #ended = false
  // Not the socket's own timeout: one octet every few seconds would keep that away.
  #idle: NodeJS.Timeout

  constructor(socket: Socket, context: ConnectionContext) {
    this.#socket = socket
    this.#context = context
    this.#idle = setTimeout(() => socket.destroy(), context.limits.firstMessageMs)
  }

  start(): void {
    const socket = this.#socket
    socket.on('error', this.#context.trouble)
    socket.on('data', (chunk: Uint8Array) => {
      this.#received.append(chunk)
      this.#serve()
    })
    socket.on('drain', () => {
      this.#idle.refresh() // it takes what it gets
      this.#serve()
    })
    socket.on('end', () => {
      this.#ended = true
      this.#serve()
    })
    socket.on('close', () => {
      clearTimeout(this.#idle)
      for (const messages of this.#streams.splice(0)) messages.return?.()
    })
  }

  /** Does what can be done now: gives what streams have next, answers what has come whole. */
  #serve(): void {
    this.#pump()
    while (!this.#blocked && this.#readMessage()) if (this.#readyOctets >= FLUSH_OCTETS) this.#flush()
    this.#flush()
    this.#pump()
    if (this.#socket.destroyed) return
    if (this.#messages >= this.#context.limits.messagesPerConnection) this.#ended = true
    if (this.#ended && this.#outstanding === 0 && !this.#hasMessage) this.#socket.end()
    if (this.#blocked) this.#socket.pause()
    else this.#socket.resume()
  }

  get #blocked(): boolean {
    const { outstandingPerConnection } = this.#context.limits
    return this.#socket.writableNeedDrain || this.#outstanding >= outstandingPerConnection
  }

  get #hasMessage(): boolean {
    if (this.#messages >= this.#context.limits.messagesPerConnection) return false
    const held = this.#received.peek()
    return held.length >= 2 && held.length >= 2 + lengthAt(held)
  }

  #readMessage(): boolean {
    if (!this.#hasMessage) return false
    const { handle, transport, peer, now, limits } = this.#context
    const length = lengthAt(this.#received.take(2))
    const reply = handle({ octets: this.#received.take(length), transport, peer, now: now() })
    if (this.#messages++ === 0) {
      clearTimeout(this.#idle)
      this.#idle = setTimeout(() => this.#idled(), limits.idleMs)
    } else this.#idle.refresh()
    if (reply instanceof Promise) {
      this.#outstanding++
      void reply.then((late) => {
        this.#outstanding--
        if (this.#socket.destroyed) return
        this.#accept(late)
        this.#serve()
      })
    } else this.#accept(reply)
    return true
  }

  #accept(reply: Reply): void {
    if (reply === undefined) return
    if (reply instanceof Uint8Array) return this.#write(reply)
    this.#outstanding++
    this.#streams.push(reply.messages)
  }

  #write(octets: Uint8Array): void {
    this.#ready.push(octets)
    this.#readyOctets += 2 + octets.length
  }

  #pump(): void {
    while (this.#streams.length > 0 && !this.#socket.writableNeedDrain && !this.#socket.destroyed) {
      const messages = this.#streams.shift()
      const next = messages?.next()
      if (messages === undefined || next === undefined) return
      if (next.done === true) this.#outstanding--
      else {
        this.#streams.push(messages)
        this.#write(next.value)
        this.#flush()
      }
    }
  }

  #flush(): void {
    if (this.#ready.length === 0) return
    const framed = new Uint8Array(this.#readyOctets)
    let at = 0
    for (const octets of this.#ready) {
      framed[at] = octets.length >>> 8
      framed[at + 1] = octets.length
      framed.set(octets, at + 2)
      at += 2 + octets.length
    }
    this.#ready = []
    this.#readyOctets = 0
    this.#socket.write(framed)
  }

  /** A peer that only waits for us is not idle; one that takes nothing is. */
  #idled(): void {
    if (this.#outstanding > 0 && !this.#socket.writableNeedDrain) this.#idle.refresh()
    else this.#socket.destroy()
  }
}

function lengthAt(octets: Uint8Array): number {
  return ((octets[0] ?? 0) << 8) | (octets[1] ?? 0)
}

const FLUSH_OCTETS = 65_536
