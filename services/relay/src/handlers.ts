// What the relay answers over its pipe.

import type { Handlers, Log } from '@scop/bottle/node'
import { type Figures, parseEnvelope } from '@scop/bottle'
import { formatMailbox } from '@scop/identifiers'
import { PipeRefusal } from '@scop/mesh/node'
import type { Dispatcher } from './dispatcher.ts'
import { describeQueueError, type Queue, type QueueEntry, queueFull, type QueueError } from './queue.ts'
import { expiresAtMs, type ScheduleSettings } from './schedule.ts'

export function relayHandlers(options: {
  readonly queue: Queue
  readonly dispatcher: Dispatcher
  readonly settings: ScheduleSettings
  readonly now: () => number
  readonly log: Log
  readonly figures: Figures
}): Handlers<'relay'> {
  const { queue, dispatcher, settings, now, log, figures } = options
  return {
    enqueue: async ({ request, octets, tail }) => {
      const envelope = parseEnvelope(request)
      if (!envelope.ok) throw new PipeRefusal('bad-request', envelope.error.reason)
      const nowMs = now()
      const enqueued = await queue.enqueue({
        envelope: envelope.value,
        octets,
        above: async () => Uint8Array.fromBase64((await tail()).above),
        nowMs,
        expiresAtMs: expiresAtMs(nowMs, settings),
      })
      if (!enqueued.ok) throw refusal(enqueued.error, log)
      figures.add('messages_enqueued_total')
      const { id, octets: length } = enqueued.value
      log.info('enqueued', { trace: request.trace, queueId: id, octets: length, recipients: request.recipients.length })
      dispatcher.offer(enqueued.value)
      return { response: { queueId: id } }
    },
    'queue-list': async ({ request }) => ({
      response: {
        entries: queue.list(Math.min(request.limit, LIST_MAX)).map((entry) => describe(entry, dispatcher)),
        total: queue.size(),
      },
    }),
    'queue-show': async ({ request }) => {
      const entry = queue.find(request.id)
      return { response: entry === undefined ? {} : { entry: describe(entry, dispatcher) } }
    },
    'queue-retry': async ({ request }) => {
      const hastened = await queue.hasten(request.id, now())
      if (!hastened.ok) throw refusal(hastened.error, log)
      dispatcher.wake()
      return { response: { entries: hastened.value } }
    },
    'queue-drop': async ({ request }) => {
      const removed = await queue.remove(request.id)
      if (!removed.ok) throw refusal(removed.error, log)
      log.warn('dropped', { queueId: request.id, author: request.author, reason: request.reason, found: removed.value })
      return { response: { dropped: removed.value } }
    },
  }
}

type Described = NonNullable<Awaited<ReturnType<Handlers<'relay'>['queue-show']>>['response']['entry']>

function describe(entry: QueueEntry, dispatcher: Dispatcher): Described {
  const underWay = dispatcher.isUnderWay(entry.id)
  return {
    id: entry.id,
    trace: entry.envelope.trace,
    sender: entry.envelope.sender === undefined ? '' : formatMailbox(entry.envelope.sender),
    octets: entry.octets,
    enqueuedAtMs: entry.enqueuedAtMs,
    expiresAtMs: entry.expiresAtMs,
    recipients: entry.recipients.map(({ mailbox, state, attempts, nextAttemptAtMs, lastReply, remote }) => ({
      mailbox: formatMailbox(mailbox),
      state: state === 'waiting' && underWay ? ('delivering' as const) : state,
      attempts,
      ...(state === 'waiting' && { nextAttemptAtMs }),
      ...(lastReply !== undefined && { lastReply }),
      ...(remote !== undefined && { remote }),
    })),
  }
}

function refusal(error: QueueError, log: Log): PipeRefusal {
  log.error('cannot write the queue', { reason: describeQueueError(error) })
  if (error.kind === 'too-large') return new PipeRefusal('too-large', 'the message is larger than the queue takes')
  return new PipeRefusal(queueFull(error) ? 'no-space' : 'temporary', 'the queue cannot be written now')
}

const LIST_MAX = 1000
