// A server session without I/O: octets, time and answers in, actions out, one at a time. Whoever drives it performs an
// action before asking for the next, so a command is read only when the last answer has been written.
// RFC 5321 §4.5.3 (limits, timeouts), §4.1.1.5 (RSET), §3.8 (lost connections); RFC 2920 §3.2 (grouped replies)

import { decodeLatin1, GrowingBuffer } from '@scop/octets'
import { parseCommandLine } from './command.ts'
import { ContentAborted, ContentRefused } from './content-error.ts'
import type { ClientFacts, TlsFacts } from './facts.ts'
import { takeLine } from './line.ts'
import type { ServerPolicy } from './policy.ts'
import { type Reply, reply } from './reply.ts'
import {
  commandErrorReply,
  faultReply,
  LINE_TOO_LONG,
  OUT_OF_ORDER,
  PIPELINED_STARTTLS,
  STOPPING,
  STRAY_LINE_ENDING,
  TIMED_OUT,
  TOO_MANY_COMMANDS,
  TOO_MANY_ERRORS,
  TOO_MANY_TRANSACTIONS,
} from './reply-codes.ts'
import {
  type Action,
  type Answer,
  answer,
  answerAndClose,
  ask,
  type CommandState,
  type ContentState,
  type DialogueState,
  type State,
  type Step,
  unknownClient,
} from './server-state.ts'
import { type ServerContext, step } from './server-transitions.ts'
import { Slots } from './slots.ts'

export type ServerSessionOptions = ServerContext & {
  readonly client: ClientFacts
  /** Where TLS came before the greeting. */
  readonly tls?: TlsFacts
}

export type SessionAction =
  /** `hold`: may leave together with the replies that follow. */
  | { readonly kind: 'reply'; readonly reply: Reply; readonly verb: string | undefined; readonly hold: boolean }
  | Exclude<Action, { readonly kind: 'reply' }>
  /** Nothing to do before octets arrive, or `wakeAt` (milliseconds) comes. */
  | { readonly kind: 'read'; readonly wakeAt: number }

export class ServerSession {
  readonly #context: ServerContext
  readonly #input = new GrowingBuffer()
  #state: State
  #queue: Action[] = []
  #verb: string | undefined
  #receiving = false
  #stopping = false
  #skipping = false // the rest of a line that was too long
  #skipped = 0
  #commands = 0
  #badCommands = 0
  #transactions = 0
  #refusedRecipients = 0
  #waitingSince: number | undefined
  #messagelessSince: number | undefined
  #discardingSince: number | undefined
  #judged = false // the next reply is that to a whole message
  #messageSince = 0
  #arrivedAt = 0

