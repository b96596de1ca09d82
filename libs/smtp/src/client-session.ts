// A client session without I/O: replies in, commands out, for one connection.
// RFC 5321 §3 (the SMTP procedures), §4.5.3.2 (timeouts); RFC 3207 §4.2 (what TLS makes forgotten)

import { GrowingBuffer } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import type { ClientError } from './client-error.ts'
import type { ExchangeStep } from './client-extension.ts'
import type { ClientTlsFacts } from './client-facts.ts'
import type { ClientAction, ClientState, ClientStep, TalkingState } from './client-state.ts'
import { CLIENT_TRANSITIONS, type ClientContext, fail, performed, proceed, say, sayEhlo } from './client-transitions.ts'
import type { Envelope } from './envelope.ts'
import { formatPath } from './path.ts'
import { ReplyReader } from './reply-reader.ts'
import type { Reply } from './reply.ts'

export type { ClientAction, Outcome } from './client-state.ts'

export type ClientSessionOptions = ClientContext & {
  /** Where TLS came before the greeting. */
  readonly tls?: ClientTlsFacts
}

export class ClientSession {
  readonly #context: ClientContext
  readonly #input = new GrowingBuffer()
  #replies: ReplyReader
  #state: ClientState
  #queue: ClientAction[] = []
  #ended: string | undefined

  constructor(options: ClientSessionOptions) {
    if (!WORD.test(options.hostname)) throw new Error(`Cannot greet as "${options.hostname}": not a name`)
    this.#context = options
    this.#replies = new ReplyReader(options.limits)
    this.#state = { name: 'greeting', learned: { greeting: undefined, tls: options.tls, identity: undefined } }
  }

  get state(): ClientState {
    return this.#state
  }

  receive(octets: Uint8Array): void {
    this.#input.append(octets)
  }

  /** The server is gone; replies that have arrived are still read. */
  end(message: string): void {
    this.#ended ??= message
  }

  /** Begins a transaction, or says why this server cannot take it. Only where the session is ready. */
  send(envelope: Envelope): Result<undefined, ClientError> {
    const { state } = this
    if (state.name !== 'ready') throw new Error(`Cannot send: the session is ${state.name}`)
    if (envelope.recipients.length === 0) throw new Error('Cannot send: no recipients')
    const parameters = [...(envelope.mailParameters ?? [])]
    for (const { keyword, mailParameters } of this.#context.extensions) {
      const added = mailParameters?.(envelope, state.facts.offers.get(keyword))
      if (added === undefined) continue
      if (!added.ok) return err(added.error)
      parameters.push(...added.value)
    }
    const lines = [
      line(`MAIL FROM:${formatPath(envelope.sender)}`, parameters),
      ...envelope.recipients.map((path, i) =>
        line(`RCPT TO:${formatPath(path)}`, envelope.recipientParameters?.[i] ?? []),
      ),
      'DATA',
    ]
    this.#begin(() => proceed({ name: 'envelope', facts: state.facts, lines, sent: 0, replies: [] }, this.#context))
    return ok(undefined)
  }

  reset(): void {
    const { state } = this
    if (state.name !== 'ready') throw new Error(`Cannot reset: the session is ${state.name}`)
    this.#begin(() => say({ name: 'resetting', facts: state.facts }, 'RSET'))
  }

  quit(): void {
    this.#begin(() => say({ name: 'quitting' }, 'QUIT'))
  }

  /** After `perform`. */
  performed(step: ExchangeStep): void {
    if (this.#state.name === 'performing') {
      this.#enter(performed(this.#state.facts, this.#state.index, step, this.#context))
    }
  }

