// What the verifier answers over its pipe: one message in, verified, one message on to the mailbox.

import { type Figures, parseEnvelope } from '@scop/bottle'
import type { Calls, Handlers, Log } from '@scop/bottle/node'
import type { KeyAnswer } from '@scop/dkim'
import type { DomainName } from '@scop/identifiers'
import { PipeRefusal } from '@scop/mesh/node'
import { concatOctets } from '@scop/octets'
import type { Reputation } from './reputation.ts'
import { reputationHandlers } from './reputation-handlers.ts'
import { type Verdict, verifyMessage } from './verify-message.ts'

export function verifierHandlers(options: {
  readonly hostname: DomainName
  readonly receivedFields: number
  readonly askKey: (name: string, trace: string) => Promise<KeyAnswer>
  readonly reputation: Reputation
  readonly calls: Calls
  readonly now: () => number
  readonly log: Log
  readonly figures: Figures
}): Handlers<'verifier'> {
  const { hostname, receivedFields, askKey, reputation, calls, now, log, figures } = options
  return {
    ...reputationHandlers({ reputation, log }),
    verify: async ({ request, octets, tail, trace, signal }) => {
      const envelope = parseEnvelope(request)
      if (!envelope.ok) throw new PipeRefusal('bad-request', envelope.error.reason)
      const verified = await verifyMessage(octets, {
        hostname,
        receivedFields,
        askKey: (name) => askKey(name, trace),
        nowMs: now(),
      })
      if (!verified.ok) {
        const { error } = verified
        throw new PipeRefusal(error.kind, error.kind === 'loop' ? `${error.received} Received fields` : error.reason)
      }
      let results = ''
      let seen: Verdict['seen'] | undefined
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
            const { field, summary, forged, ambiguities, unreadable } = verdict
            seen = verdict.seen
            const below = Uint8Array.fromBase64((await tail()).above)
            results = summary
            figures.add('messages_verified_total')
            if (ambiguities.length > 0) figures.add('messages_ambiguous_total')
            if (unreadable !== undefined) figures.add('messages_unreadable_total')
            const ambiguous = [...new Set(ambiguities.map(({ kind }) => kind))].join(' ')
            log.info('verified', { trace, results: summary, forgedResultsRemoved: forged, ambiguous })
            return { above: concatOctets([field, below]).toBase64(), into: 'inbox' as const }
          },
        },
      )
      if (!delivered.ok) {
        log.warn('not delivered', { trace, reason: delivered.error.reason })
        if (delivered.error.kind === 'failed') throw new PipeRefusal(delivered.error.failure, delivered.error.reason)
        throw new PipeRefusal('temporary', 'the mailbox does not answer')
      }
      const client = envelope.value.arrival.client
      // Once for each message: not where it is sent again because we could not keep it.
      if (client !== undefined && seen !== undefined)
        reputation.recordSeen({ client: client.address, helo: client.helo, ...seen })
      return { response: { outcome: 'delivered', results, recipients: delivered.value.response.recipients } }
    },
  }
}
