// One message of the self-test from door to mailbox, and what every hop left behind.

import { randomBytes } from 'node:crypto'
import type { ServiceName } from '@scop/bottle'
import { type Mailbox, parseDomainName } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import type { LogEntry } from './logs.ts'
import type { Side } from './selftest-bottles.ts'
import { readEvidence, type StoredEvidence } from './selftest-evidence.ts'
import type { LogWatch } from './selftest-logs.ts'
import { formatTestMessage, type MessageKind } from './selftest-message.ts'
import type { Login } from './selftest-refusals.ts'
import { Contradiction, type Course } from './selftest-report.ts'
import { readMessage } from './stored-message.ts'
import { type Door, submitMessage } from './submit.ts'
import { transportable } from './transportable.ts'
import { waitFor } from './wait.ts'

export type Traveller = { readonly side: Side; readonly login: Login; readonly mailbox: Mailbox }

export type Journey = {
  readonly id: string
  readonly from: 'alice' | 'bob'
  readonly to: 'alice' | 'bob'
  readonly door: Door
  readonly mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-256-PLUS' | 'PLAIN'
  readonly kind: MessageKind
}

export const JOURNEYS: readonly Journey[] = [
  { id: 'first', from: 'alice', to: 'bob', door: 'submissions', mechanism: 'SCRAM-SHA-256-PLUS', kind: 'plain' },
  { id: 'second', from: 'bob', to: 'alice', door: 'submission', mechanism: 'SCRAM-SHA-256', kind: 'eight-bit' },
  { id: 'third', from: 'alice', to: 'bob', door: 'submission', mechanism: 'PLAIN', kind: 'large' },
]

/** Submits, waits, reads back; one step per hop. */
export async function travel(
  course: Course,
  { id, from, to, door, mechanism, kind }: Journey,
  travellers: Readonly<Record<'alice' | 'bob', Traveller>>,
  watches: ReadonlyMap<Side, LogWatch>,
  signal: AbortSignal,
): Promise<void> {
  const [sender, recipient] = [travellers[from], travellers[to]]
  const token = randomBytes(8).toString('hex')
  const message = formatTestMessage({
    from: sender.mailbox,
    to: recipient.mailbox,
    subject: `self-test ${token}`,
    id: token,
    nowMs: Date.now(),
    kind,
  })
  const way = `${from} → ${to}`
  const beganMs = Date.now()
  await course.need(`${id}-submission`, `${way} submission`, async () => {
    const { body } = transportable(message)
    const submitted = await submitMessage({
      opened: sender.side.bottle,
      door,
      login: sender.login,
      mechanisms: [mechanism],
      sender: sender.mailbox,
      recipients: [recipient.mailbox],
      message,
      body,
      signal,
    })
    const { tls, reply } = submitted
    const port = sender.side.bottle.configuration.listen[door].port
    const summary = `port ${port}, ${tls.version}, AUTH ${mechanism}, ${message.length} octets: ${reply.code} ${reply.text}`
    return { value: undefined, summary, evidence: { port, tls, mechanism, reply, octets: message.length } }
  })
  const copy = await course.need(`${id}-arrival`, `${way} arrival`, async () => {
    const value = await findStored(recipient, `self-test ${token}`, signal)
    const summary = `in the mailbox of ${recipient.login.account} as ${value.uid}, ${value.octets.length} octets`
    return { value, summary, evidence: { uid: value.uid, trace: value.trace, octets: value.octets.length } }
  })
  const hostname = expectOk(parseDomainName(recipient.side.bottle.configuration.hostname), 'read a checked hostname')
  const evidence = readEvidence(copy.octets, message, hostname)
  const ids = evidence.received.flatMap((field) => field.id ?? [])
  await showHops(course, id, way, beganMs, [
    { services: ['submission', 'signer', 'relay'], watch: watches.get(sender.side), traces: ids },
    { services: ['receiver', 'verifier', 'mailbox'], watch: watches.get(recipient.side), traces: [copy.trace] },
  ])
  await course.check(`${id}-stored`, `${way} stored`, async () => {
    if (!evidence.equalBelow || evidence.strayOctets > 0)
      throw new Contradiction('the stored copy is not what was submitted below the added fields', evidence)
    const { above } = evidence
    const summary = `${message.length} octets equal below ${above.length} added fields (${above.join(', ')})`
    return { summary, evidence }
  })
  await course.check(`${id}-verified`, `${way} verified`, async () => verifyEvidence(evidence, sender))
  if (!recipient.side.throwaway) await deleteAll(recipient)
}

