// One message, or one thing done in a session, as events: for whom it counts and as what.
// Laws: a message is one event for each subject, of the worst class that was seen, or else of the best. A domain is a
// subject only where the message was proved to be its own, and then failures of others' names do not touch it.

import type { DomainName, IpAddress } from '@scop/identifiers'
import { countsFor, type EventClass, EVENT_CLASSES } from './event-class.ts'
import { REPUTATION_LIMITS, type ReputationLimits } from './limits.ts'
import { formatSubject, heloSubject, networkSubject, type Subject } from './subject.ts'

export type ReputationEvent = { readonly subject: Subject; readonly class: EventClass }

export type Seen = {
  /** Who connected: that at least cannot be forged. */
  readonly client: IpAddress
  readonly helo: string
  /** Those that the message was proved to be of, by a signature or by SPF; never those that it only names. */
  readonly provenDomains: readonly DomainName[]
  readonly classes: readonly EventClass[]
}

export function attribute(
  { client, helo, provenDomains, classes }: Seen,
  limits: ReputationLimits = REPUTATION_LIMITS,
): readonly ReputationEvent[] {
  const name = heloSubject(helo)
  const domains = [...new Set(provenDomains)].slice(0, limits.domains)
  const subjects: readonly Subject[] = [
    networkSubject(client),
    ...(name === undefined ? [] : [name]),
    ...domains.map((domain): Subject => ({ kind: 'domain', name: domain })),
  ]
  return subjects.flatMap((subject) => {
    const telling = tellingOf(classes.filter((one) => countsFor(one, subject.kind)))
    return telling === undefined ? [] : [{ subject, class: telling }]
  })
}

/** For a log: `network:192.0.2.0/24 spf-fail`. */
export function formatEvent({ subject, class: eventClass }: ReputationEvent): string {
  return `${formatSubject(subject)} ${eventClass}`
}

function tellingOf(classes: readonly EventClass[]): EventClass | undefined {
  const byWeight = classes.toSorted((a, b) => EVENT_CLASSES[a].weight - EVENT_CLASSES[b].weight)
  const worst = byWeight[0]
  return worst === undefined || EVENT_CLASSES[worst].weight < 0 ? worst : byWeight.at(-1)
}
