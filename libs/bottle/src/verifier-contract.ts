// Incoming mail is judged and handed on.

import * as v from 'valibot'
import { ABOVE, ADDRESS, COMMON, TEXT } from './contract-shapes.ts'
import { ENVELOPE } from './envelope.ts'

export const VERIFIER_CONTRACT = {
  ...COMMON,
  /** Verifies, writes its results above the message, hands on to the mailbox; answers when the message is durable there. */
  verify: {
    request: ENVELOPE,
    tail: ABOVE,
    response: v.strictObject({
      /** The results as in Authentication-Results, for the receiver's log. */
      results: TEXT,
      recipients: v.array(v.strictObject({ mailbox: ADDRESS, outcome: v.picklist(['delivered', 'unknown']) })),
    }),
  },
} as const
