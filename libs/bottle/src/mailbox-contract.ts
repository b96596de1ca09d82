// Delivery, and the mail that is kept.

import * as v from 'valibot'
import { ADDRESS, BASE64, COMMON, COUNT, NAME, TIME } from './contract-shapes.ts'
import { ENVELOPE } from './envelope.ts'

const MESSAGE_FACTS = v.strictObject({
  uid: COUNT,
  mailbox: NAME,
  octets: COUNT,
  receivedAtMs: TIME,
  sender: ADDRESS,
  trace: NAME,
  /** Decoded as far as we can, for people to read in a list. */
  from: v.string(),
  subject: v.string(),
  flags: v.array(NAME),
})

export const MAILBOX_CONTRACT = {
  ...COMMON,
  /** All recipients or none; the same deliveryId again delivers nothing more and answers the same. */
  deliver: {
    request: v.strictObject({ envelope: ENVELOPE, deliveryId: NAME }),
    /** `junk`: kept apart, because somebody may have forged it. Copies that are forwarded go on all the same. */
    tail: v.strictObject({ above: BASE64, into: v.picklist(['inbox', 'junk']) }),
    response: v.strictObject({
      recipients: v.array(v.strictObject({ mailbox: ADDRESS, outcome: v.picklist(['delivered', 'unknown']) })),
    }),
  },
  mailboxes: {
    request: v.strictObject({ account: ADDRESS }),
    response: v.strictObject({
      mailboxes: v.array(
        v.strictObject({ name: NAME, messages: COUNT, octets: COUNT, uidValidity: COUNT, uidNext: COUNT }),
      ),
    }),
  },
  list: {
    request: v.strictObject({ account: ADDRESS, mailbox: NAME, limit: COUNT, beforeUid: v.optional(COUNT) }),
    response: v.strictObject({ messages: v.array(MESSAGE_FACTS) }),
  },
  /** The response's octets are the message as stored. */
  read: {
    request: v.strictObject({ account: ADDRESS, mailbox: NAME, uid: COUNT }),
    response: v.strictObject({ message: v.optional(MESSAGE_FACTS) }),
  },
  delete: {
    request: v.strictObject({ account: ADDRESS, mailbox: NAME, uid: COUNT }),
    response: v.strictObject({ deleted: v.boolean() }),
  },
  'remove-account': { request: v.strictObject({ account: ADDRESS }), response: v.strictObject({ messages: COUNT }) },
} as const
