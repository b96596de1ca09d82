// A socket as both shells use it: read when asked, write and wait until taken, become TLS, never reject.

import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

export type Arrival =
  | { readonly kind: 'octets'; readonly octets: Uint8Array }
  | { readonly kind: 'end'; readonly message: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'woken' }

export class Transport {
  #socket: Socket
  #failure: string | undefined
  #ended = false
  #wake: (() => void) | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    this.#watch(socket)
  }

  get socket(): Socket {
    return this.#socket
  }

  /** What has arrived; waits at most `milliseconds` for it. One call at a time. */
  async read(milliseconds: number): Promise<Arrival> {
    const socket = this.#socket
    const deadline = performance.now() + milliseconds
    for (;;) {
      const octets = socket.read() as Uint8Array | null // as: no encoding is set, so chunks are octets
      if (octets !== null) return { kind: 'octets', octets }
      if (this.#gone) return { kind: 'end', message: this.#failure ?? 'closed by the peer' }
      const left = deadline - performance.now()
      if (left <= 0) return { kind: 'timeout' }
      if ((await this.#wait(left)) === 'woken') return { kind: 'woken' }
    }
  }

  /** Ends a `read` that waits. */
  wake(): void {
    this.#woken = true
    this.#wake?.()
  }

  /** `false`: the peer is gone or took longer than `milliseconds`. */
  async write(octets: Uint8Array | string, milliseconds: number): Promise<boolean> {
    const socket = this.#socket
    if (this.#gone || !socket.writable) return false
    const taken = typeof octets === 'string' ? socket.write(octets, 'latin1') : socket.write(octets)
    if (taken) return true
    // 'close' ends the wait as well: nobody will drain a socket that is gone.
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const drained = (): void => resolve(true)
    const timer = setTimeout(() => resolve(false), Math.min(milliseconds, MAX_TIMER))
    socket.once('drain', drained)
    socket.once('close', drained)
    const inTime = await promise
    clearTimeout(timer)
    socket.removeListener('drain', drained)
    socket.removeListener('close', drained)
    return inTime && !this.#gone
  }

  /** Puts TLS around the socket and waits for the handshake. Answers why it failed. */
  async secure(
    wrap: (socket: Socket) => TLSSocket,
    event: 'secure' | 'secureConnect',
    milliseconds: number,
  ): Promise<string | undefined> {
    const plain = this.#socket
    plain.removeListener('readable', this.#onReadable)
    plain.removeListener('end', this.#onEnd)
    const socket = wrap(plain)
    this.#socket = socket
    this.#watch(socket)
    const { promise, resolve } = Promise.withResolvers<string | undefined>()
    const timer = setTimeout(() => resolve('handshake timed out'), milliseconds)
    socket.once(event, () => resolve(undefined))
    socket.once('_tlsError', (error: Error) => resolve(error.message))
    socket.once('error', (error) => resolve(error.message))
    socket.once('close', () => resolve('closed during the handshake'))
    const failure = await promise
    clearTimeout(timer)
    if (failure !== undefined) this.#failure ??= failure
    return failure
  }

  /** Sends what is written, then closes; reads and forgets what still comes, so that our last words arrive. */
  async close(milliseconds: number): Promise<void> {
    const socket = this.#socket
    if (socket.closed || socket.destroyed) return
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const timer = setTimeout(() => resolve(undefined), milliseconds)
    socket.removeListener('readable', this.#onReadable)
    socket.once('close', () => resolve(undefined))
    socket.end()
    socket.resume()
    await promise
    clearTimeout(timer)
    socket.destroy()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  get #gone(): boolean {
    return this.#ended || this.#failure !== undefined || this.#socket.destroyed
  }

  #woken = false
  readonly #onReadable = (): void => this.#wake?.()
  readonly #onEnd = (): void => {
    this.#ended = true
    this.#wake?.()
  }

  #watch(socket: Socket): void {
    socket.on('readable', this.#onReadable)
    socket.on('end', this.#onEnd)
    socket.on('close', this.#onEnd)
    socket.on('error', (error) => {
      this.#failure ??= error.message
      this.#wake?.()
    })
  }

  async #wait(milliseconds: number): Promise<'woken' | 'event'> {
    if (!this.#woken) {
      const { promise, resolve } = Promise.withResolvers<undefined>()
      const timer = setTimeout(() => resolve(undefined), Math.min(milliseconds, MAX_TIMER))
      this.#wake = () => resolve(undefined)
      await promise
      clearTimeout(timer)
      this.#wake = undefined
    }
    if (!this.#woken) return 'event'
    this.#woken = false
    return 'woken'
  }
}

const MAX_TIMER = 2_147_483_647
