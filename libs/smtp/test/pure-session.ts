// Drives a pure server session: octets in, reply text out, messages to the policy once they are whole.

import { parseIpAddress } from '@scop/identifiers'
import { encodeLatin1 } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  DEFAULT_LIMITS,
  encodeReply,
  type Limits,
  type ServerExtension,
  type ServerPolicy,
  ServerSession,
  type TlsFacts,
  type Transaction,
} from '../src/index.ts'
import { allExtensions } from './loopback.ts'

export const TLS_13: TlsFacts = {
  version: 'TLSv1.3',
  cipher: 'TLS_AES_128_GCM_SHA256',
  serverName: undefined,
  exportKeyingMaterial: (octets) => new Uint8Array(octets),
}

export type PureOptions = {
  readonly extensions?: readonly ServerExtension[]
  readonly limits?: Partial<Limits>
  readonly tls?: TlsFacts
}

export class PureSession {
  readonly session: ServerSession
  readonly #policy: ServerPolicy
  output = ''
  closed = false
  /** Messages begun, ended, aborted. */
  readonly counts = { begun: 0, ended: 0, aborted: 0 }
  now = 0
  wakeAt = 0
  #message: { readonly transaction: Transaction; readonly chunks: Uint8Array[] } | undefined

  constructor(policy: ServerPolicy, options: PureOptions = {}) {
    this.#policy = policy
    this.session = new ServerSession({
      hostname: 'mx.example.org',
      extensions: options.extensions ?? allExtensions(),
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      client: { address: expectOk(parseIpAddress('192.0.2.1'), 'read'), port: 4321 },
      ...(options.tls === undefined ? {} : { tls: options.tls }),
    })
  }

  /** Latin-1 text. Answers what the session said to it. */
  async say(text: string): Promise<string> {
    return this.feed(encodeLatin1(text))
  }

  async feed(octets: Uint8Array): Promise<string> {
    const before = this.output.length
    if (this.closed) return ''
    this.session.receive(octets, this.now)
    await this.run()
    return this.output.slice(before)
  }

  async run(): Promise<void> {
    const { session } = this
    for (;;) {
      const action = session.next(this.now)
      switch (action.kind) {
        case 'reply':
          this.output += encodeReply(action.reply)
          break
        case 'ask':
          session.answer(await action.ask(this.#policy))
          break
        case 'begin-message':
          this.counts.begun++
          this.#message = { transaction: action.transaction, chunks: [] }
          break
        case 'message-octets':
          this.#message?.chunks.push(action.octets)
          break
        case 'abort-message':
          this.counts.aborted++
          this.#message = undefined
          break
        case 'end-message': {
          this.counts.ended++
          if (this.#message === undefined) throw new Error('a message ended that was not begun')
          const { transaction, chunks } = this.#message
          const verdict = await this.#policy.message(transaction, iterate(chunks), session.state.facts)
          session.answer({ step: () => action.answered(verdict) })
          this.#message = undefined
          break
        }
        case 'start-tls':
          session.secured(TLS_13)
          break
        case 'close':
          this.closed = true
          return
        case 'read':
          this.wakeAt = action.wakeAt
          return
      }
    }
  }
}

async function* iterate(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}
