// The queue: what is taken, seen, tried again, given up.

import * as v from 'valibot'
import { ABOVE, ADDRESS, BECAUSE, COMMON, COUNT, NAME, TEXT, TIME } from './contract-shapes.ts'
import { ENVELOPE } from './envelope.ts'

const QUEUE_ENTRY = v.strictObject({
  id: NAME,
  trace: NAME,
  sender: ADDRESS,
  octets: COUNT,
  enqueuedAtMs: TIME,
  expiresAtMs: TIME,
  recipients: v.array(
    v.strictObject({
      mailbox: ADDRESS,
      state: v.picklist(['waiting', 'delivering', 'delivered', 'failed']),
      attempts: COUNT,
      nextAttemptAtMs: v.optional(TIME),
      lastReply: v.optional(TEXT),
      remote: v.optional(TEXT),
    }),
  ),
})

export const RELAY_CONTRACT = {
  ...COMMON,
  /** Answers when the message is durable in the queue. */
  enqueue: { request: ENVELOPE, tail: ABOVE, response: v.strictObject({ queueId: NAME }) },
  'queue-list': {
    request: v.strictObject({ limit: COUNT }),
    response: v.strictObject({ entries: v.array(QUEUE_ENTRY), total: COUNT }),
  },
  'queue-show': {
    request: v.strictObject({ id: NAME }),
    response: v.strictObject({ entry: v.optional(QUEUE_ENTRY) }),
  },
  /** Without an id: all of them, now. */
  'queue-retry': { request: v.strictObject({ id: v.optional(NAME) }), response: v.strictObject({ entries: COUNT }) },
  'queue-drop': {
    request: v.strictObject({ id: NAME, ...BECAUSE }),
    response: v.strictObject({ dropped: v.boolean() }),
  },
} as const
