// What can be seen of a sender, and what it weighs: the one table. A weight of 1 is all good, of -1 all bad.
// Law: what was forged never counts against the domain that it was forged of. Classes that anybody can bring about in
// another's name therefore count for the network that connected, and for the name it gave, and for no domain.

import type { SubjectKind } from './subject.ts'

export type EventClass = keyof typeof EVENT_CLASSES

type Row = {
  readonly weight: number
  readonly counts: readonly SubjectKind[]
  /** For people. */
  readonly says: string
}

const SENDER: readonly SubjectKind[] = ['network', 'helo']
const ALL: readonly SubjectKind[] = ['domain', 'network', 'helo']

export const EVENT_CLASSES = {
  /** Says who it was, not that it was wanted: who sends spam can sign it. */
  pass: { weight: 0.3, counts: ALL, says: 'mail that was proved to be of its domain' },
  ham: { weight: 1, counts: ALL, says: 'mail that its reader wanted' },
  /** Of a domain only where the mail was proved to be its own: the caller names no other. */
  spam: { weight: -1, counts: ALL, says: 'mail that its reader did not want' },
  /** Weak: mailing lists break signatures, forwarders break SPF. RFC 6376 §6.1, RFC 7208 §D */
  'dkim-fail': { weight: -0.15, counts: SENDER, says: 'a signature that does not hold' },
  'spf-softfail': { weight: -0.15, counts: SENDER, says: 'an address that the domain does not expect' },
  'spf-fail': { weight: -0.5, counts: SENDER, says: 'an address that the domain forbids' },
  'dmarc-fail': { weight: -0.5, counts: SENDER, says: 'a From domain that nothing vouches for' },
  forged: { weight: -1, counts: SENDER, says: 'mail refused because the domain says that it is not its own' },
  'unknown-recipient': { weight: -0.5, counts: SENDER, says: 'mail for somebody who does not exist' },
  'relay-attempt': { weight: -0.7, counts: SENDER, says: 'mail for a domain that is not ours' },
  /** Broken mailers write such too, and are refused with it. */
  smuggling: { weight: -0.7, counts: SENDER, says: 'line ends that two servers read differently' },
  'guessed-commands': {
    weight: -0.8,
    counts: SENDER,
    says: 'commands that are none, or out of order, again and again',
  },
  'early-talker': { weight: -0.7, counts: SENDER, says: 'speaking before the greeting' },
} as const satisfies Readonly<Record<string, Row>>

// as: the keys of that very table
export const EVENT_CLASS_NAMES = Object.keys(EVENT_CLASSES) as readonly EventClass[]

export function isEventClass(text: string): text is EventClass {
  return Object.hasOwn(EVENT_CLASSES, text)
}

/** Whether something of this class may be counted for a subject of that kind. */
export function countsFor(eventClass: EventClass, kind: SubjectKind): boolean {
  return EVENT_CLASSES[eventClass].counts.some((one) => one === kind)
}
