// What the verifier answers over its pipe: one message in, verified, one message on to the mailbox.

import { type Figures, parseEnvelope, type Response } from '@scop/bottle'
import type { Calls, Handlers, Log } from '@scop/bottle/node'
import type { DomainName } from '@scop/identifiers'
import { PipeRefusal } from '@scop/mesh/node'
import { concatOctets } from '@scop/octets'
import type { Dns } from './ask-dns.ts'
import type { Decision, Policy } from './policy.ts'
import type { Reputation } from './reputation.ts'
import { reputationHandlers } from './reputation-handlers.ts'
import { type Verdict, verifyMessage } from './verify-message.ts'

export function verifierHandlers(options: {
  readonly hostname: DomainName
  readonly receivedFields: number
  readonly policy: Policy
  /** Domains whose ARC seals count. */
  readonly trustedSealers: readonly string[]
  /** 0 to 99, by chance. */
  readonly sample: () => number
  /** One for each message. */
  readonly askDns: (trace: string) => Dns
  readonly reputation: Reputation
  readonly calls: Calls
  readonly now: () => number
  readonly log: Log
  readonly figures: Figures
}): Handlers<'verifier'> {
  const { hostname, receivedFields, policy, trustedSealers, sample, askDns, reputation, calls, now, log, figures } =
    options
  const note = (verdict: Verdict, trace: string): void => {
    const { decision, summary, forged, ambiguities, unreadable } = verdict
    figures.add('messages_verified_total')
    if (ambiguities.length > 0) figures.add('messages_ambiguous_total')
    if (unreadable !== undefined) figures.add('messages_unreadable_total')
    const ambiguous = [...new Set(ambiguities.map(({ kind }) => kind))].join(' ')
    log.info('verified', {
      trace,
      results: summary,
      forgedResultsRemoved: forged,
      ambiguous,
      decision: decision.kind === 'accept' ? decision.into : decision.kind,
      ...(decision.kind !== 'accept' && { reason: decision.reason }),
      ...(decision.kind === 'accept' && decision.override && { override: decision.override }),
    })
  }
  return {
    ...reputationHandlers({ reputation, log }),
    verify: async ({ request, octets, tail, trace, signal }) => {
      const envelope = parseEnvelope(request)
      if (!envelope.ok) throw new PipeRefusal('bad-request', envelope.error.reason)
      const { sender, arrival } = envelope.value
      const { client } = arrival
      const verified = await verifyMessage(octets, {
        hostname,
        receivedFields,
        policy,
        dns: askDns(trace),
        trustedSealers,
        sample: sample(),
        sender,
        client,
        nowMs: now(),
      })
      if (!verified.ok) {
        const { error } = verified
        throw new PipeRefusal(error.kind, error.kind === 'loop' ? `${error.received} Received fields` : error.reason)
      }
      const judged: { verdict?: Verdict } = {}
      const delivered = await calls.call(
        'mailbox',
        'deliver',
        { envelope: request, deliveryId: trace },
        {
          trace,
          signal,
          octets: verified.value.octets,
          tail: async () => {
            const verdict = await verified.value.finish()
            judged.verdict = verdict
            note(verdict, trace)
            const { decision, fields } = verdict
            // The mailbox lets go of what it has when no tail comes.
            if (decision.kind !== 'accept') throw new Error('not taken')
            const below = Uint8Array.fromBase64((await tail()).above)
            return { above: concatOctets([fields, below]).toBase64(), into: decision.into }
          },
        },
      )
      const { verdict } = judged
      const recordSeen = (): void => {
        if (client !== undefined && verdict !== undefined)
          reputation.recordSeen({ client: client.address, helo: client.helo, ...verdict.seen })
      }
      if (verdict !== undefined && verdict.decision.kind !== 'accept') {
        const { kind } = verdict.decision
        figures.add(kind === 'refuse' ? 'messages_refused_total' : 'messages_deferred_total')
        // What is deferred comes again, and is counted then.
        if (kind === 'refuse') recordSeen()
        return { response: answerOf(verdict.decision, verdict.summary) }
      }
      if (!delivered.ok) {
        log.warn('not delivered', { trace, reason: delivered.error.reason })
        if (delivered.error.kind === 'failed') throw new PipeRefusal(delivered.error.failure, delivered.error.reason)
        throw new PipeRefusal('temporary', 'the mailbox does not answer')
      }
      // Once for each message: not where it is sent again because we could not keep it.
      recordSeen()
      const { recipients } = delivered.value.response
      return { response: { outcome: 'delivered', results: verdict?.summary ?? '', recipients } }
    },
  }
}

function answerOf(decision: Exclude<Decision, { kind: 'accept' }>, results: string): Response<'verifier', 'verify'> {
  const { reason } = decision
  if (decision.kind === 'refuse') return { outcome: 'refused', results, status: decision.status, reason }
  return { outcome: 'deferred', results, status: decision.status, reason }
}
