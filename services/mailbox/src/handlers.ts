// What the mailbox answers over its pipe.

import { type Figures, parseEnvelope } from '@scop/bottle'
import { type Calls, type Handlers, type Log, remember } from '@scop/bottle/node'
import {
  INBOX,
  JUNK,
  type MailboxName,
  type MailStore,
  type MessageFacts,
  parseMailboxName,
  type StoreError,
} from '@scop/mail-store'
import { PipeRefusal } from '@scop/mesh/node'
import { deliver, type DeliverError, type Resolution } from './deliver.ts'

export type MailboxOptions = {
  readonly store: MailStore
  readonly calls: Calls
  readonly log: Log
  readonly figures: Figures
  /** Called when mail waits for the relay. */
  readonly forwards: () => void
}

export function mailboxHandlers({ store, calls, log, figures, forwards }: MailboxOptions): Handlers<'mailbox'> {
  // An address that is ours stays ours for a second; any other is asked for each time.
  const resolutions = remember<Resolution>({
    ask: (mailbox, trace) => resolve(calls, mailbox, trace),
    keep: ({ kind }) => kind === 'ours',
    forMs: KNOWN_MS,
    entries: KNOWN_ENTRIES,
    now: Date.now,
  })
  const refusal = (error: DeliverError): PipeRefusal => {
    figures.add('refusals_total')
    const { kind, reason } = describeError(error)
    log.warn('refused', { kind, reason })
    return new PipeRefusal(kind, reason)
  }
  return {
    deliver: async ({ request, octets, tail, trace }) => {
      const envelope = parseEnvelope(request.envelope)
      if (!envelope.ok) throw new PipeRefusal('bad-request', envelope.error.reason)
      const delivered = await deliver(store, (mailbox) => resolutions.ask(mailbox, trace), {
        envelope: envelope.value,
        deliveryId: request.deliveryId,
        octets,
        tail: async () => {
          const { above, into } = await tail()
          return { above: Uint8Array.fromBase64(above), into: into === 'junk' ? JUNK : INBOX }
        },
      })
      if (!delivered.ok) throw refusal(delivered.error)
      const { outcomes } = delivered.value
      if (delivered.value.forwards) forwards()
      figures.add('messages_delivered_total')
      log.info('delivered', {
        trace,
        deliveryId: request.deliveryId,
        recipients: outcomes.map(({ mailbox, outcome }) => `${mailbox} ${outcome}`),
      })
      return { response: { recipients: [...outcomes] } }
    },
    mailboxes: async ({ request }) => {
      const found = await store.mailboxes(request.account)
      if (!found.ok) throw refusal(found.error)
      return {
        response: {
          mailboxes: found.value.map(({ name, messages, octets, uidValidity, uidNext }) => {
            return { name, messages, octets, uidValidity, uidNext }
          }),
        },
      }
    },
    list: async ({ request: { account, mailbox, limit, beforeUid } }) => {
      const name = mailboxName(mailbox)
      const found = await store.list(account, name, beforeUid === undefined ? { limit } : { limit, beforeUid })
      if (!found.ok && found.error.kind === 'no-such-mailbox') return { response: { messages: [] } }
      if (!found.ok) throw refusal(found.error)
      return { response: { messages: found.value.map((facts) => describeFacts(facts, name)) } }
    },
    read: async ({ request: { account, mailbox, uid } }) => {
      const name = mailboxName(mailbox)
      const found = await store.read(account, name, uid)
      if (!found.ok && (found.error.kind === 'no-such-mailbox' || found.error.kind === 'no-such-message'))
        return { response: {} }
      if (!found.ok) throw refusal(found.error)
      return { response: { message: describeFacts(found.value.facts, name) }, octets: found.value.octets }
    },
    delete: async ({ request: { account, mailbox, uid } }) => {
      const deleted = await store.delete(account, mailboxName(mailbox), uid)
      if (!deleted.ok) throw refusal(deleted.error)
      log.info('deleted', { account, mailbox, uid, found: deleted.value })
      return { response: { deleted: deleted.value } }
    },
    'remove-account': async ({ request: { account } }) => {
      resolutions.forget() // what comes now must not bring the account back
      const removed = await store.removeAccount(account)
      if (!removed.ok) throw refusal(removed.error)
      log.warn('account removed', { account, messages: removed.value })
      return { response: { messages: removed.value } }
    },
  }
}

async function resolve(calls: Calls, mailbox: string, trace: string): Promise<Resolution | undefined> {
  const answer = await calls.call('directory', 'resolve', { mailbox }, { trace })
  return answer.ok ? answer.value.response : undefined
}

function mailboxName(text: string): MailboxName {
  const name = parseMailboxName(text)
  if (!name.ok) throw new PipeRefusal('bad-request', `not a mailbox name: ${JSON.stringify(text)}`)
  return name.value
}

function describeFacts(facts: MessageFacts, mailbox: MailboxName): DescribedFacts {
  const { uid, octets, internalDateMs, sender, trace, from, subject, flags } = facts
  return { uid, mailbox, octets, receivedAtMs: internalDateMs, sender, trace, from, subject, flags: [...flags] }
}

type DescribedFacts = Awaited<ReturnType<Handlers<'mailbox'>['list']>>['response']['messages'][number]

/** `kind` is what the caller acts on; only `too-large` will never be better. */
function describeError(error: StoreError | { readonly kind: 'no-directory' }): { kind: string; reason: string } {
  switch (error.kind) {
    case 'no-space':
    case 'too-many-open-files':
      return { kind: 'no-space', reason: 'the mail store cannot be written now' }
    case 'too-large':
      return { kind: 'too-large', reason: `the ${error.what} exceed the limit of ${error.limit}` }
    case 'over-quota':
      return { kind: 'over-quota', reason: `${error.account} has no room left` }
    case 'no-directory':
      return { kind: 'temporary', reason: 'the directory does not answer' }
    case 'no-such-mailbox':
    case 'no-such-message':
      return { kind: error.kind, reason: error.kind.replaceAll('-', ' ') }
    case 'storage-failed':
      return { kind: 'temporary', reason: error.doing }
  }
}

const KNOWN_MS = 1000
const KNOWN_ENTRIES = 10_000
