// Incoming mail is judged and handed on.

import * as v from 'valibot'
import { ABOVE, ADDRESS, COMMON, TEXT } from './contract-shapes.ts'
import { ENVELOPE } from './envelope.ts'

/** As in Authentication-Results, for the receiver's log. */
const RESULTS = TEXT
/** For the sender, in a reply. */
const REASON = TEXT

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
} as const
