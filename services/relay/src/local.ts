// Delivery to our own mailboxes, over the pipe. All recipients of an entry that are ours go in one call.
// RFC 5321 §6.3 (loops)

import { hash } from 'node:crypto'
import type { CallError, Calls } from '@scop/bottle/node'
import { formatEnvelope } from '@scop/bottle'
import { formatMailbox } from '@scop/identifiers'
import type { Verdict } from './attempt.ts'
import { inCircles, inspect } from './inspect.ts'
import type { Queue, QueuedRecipient, QueueEntry, QueueId } from './queue.ts'

/** Whether mail for a domain is ours to keep. A directory that does not answer is `undefined`. */
export function ourDomains(
  calls: Calls,
  now: () => number,
): (recipient: QueuedRecipient, trace: string) => Promise<boolean | undefined> {
  const known = new Map<string, { readonly ours: boolean; readonly untilMs: number }>()
  return async ({ mailbox }, trace) => {
    if (typeof mailbox.domain !== 'string') return false
    const cached = known.get(mailbox.domain)
    const single = mailbox.localPart.toLowerCase() === 'postmaster' // ours at our hostname, where nobody else is
    if (!single && cached !== undefined && cached.untilMs > now()) return cached.ours
    const answer = await calls.call('directory', 'resolve', { mailbox: formatMailbox(mailbox) }, { trace })
    if (!answer.ok) return undefined
    const ours = answer.value.response.kind !== 'not-ours'
    if (single) return ours
    if (known.size >= KNOWN_DOMAINS) known.clear()
    known.set(mailbox.domain, { ours, untilMs: now() + KNOWN_MS })
    return ours
  }
}

/** The delivery id is the queue's: an attempt whose answer was lost is not delivered again. */
export async function deliverLocally(
  calls: Calls,
  queue: Queue,
  entry: QueueEntry,
  recipients: readonly QueuedRecipient[],
  receivedFields: number,
): Promise<ReadonlyMap<number, Verdict>> {
  const [first, ...others] = recipients.map(({ mailbox }) => mailbox)
  if (first === undefined) return new Map()
  // What a user of ours has sent was counted when it came; what a mailbox has forwarded has come by here before.
  if (entry.envelope.arrival.protocol === 'LOCAL') {
    const { received } = await inspect(queue, entry)
    if (received > receivedFields) return new Map(recipients.map(({ position }) => [position, inCircles(received)]))
  }
  const envelope = formatEnvelope({ ...entry.envelope, recipients: [first, ...others] })
  const answer = await calls.call(
    'mailbox',
    'deliver',
    { envelope, deliveryId: deliveryId(entry.id, recipients) },
    {
      trace: entry.envelope.trace,
      octets: queue.octetsOf(entry),
      tail: () => ({ above: entry.above.toBase64(), into: 'inbox' as const }),
    },
  )
  const verdicts = new Map<number, Verdict>()
  for (const [i, { position }] of recipients.entries()) {
    if (!answer.ok) {
      verdicts.set(position, verdictOfPipeError(answer.error))
    } else if (answer.value.response.recipients[i]?.outcome === 'delivered') {
      verdicts.set(position, { kind: 'delivered', reply: '250 2.1.5 delivered', remote: 'mailbox' })
    } else {
      verdicts.set(position, {
        kind: 'never',
        reply: '550 5.1.1 no such user here',
        remote: undefined,
        status: '5.1.1',
      })
    }
  }
  return verdicts
}

/** The same for the same recipients of the same entry, and short however many they are. */
export function deliveryId(id: QueueId, recipients: readonly Pick<QueuedRecipient, 'position'>[]): string {
  const positions = recipients.map(({ position }) => position).join('.')
  return `${id}.${hash('sha256', positions, 'hex').slice(0, 32)}`
}

/** Only a message that is too large for the mailbox will never be better. */
export function verdictOfPipeError(error: CallError): Verdict {
  const refusal = error.kind === 'failed' ? error.failure : error.kind
  if (refusal === 'too-large') {
    return { kind: 'never', reply: '552 5.3.4 the message is too large', remote: undefined, status: '5.3.4' }
  }
  if (refusal === 'over-quota') {
    return { kind: 'later', reply: '452 4.2.2 the mailbox is full', remote: undefined, status: '4.2.2' }
  }
  return { kind: 'later', reply: `451 4.3.0 mailbox: ${refusal}`, remote: undefined, status: '4.3.0' }
}

const KNOWN_MS = 5000
const KNOWN_DOMAINS = 10_000
