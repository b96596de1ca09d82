// Incoming mail is judged and handed on.

import * as v from 'valibot'
import { ABOVE, ADDRESS, BECAUSE, COMMON, COUNT, NAME, TEXT, TIME } from './contract-shapes.ts'
import { ENVELOPE } from './envelope.ts'

/** As in Authentication-Results, for the receiver's log. */
const RESULTS = TEXT
/** For the sender, in a reply. */
const REASON = TEXT

/** `domain:example.org`, `network:192.0.2.0/24`, `helo:mail.example.org`; in a question also a domain or an address alone. */
const SUBJECT = v.pipe(v.string(), v.maxLength(300))
const KIND = v.picklist(['domain', 'network', 'helo'])
const JUDGEMENT = v.picklist(['neutral', 'listed-good', 'greylist', 'tarpit', 'refuse'])
const BAN = v.strictObject({
  measure: v.picklist(['greylist', 'tarpit', 'refuse']),
  reason: TEXT,
  sinceMs: TIME,
  untilMs: TIME,
  repetition: COUNT,
})
const STANDING = {
  subject: SUBJECT,
  score: v.number(),
  evidence: v.number(),
  judgement: JUDGEMENT,
  ban: v.optional(BAN),
}

export const VERIFIER_CONTRACT = {
  ...COMMON,
  /** Verifies, writes its results above the message, hands on to the mailbox; answers when the message is durable there. */
  verify: {
    request: ENVELOPE,
    tail: ABOVE,
    response: v.variant('outcome', [
      v.strictObject({
        outcome: v.literal('delivered'),
        results: RESULTS,
        recipients: v.array(v.strictObject({ mailbox: ADDRESS, outcome: v.picklist(['delivered', 'unknown']) })),
      }),
      /** Nothing is kept. By policy for ever: for no reason of its own, by SPF, by DMARC. RFC 7372 §3 */
      v.strictObject({
        outcome: v.literal('refused'),
        results: RESULTS,
        status: v.picklist(['5.7.1', '5.7.23', '5.7.26']),
        reason: REASON,
      }),
      /** Nothing is kept. The DNS did not answer, and what it says decides: for SPF, for DMARC. RFC 7208 §8.6 */
      v.strictObject({
        outcome: v.literal('deferred'),
        results: RESULTS,
        status: v.picklist(['4.7.24', '4.7.26']),
        reason: REASON,
      }),
    ]),
  },
  /** What the receiver saw of those who connect, beside their messages. `client` is an address. */
  observe: {
    request: v.strictObject({
      events: v.pipe(
        v.array(
          v.strictObject({
            class: v.picklist(['unknown-recipient', 'relay-attempt', 'smuggling', 'guessed-commands', 'early-talker']),
            client: NAME,
            helo: NAME,
          }),
        ),
        v.maxLength(256),
      ),
    }),
    response: v.strictObject({ counted: COUNT }),
  },
  /** One subject: the score, and every class of events behind it. */
  'reputation-show': {
    request: v.strictObject({ subject: SUBJECT }),
    response: v.strictObject({
      ...STANDING,
      contributions: v.array(
        v.strictObject({ class: NAME, says: TEXT, count: v.number(), weight: v.number(), points: v.number() }),
      ),
      firstMs: v.optional(TIME),
      touchedMs: v.optional(TIME),
    }),
  },
  /** Those with the lowest scores first, or the highest. `total` of that kind are known. */
  'reputation-list': {
    request: v.strictObject({
      kind: v.optional(KIND),
      order: v.picklist(['worst', 'best']),
      limit: v.pipe(COUNT, v.maxValue(1000)),
    }),
    response: v.strictObject({ standings: v.array(v.strictObject(STANDING)), total: COUNT }),
  },
  /** The answer's octets are all that is known, a line of JSON for each subject. */
  'reputation-export': { request: v.strictObject({}), response: v.strictObject({ subjects: COUNT }) },
  /** The octets are such lines; each takes the place of what was known of its subject. Refused as a whole at the first bad one. */
  'reputation-import': {
    request: v.strictObject(BECAUSE),
    response: v.strictObject({ subjects: COUNT }),
  },
  /** Undo: forgets all that is known of the subject, and lifts its ban at the receiver. */
  'reputation-pardon': {
    request: v.strictObject({ subject: SUBJECT, ...BECAUSE }),
    response: v.strictObject({ subject: SUBJECT, known: v.boolean() }),
  },
} as const