type Leg = {
  readonly services: readonly ServiceName[]
  readonly watch: LogWatch | undefined
  /** The message's trace in this bottle is one of these. */
  readonly traces: readonly string[]
}

/** A step per service: what it logged about this message, and when after the submission began. */
async function showHops(course: Course, id: string, way: string, beganMs: number, legs: readonly Leg[]): Promise<void> {
  for (const { services, watch, traces } of legs) {
    for (const service of services) {
      await course.check(`${id}-${service}`, `${way} ${service}`, async () => {
        const look = async (): Promise<readonly LogEntry[] | undefined> => {
          const entries = traces.flatMap((trace) => watch?.entriesOf(trace) ?? [])
          const own = entries.filter((entry) => entry['service'] === service)
          return own.length >= (LINES[service] ?? 1) ? own : undefined
        }
        const entries = await waitFor(`a log line of ${service}`, look, {
          limitMs: LOG_MS,
          signal: new AbortController().signal,
        })
        const after = (entry: LogEntry): number => Date.parse(String(entry['time'])) - beganMs
        const summary = entries.map((entry) => `${String(entry['msg'])} at +${after(entry)} ms`).join(', ')
        return { summary, evidence: entries, milliseconds: Math.max(...entries.map(after)) }
      })
    }
  }
}

/** Both signatures pass, by the word of the receiving verifier, and the way in was authenticated. */
function verifyEvidence(
  evidence: StoredEvidence,
  sender: Traveller,
): { readonly summary: string; readonly evidence: unknown } {
  const passed = evidence.verdicts.filter(({ method, result }) => method === 'dkim' && result === 'pass')
  const selectors = new Set(passed.map(({ properties }) => properties['header.s']))
  const domains = new Set(passed.map(({ properties }) => properties['header.d']))
  const signed = evidence.signatures.map(({ selector, algorithm }) => `${selector} (${algorithm})`).join(', ')
  if (evidence.signatures.length !== 2 || new Set(evidence.signatures.map(({ algorithm }) => algorithm)).size !== 2)
    throw new Contradiction(`there should be two signatures of two algorithms: ${signed}`, evidence)
  if (!evidence.signatures.every(({ selector }) => selectors.has(selector)))
    throw new Contradiction(`not every signature passed: ${signed}`, evidence)
  if (domains.size !== 1 || !domains.has(sender.side.domain))
    throw new Contradiction(`the signatures are not of ${sender.side.domain}`, evidence)
  const hops = evidence.received.map((field) => field.with ?? 'unknown')
  if (!hops.some((hop) => hop.endsWith('SA')))
    throw new Contradiction('no Received field says that the sender had authenticated over TLS', evidence)
  if (!hops.every((hop) => /SA?$/.test(hop))) throw new Contradiction(`not every hop had TLS: ${hops.join()}`, evidence)
  return {
    summary: `dkim=pass for ${signed}; received with ${hops.toReversed().join(', then ')}`,
    evidence: { signatures: evidence.signatures, verdicts: evidence.verdicts, received: evidence.received },
  }
}

async function findStored(
  { side, login: { account } }: Traveller,
  subject: string,
  signal: AbortSignal,
): Promise<{ readonly octets: Buffer; readonly trace: string; readonly uid: number }> {
  const look = async (): Promise<number | undefined> => {
    const { messages } = await side.bottle.ask('mailbox', 'list', { account, mailbox: 'INBOX', limit: 20 })
    return messages.find((message) => message.subject === subject)?.uid
  }
  const uid = await waitFor(`the message in the mailbox of ${account}`, look, { limitMs: ARRIVAL_MS, signal })
  const { octets, facts } = await readMessage(side.bottle, account, 'INBOX', uid)
  return { octets, trace: facts.trace, uid }
}

async function deleteAll({ side, login: { account } }: Traveller): Promise<void> {
  const { messages } = await side.bottle.ask('mailbox', 'list', { account, mailbox: 'INBOX', limit: 100 })
  for (const { uid } of messages) await side.bottle.ask('mailbox', 'delete', { account, mailbox: 'INBOX', uid })
}

/** The relay says when it took the message, and when it had delivered it. */
const LINES: Readonly<Partial<Record<ServiceName, number>>> = { relay: 2 }

const ARRIVAL_MS = 60_000
const LOG_MS = 5000
