// Forwarding: mail for an alias that leads out of the bottle waits in an account of its own, durable like any other,
// until the relay has it in its queue. A crash between the two sends it twice rather than never.
// RFC 5321 §3.9.1 (alias), §4.5.5 (the sender stays as it is), §6.3 (a hop is counted, so that no circle is endless)

import type { Envelope } from '@scop/bottle'
import type { Log } from '@scop/bottle/node'
import { type DomainName, type Mailbox, needsUtf8, parseMailbox } from '@scop/identifiers'
import { INBOX, type MailStore, type MessageFacts } from '@scop/mail-store'
import { formatReceived, HeaderReader, TransportFactsReader } from '@scop/mime'
import { isAscii } from '@scop/octets'
import type { Result } from '@scop/result'
import { withoutReturnPath } from './return-path.ts'

/** The name of the account whose mail waits to go to `address`. No account of the directory has such a name. */
export function forwardAccount(address: string): string {
  return PREFIX + address
}

export function isForwardAccount(account: string): boolean {
  return account.startsWith(PREFIX)
}

/** Answers when the message is durable in the relay's queue. */
export type Enqueue = (
  envelope: Envelope,
  octets: AsyncIterable<Uint8Array>,
) => Promise<Result<{ readonly queueId: string }, { readonly reason: string }>>

export type ForwarderOptions = {
  readonly store: MailStore
  readonly enqueue: Enqueue
  /** Ours, for the Received field. */
  readonly hostname: DomainName
  readonly now: () => number
  readonly log: Log
  readonly retryMs: number
}

export class Forwarder {
  readonly #options: ForwarderOptions
  #running: Promise<void> | undefined
  #again = false
  #stopped = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: ForwarderOptions) {
    this.#options = options
  }

  /** Something may wait. */
  wake(): void {
    if (this.#stopped) return
    this.#again = true
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  async drain(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#running
  }

  async #run(): Promise<void> {
    const { log, retryMs } = this.#options
    clearTimeout(this.#timer)
    while (this.#again && !this.#stopped) {
      this.#again = false
      try {
        if (await this.#forwardAll()) continue
      } catch (error) {
        log.error('forwarding broke', { error: error instanceof Error ? error : String(error) })
      }
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => this.wake(), retryMs)
    }
  }

  /** False when something still waits. */
  async #forwardAll(): Promise<boolean> {
    const { store, log } = this.#options
    const accounts = await store.accounts(PREFIX)
    if (!accounts.ok) return false
    let all = true
    for (const account of accounts.value) {
      const target = parseMailbox(account.slice(PREFIX.length), { utf8: true })
      const waiting = await store.list(account, INBOX, { limit: Number.MAX_SAFE_INTEGER })
      if (!waiting.ok) return false
      if (!target.ok) log.error('cannot forward: not an address', { account })
      else {
        let failures = 0
        for (const facts of waiting.value) {
          const gone = await this.#forward(account, target.value, facts).catch((error: unknown) => {
            const said = error instanceof Error ? error : String(error)
            log.error('forwarding broke', { trace: facts.trace, account, error: said })
            return false
          })
          if (gone)
            this.#again = true // a list has a limit
          else if (++failures >= FAILURES) break
        }
        if (failures > 0) all = false
      }
    }
    return all
  }

  async #forward(account: string, target: Mailbox, facts: MessageFacts): Promise<boolean> {
    const { store, enqueue, hostname, now, log } = this.#options
    const sender = facts.sender === '' ? undefined : parseMailbox(facts.sender, { utf8: true })
    if (sender?.ok === false || this.#stopped) return false
    const measured = await store.read(account, INBOX, facts.uid)
    if (!measured.ok) return false
    const { eightBit, utf8Header } = await measure(withoutReturnPath(measured.value.octets))
    const envelope: Envelope = {
      trace: facts.trace,
      sender: sender?.value,
      recipients: [target],
      smtpUtf8: utf8Header || needsUtf8(target) || (sender !== undefined && needsUtf8(sender.value)),
      body: eightBit ? '8bitmime' : '7bit',
      arrival: {
        receivedAtMs: facts.internalDateMs,
        protocol: 'LOCAL',
        client: undefined,
        tls: undefined,
        authenticated: undefined,
      },
    }
    const message = await store.read(account, INBOX, facts.uid)
    if (!message.ok) return false
    const received = formatReceived({ by: hostname, id: facts.trace, for: target, epochMilliseconds: now() })
    const enqueued = await enqueue(envelope, below(received, withoutReturnPath(message.value.octets)))
    if (!enqueued.ok) {
      log.warn('not forwarded yet', { trace: facts.trace, account, reason: enqueued.error.reason })
      return false
    }
    log.info('forwarded', { trace: facts.trace, account, queueId: enqueued.value.queueId })
    const deleted = await store.delete(account, INBOX, facts.uid)
    return deleted.ok
  }
}

async function* below(field: Uint8Array, message: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield field
  yield* message
}

async function measure(octets: AsyncIterable<Uint8Array>): Promise<{ eightBit: boolean; utf8Header: boolean }> {
  const facts = new TransportFactsReader()
  const reader = new HeaderReader()
  let utf8Header: boolean | undefined
  for await (const chunk of octets) {
    facts.feed(chunk)
    if (utf8Header !== undefined) continue
    const read = reader.feed(chunk)
    if (!read.ok) utf8Header = true
    else if (read.value.kind === 'header') utf8Header = !isAscii(read.value.header.octets)
  }
  const { eightBit } = facts.facts
  return { eightBit, utf8Header: utf8Header ?? eightBit }
}

/** Messages for one address that may come to nothing before its others wait, too: one that cannot go holds none. */
const FAILURES = 3
const PREFIX = 'forward:'
