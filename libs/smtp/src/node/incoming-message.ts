// One message between the session that receives it and the policy that takes it: one chunk at a time, so a slow policy
// slows the client. Law: accepted only by a policy that has read it to its end.

import { refuse, type Verdict } from '../policy.ts'
import { LOCAL_ERROR } from '../server-state.ts'

export class IncomingMessage implements AsyncIterable<Uint8Array> {
  #chunk: Uint8Array | undefined
  #over: 'end' | Error | undefined
  #readToEnd = false
  #discarding = false
  #wakeReader: (() => void) | undefined
  #wakeWriter: (() => void) | undefined
  #verdict: Promise<Verdict> | undefined

  /** Begins to hand the octets to `take`. */
  start(take: (octets: AsyncIterable<Uint8Array>) => Promise<Verdict>): void {
    this.#verdict = take(this)
    const discard = (): void => {
      this.#discarding = true
      this.#wakeWriter?.()
    }
    this.#verdict.then(discard, discard)
  }

  /** Resolves when the chunk is taken, or nobody wants it any more. */
  async push(octets: Uint8Array): Promise<void> {
    if (this.#discarding) return
    this.#chunk = octets
    this.#wakeReader?.()
    while (this.#chunk !== undefined && !this.#discarding) {
      await new Promise<void>((resolve) => {
        this.#wakeWriter = resolve
      })
    }
  }

  abort(error: Error): void {
    this.#over ??= error
    this.#wakeReader?.()
  }

  /** The whole message was pushed: what the policy says. */
  async verdict(onError: (error: unknown) => void): Promise<Verdict> {
    this.#over ??= 'end'
    this.#wakeReader?.()
    try {
      const verdict = await this.#verdict
      if (verdict === undefined) throw new Error('Cannot judge a message: it was not begun')
      if (verdict.kind === 'accept' && !this.#readToEnd) throw new Error('Cannot accept a message: not read to its end')
      return verdict
    } catch (error) {
      onError(error)
      return refuse(LOCAL_ERROR)
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        const chunk = this.#chunk
        if (this.#over instanceof Error) throw this.#over
        if (chunk !== undefined) {
          this.#chunk = undefined
          this.#wakeWriter?.()
          yield chunk
        } else if (this.#over === 'end') {
          this.#readToEnd = true
          return
        } else {
          await new Promise<void>((resolve) => {
            this.#wakeReader = resolve
          })
        }
      }
    } finally {
      this.#discarding = true
      this.#wakeWriter?.()
    }
  }
}