  /** After `start-tls`. */
  secured(tls: ClientTlsFacts): void {
    if (this.#state.name !== 'securing') return
    this.#replies = new ReplyReader(this.#context.limits)
    const { greeting } = this.#state.facts
    this.#enter(sayEhlo({ greeting, tls, identity: undefined }, this.#context))
  }

  /** After `send-content`. */
  contentSent(): void {
    const state = this.#state
    if (state.name === 'content') this.#state = { ...state, name: 'result', empty: false }
  }

  next(): ClientAction {
    for (;;) {
      const action = this.#queue.shift()
      if (action !== undefined) return action
      const state = this.#state
      if (state.name === 'performing' || state.name === 'securing') {
        throw new Error(`Cannot go on: the session is ${state.name}`)
      }
      if (state.name === 'closed') return { kind: 'closed' }
      const reply = this.#replies.read(this.#input)
      if (!reply.ok) this.#enter(fail({ kind: 'bad-reply', reason: reply.error }))
      else if (reply.value !== undefined) {
        this.#queue.push({ kind: 'observed', reply: reply.value })
        this.#enter(replied(state, reply.value, this.#context))
      } else if (this.#ended !== undefined) this.#enter(fail({ kind: 'connection-lost', message: this.#ended }))
      else return this.#wait(state)
    }
  }

  #wait(state: TalkingState): ClientAction {
    const { limits } = this.#context
    switch (state.name) {
      case 'greeting':
        return { kind: 'read', seconds: limits.greetingSeconds, waitingFor: 'greeting' }
      case 'result':
        return { kind: 'read', seconds: limits.endOfDataSeconds, waitingFor: 'answer to the message' }
      case 'envelope': {
        const last = state.replies.length === state.lines.length - 1
        return last
          ? { kind: 'read', seconds: limits.dataSeconds, waitingFor: 'answer to DATA' }
          : { kind: 'read', seconds: limits.commandSeconds, waitingFor: 'answer to the envelope' }
      }
      case 'ehlo':
      case 'helo':
      case 'exchange':
      case 'ready':
      case 'content':
      case 'cleaning':
      case 'resetting':
      case 'quitting':
        return { kind: 'read', seconds: limits.commandSeconds, waitingFor: `answer (${state.name})` }
    }
  }

  /** A reply that is here before the command is none to it. */
  #begin(step: () => ClientStep): void {
    const early = this.#replies.read(this.#input)
    if (!early.ok) this.#enter(fail({ kind: 'bad-reply', reason: early.error }))
    else if (early.value !== undefined) this.#enter(fail({ kind: 'unexpected-reply', reply: early.value }))
    else if (this.#ended !== undefined) this.#enter(fail({ kind: 'connection-lost', message: this.#ended }))
    else this.#enter(step())
  }

  #enter({ state, actions }: ClientStep): void {
    // Octets behind the answer to STARTTLS were put there by somebody in between.
    if (state.name === 'securing' && (this.#input.length > 0 || this.#replies.pending)) {
      this.#enter(fail({ kind: 'tls-injection' }))
      return
    }
    this.#state = state
    this.#queue.push(...actions)
  }
}

function replied(state: TalkingState, reply: Reply, context: ClientContext): ClientStep {
  switch (state.name) {
    case 'greeting':
      return CLIENT_TRANSITIONS.greeting(state, reply, context)
    case 'ehlo':
      return CLIENT_TRANSITIONS.ehlo(state, reply, context)
    case 'helo':
      return CLIENT_TRANSITIONS.helo(state, reply, context)
    case 'exchange':
      return CLIENT_TRANSITIONS.exchange(state, reply, context)
    case 'ready':
      return CLIENT_TRANSITIONS.ready(state, reply, context)
    case 'envelope':
      return CLIENT_TRANSITIONS.envelope(state, reply, context)
    case 'content':
      return CLIENT_TRANSITIONS.content(state, reply, context)
    case 'result':
      return CLIENT_TRANSITIONS.result(state, reply, context)
    case 'cleaning':
      return CLIENT_TRANSITIONS.cleaning(state, reply, context)
    case 'resetting':
      return CLIENT_TRANSITIONS.resetting(state, reply, context)
    case 'quitting':
      return CLIENT_TRANSITIONS.quitting(state, reply, context)
  }
}

function line(command: string, parameters: readonly string[]): string {
  for (const one of parameters) if (!PARAMETER.test(one)) throw new Error(`Cannot send parameter "${one}"`)
  return [command, ...parameters].join(' ')
}

const WORD = /^[\x21-\x7e]{1,255}$/
const PARAMETER = /^[\x21-\x7e\u0080-\u{10ffff}]+$/u