  constructor(options: ServerSessionOptions) {
    this.#context = options
    const facts = unknownClient(options.client, options.tls, Slots.none)
    const fresh: State = { name: 'fresh', facts }
    const closed: State = { name: 'closed', facts }
    const welcome = reply(220, undefined, `${options.hostname} ESMTP`)
    this.#state = closed
    this.#enter(
      ask(
        closed,
        (policy: ServerPolicy) => policy.greeting(options.client, facts),
        (verdict) => {
          if (verdict.kind === 'accept') return answer(fresh, verdict.reply ?? welcome)
          // RFC 5321 §3.1: 554 instead of the greeting. The connection is over either way.
          return answerAndClose(fresh, verdict.reply)
        },
      ),
    )
  }

  get state(): State {
    return this.#state
  }

  receive(octets: Uint8Array, now: number): void {
    this.#input.append(octets)
    this.#arrivedAt = now
  }

  /** The client is gone. */
  end(): void {
    this.#input.clear()
    this.#queue = []
    this.#enter({ state: { name: 'closed', facts: this.#state.facts }, actions: [{ kind: 'close' }] })
  }

  /** 421 and close as soon as no message is on its way. */
  stop(): void {
    this.#stopping = true
  }

  /** After `ask` and `end-message`. */
  answer(answer: Answer): void {
    if (this.#state.name === 'asking') this.#enter(answer.step())
  }

  /** After `start-tls`. */
  secured(tls: TlsFacts): void {
    this.#input.clear()
    if (this.#state.name === 'securing') this.#enter(this.#state.secured(tls))
  }

  /** Must not be called between `ask`, `end-message` or `start-tls` and what answers them. */
  next(now: number): SessionAction {
    for (;;) {
      const action = this.#queue.shift()
      if (action !== undefined) {
        if (action.kind === 'begin-message') this.#messageSince = this.#arrivedAt = now
        return action.kind === 'reply' ? this.#reply(action.reply) : action
      }
      const wakeAt = this.#advance(now)
      if (wakeAt === undefined) continue
      if (now < wakeAt) return { kind: 'read', wakeAt }
      this.#enter(answerAndClose(this.#state, TIMED_OUT))
    }
  }

  /** Makes one step, or answers until when to wait for more. */
  #advance(now: number): number | undefined {
    const state = this.#state
    switch (state.name) {
      case 'content':
        return this.#readContent(state, now)
      case 'dialogue':
        return this.#readDialogue(state, now)
      case 'closed':
        this.#queue.push({ kind: 'close' })
        return undefined
      case 'asking':
      case 'securing':
        throw new Error(`Cannot go on: the session is ${state.name}`)
      case 'fresh':
      case 'ready':
      case 'mail':
      case 'recipients':
      case 'extension':
        return this.#readCommand(state, now)
    }
  }

  #readCommand(state: CommandState, now: number): number | undefined {
    const { limits } = this.#context
    this.#waitingSince ??= now
    this.#messagelessSince ??= now
    this.#discardingSince = undefined
    if (this.#stopping) {
      this.#enter(answerAndClose(state, STOPPING))
      return undefined
    }
    const line = this.#skipping ? this.#skipLine() : takeLine(this.#input, this.#lineLimit())
    switch (line.kind) {
      case 'incomplete': {
        const patience = this.#waitingSince + limits.commandSeconds * 1000
        if (this.#receiving) return Math.min(patience, this.#messageSince + limits.messageSeconds * 1000)
        return Math.min(patience, this.#messagelessSince + limits.messagelessSeconds * 1000)
      }
      case 'too-long':
        if (this.#skipping) this.#enter(answerAndClose(state, LINE_TOO_LONG))
        else this.#skipping = true
        return undefined
      case 'stray':
        // Somebody before us may have read it as the end of a line: nothing more is read.
        this.#enter(answerAndClose(state, STRAY_LINE_ENDING))
        return undefined
      case 'line':
    }
    this.#waitingSince = undefined
    this.#verb = undefined
    this.#commands++
    if (this.#skipping) {
      this.#skipping = false
      this.#skipped = 0
      this.#enter(answer(state, LINE_TOO_LONG))
      return undefined
    }
    const command = parseCommandLine(line.octets)
    if (!command.ok) {
      this.#enter(answer(state, commandErrorReply(command.error)))
      return undefined
    }
    this.#verb = command.value.verb
    if (this.#commands > limits.commands && this.#verb !== 'QUIT') {
      this.#enter(answerAndClose(state, TOO_MANY_COMMANDS))
    } else if (this.#verb === 'MAIL' && ++this.#transactions > limits.transactions) {
      this.#enter(answerAndClose(state, TOO_MANY_TRANSACTIONS))
    } else this.#enter(step(state, command.value, this.#context))
    return undefined
  }

  #readDialogue(state: DialogueState, now: number): number | undefined {
    this.#waitingSince ??= now
    const line = takeLine(this.#input, state.lineOctets)
    if (line.kind === 'incomplete') return this.#waitingSince + this.#context.limits.commandSeconds * 1000
    this.#waitingSince = undefined
    if (line.kind === 'line') this.#enter(state.line(line.octets))
    else this.#enter(answerAndClose(state, line.kind === 'stray' ? STRAY_LINE_ENDING : LINE_TOO_LONG))
    return undefined
  }

  #readContent(state: ContentState, now: number): number | undefined {
    const { limits } = this.#context
    const { reader, count } = state
    if (count === 0) {
      this.#enter(state.ended())
      return undefined
    }
    if (this.#input.length === 0) {
      const patience = this.#arrivedAt + limits.contentSeconds * 1000
      if (!this.#receiving) this.#discardingSince ??= now
      const since = this.#receiving ? this.#messageSince : (this.#discardingSince ?? now)
      return Math.min(patience, since + limits.messageSeconds * 1000)
    }
    const held = this.#input.peek()
    const reading = reader.read(count === undefined ? held : held.subarray(0, count))
    this.#input.take(reading.used)
    let next = count === undefined ? state : { ...state, count: count - reading.used }
    if (next.receiving) {
      const fault = reader.fault
      if (fault !== undefined) {
        next = { ...next, receiving: false }
        this.#receiving = false
        this.#queue.push({ kind: 'abort-message', error: new ContentRefused(fault) })
      } else if (reading.content.length > 0) this.#queue.push({ kind: 'message-octets', octets: reading.content })
    } else if (reader.octets > limits.messageOctets + limits.discardedMessageOctets) {
      this.#enter(answerAndClose(state, faultReply('too-large', limits)))
      return undefined
    }
    this.#state = next
    if (reading.ended) this.#enter(state.ended())
    return undefined
  }

  /** Looks for the end of a line that was too long, and forgets it. */
  #skipLine(): ReturnType<typeof takeLine> {
    const line = takeLine(this.#input, Number.POSITIVE_INFINITY)
    if (line.kind !== 'incomplete') return line
    // A CR at the end stays: its LF may follow.
    const length = this.#input.peek().at(-1) === CR ? this.#input.length - 1 : this.#input.length
    this.#skipped += length
    this.#input.take(length)
    return this.#skipped > this.#context.limits.discardedLineOctets ? { kind: 'too-long' } : line
  }

  /** The longest line for the verb that the input begins with. */
  #lineLimit(): number {
    const { limits, extensions } = this.#context
    const { length } = this.#input
    if (length <= limits.commandLineOctets) return limits.commandLineOctets
    const start = decodeLatin1(this.#input.peek().subarray(0, LONGEST_VERB)).toUpperCase()
    let limit = limits.commandLineOctets
    for (const { lineOctets } of extensions) {
      for (const [verb, octets] of Object.entries(lineOctets ?? {})) if (start.startsWith(`${verb} `)) limit += octets
    }
    return limit
  }

  #enter({ state, actions }: Step): void {
    // What follows STARTTLS in clear was written by somebody else.
    if (state.name === 'securing' && this.#input.length > 0) {
      this.#enter(answerAndClose(state, PIPELINED_STARTTLS))
      return
    }
    this.#state = state
    const wanted: Action[] = []
    for (const action of actions) {
      if (action.kind === 'begin-message') this.#receiving = true
      else if (action.kind === 'abort-message' && !this.#receiving)
        continue // said already
      else if (action.kind === 'abort-message' || action.kind === 'end-message') this.#receiving = false
      if (action.kind === 'end-message') this.#judged = true
      wanted.push(action)
    }
    const keeps = state.name === 'content' || state.name === 'asking' || (state.name === 'extension' && state.receiving)
    if (this.#receiving && !keeps) {
      this.#receiving = false
      this.#queue.push({ kind: 'abort-message', error: new ContentAborted() })
    }
    this.#queue.push(...wanted)
  }

  /** The last hand on a reply, and the counts that end a session. */
  #reply(given: Reply): SessionAction {
    const { limits, extensions } = this.#context
    const { facts } = this.#state
    let decorated = given
    for (const { decorateReply } of extensions) decorated = decorateReply?.(decorated, facts) ?? decorated
    const verb = this.#verb
    if (this.#judged && given.code < 300) this.#messagelessSince = undefined
    this.#judged = false
    if (BAD_COMMAND.has(given.code)) this.#badCommands++
    else if (verb === 'RCPT' && given.code >= 400) this.#refusedRecipients++
    const tooMany = this.#badCommands > limits.badCommands || this.#refusedRecipients > limits.refusedRecipients
    if (tooMany && this.#state.name !== 'closed') {
      this.#queue = []
      this.#enter(answerAndClose(this.#state, TOO_MANY_ERRORS))
    }
    const grouped = verb !== undefined && MAY_WAIT.has(verb) && extensions.some((one) => one.groupsReplies === true)
    const hold = grouped && !tooMany && this.#input.length > 0 && this.#input.peek().includes(LF)
    return { kind: 'reply', reply: decorated, verb, hold }
  }
}

const CR = 0x0d
const LF = 0x0a
const LONGEST_VERB = 17
/** What unknown, malformed and misplaced commands get. */
const BAD_COMMAND: ReadonlySet<number> = new Set([500, 501, 502, OUT_OF_ORDER.code, 504, 555])
/** RFC 2920 §3.2 item 3 names those that may not wait. */
const MAY_WAIT: ReadonlySet<string> = new Set(['MAIL', 'RCPT', 'RSET'])
