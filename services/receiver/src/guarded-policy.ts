// The receiver's policy behind its firewall: refused at the greeting, delayed at each reply, or put off at RCPT; and what a
// client does wrong is noted.
// RFC 5321 §3.1 (554 instead of the greeting), §4.3.1 (who speaks first), §4.5.4.1 (retries); RFC 6647 §2 (greylisting)

import { setTimeout as sleep } from 'node:timers/promises'
import type { Figures } from '@scop/bottle'
import type { Log } from '@scop/bottle/node'
import type { SmtpConnection, SmtpSession } from '@scop/bottle/smtp-listener'
import { ContentRefused, formatPath, refuse, type Reply, type ServerPolicy, type SessionFacts } from '@scop/smtp'
import type { IpAddress } from '@scop/identifiers'
import type { Firewall, Treatment } from './firewall.ts'
import type { Greylist } from './greylist.ts'
import { connectionOctets, isTrusted, prefixKey, type Trust } from './network.ts'
import type { Observation, Observer } from './observer.ts'
import * as replies from './replies.ts'

export type Guard = Trust & {
  readonly firewall: Firewall
  readonly greylist: Greylist
  readonly observer: Observer
  readonly tarpitSeconds: number
  readonly greetingSeconds: number
  /** Ends all waiting. */
  readonly draining: AbortSignal
  readonly now: () => number
  readonly log: Log
  readonly figures: Figures
}

/** A session of `policy` behind the guard. */
export function guardedSession(policy: ServerPolicy, guard: Guard, { hasSpoken }: SmtpConnection): SmtpSession {
  const { firewall, greylist, observer, draining, now, log, figures } = guard
  let treatment: Treatment = { kind: 'free' }
  let client: IpAddress | undefined
  let helo = ''
  let badCommands = 0
  const note = (what: Observation['class']): void => {
    if (client !== undefined && !isTrusted(client, guard)) observer.note({ class: what, client, helo })
  }
  const wait = async (seconds: number): Promise<void> => {
    // Rejects only when it is aborted: then nobody waits any longer.
    await sleep(seconds * 1000, undefined, { signal: draining }).catch(() => undefined)
  }
  const slowly = async (): Promise<void> => {
    if (treatment.kind === 'tarpit') await wait(guard.tarpitSeconds)
  }
  const turnedAway = (facts: SessionFacts['client']): Reply | undefined => {
    if (treatment.kind !== 'refuse' && treatment.kind !== 'tarpit-full') return undefined
    const { rule } = treatment
    figures.add(treatment.kind === 'refuse' ? 'connections_refused_total' : 'tarpit_full_total')
    log.info('connection refused', {
      client: facts.address,
      rule: rule.network,
      action: rule.action,
      by: rule.by,
      reason: rule.reason,
    })
    return treatment.kind === 'refuse' ? replies.banned(rule) : replies.TARPIT_FULL
  }
  return {
    extensions: [],
    policy: {
      greeting: async (facts, session) => {
        client = facts.address
        treatment = firewall.treat(facts.address)
        const reply = turnedAway(facts)
        if (reply !== undefined) return refuse(reply, { close: true })
        if (treatment.kind === 'tarpit') {
          figures.add('connections_tarpitted_total')
          const { rule } = treatment
          log.info('connection slowed down', { client: facts.address, rule: rule.network, reason: rule.reason })
        }
        await slowly()
        if (guard.greetingSeconds > 0 && !isTrusted(facts.address, guard)) await wait(guard.greetingSeconds)
        if (hasSpoken()) note('early-talker')
        return policy.greeting(facts, session)
      },
      hello: async (hello, facts) => {
        helo = hello.name
        await slowly()
        return policy.hello?.(hello, facts) ?? { kind: 'accept', reply: undefined }
      },
      mail: async (transaction, facts) => {
        await slowly()
        return policy.mail(transaction, facts)
      },
      recipient: async (recipient, transaction, facts) => {
        await slowly()
        const verdict = await policy.recipient(recipient, transaction, facts)
        if (verdict.kind === 'refuse') {
          if (verdict.reply === replies.NO_SUCH_USER) note('unknown-recipient')
          if (verdict.reply === replies.NOT_OURS) note('relay-attempt')
          return verdict
        }
        if (treatment.kind !== 'greylist') return verdict
        const octets = connectionOctets(facts.client.address)
        const seconds = greylist.waitFor(
          {
            network: prefixKey(octets, octets.length === 4 ? 24 : 48),
            sender: formatPath(transaction.sender),
            recipient: formatPath(recipient.path),
          },
          now(),
        )
        if (seconds === 0) return verdict
        figures.add('recipients_greylisted_total')
        const { rule } = treatment
        log.info('recipient put off', {
          client: facts.client.address,
          rule: rule.network,
          reason: rule.reason,
          seconds,
        })
        return refuse(replies.greylisted(seconds))
      },
      message: async (transaction, octets, facts) => {
        try {
          return await policy.message(transaction, octets, facts)
        } catch (error) {
          if (error instanceof ContentRefused && SMUGGLING.has(error.fault)) note('smuggling')
          throw error
        }
      },
    },
    onReply: ({ code }) => {
      if (BAD_COMMAND.has(code) && ++badCommands === GUESSES) note('guessed-commands')
    },
    onClosed: () => {
      if (treatment.kind === 'tarpit') treatment.release()
    },
  }
}

/** Unknown, and out of order. Misspelled arguments are not among them. */
const BAD_COMMAND: ReadonlySet<number> = new Set([500, 502, 503])
const GUESSES = 5
const SMUGGLING: ReadonlySet<string> = new Set(['bare-cr', 'bare-lf'])
