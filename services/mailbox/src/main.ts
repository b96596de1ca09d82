// The mailbox service: opens the store, answers its pipe, hands forwarded mail to the relay.

import { formatEnvelope } from '@scop/bottle'
import { type Context, type RunningService, runService } from '@scop/bottle/node'
import { parseDomainName } from '@scop/identifiers'
import { openMailStore } from '@scop/mail-store/node'
import { expectOk, ok } from '@scop/result'
import { privileges } from '../privileges.ts'
import { type Enqueue, Forwarder } from './forward.ts'
import { mailboxHandlers } from './handlers.ts'

// Above the wait: what stands below it is not there yet while the service runs.
const FORWARD_RETRY_MS = 30_000
const ROOM_FOR_TRACE = 1024 * 1024 // octets that our own services have put into the message on its way

await runService({ ...privileges, service: 'mailbox' }, start)

async function start({
  settings,
  dataDirectory,
  calls,
  log,
  figures,
}: Context<'mailbox'>): Promise<RunningService<'mailbox'>> {
  const opened = await openMailStore({
    path: dataDirectory,
    limits: {
      messageOctets: settings.limits['message-octets'] + ROOM_FOR_TRACE,
      quotaOctets: settings['quota-octets'],
    },
  })
  if (!opened.ok) throw new Error(`Cannot open the mail store in "${dataDirectory}": ${JSON.stringify(opened.error)}`)
  const store = opened.value
  const enqueue: Enqueue = async (envelope, octets) => {
    const { trace } = envelope
    const options = { trace, octets, tail: () => ({ above: '' }) }
    const answer = await calls.call('relay', 'enqueue', formatEnvelope(envelope), options)
    return answer.ok ? ok(answer.value.response) : answer
  }
  const hostname = expectOk(parseDomainName(settings.hostname), 'read our hostname')
  const forwarder = new Forwarder({ store, enqueue, hostname, now: Date.now, log, retryMs: FORWARD_RETRY_MS })
  forwarder.wake() // what a crash left waiting
  figures.observe('messages', () => store.size().messages)
  figures.observe('octets', () => store.size().octets)
  return {
    handlers: mailboxHandlers({ store, calls, log, figures, forwards: () => forwarder.wake() }),
    drain: () => forwarder.drain(), // deliveries under way still need the store: it ends with the process
  }
}
