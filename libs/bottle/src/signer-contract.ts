// Outgoing mail is signed; keys are made and published.

import * as v from 'valibot'
import { COMMON, NAME, NOTHING, TEXT, TIME } from './contract-shapes.ts'
import { ENVELOPE } from './envelope.ts'

export const SIGNER_CONTRACT = {
  ...COMMON,
  /** Signs and hands on to the relay; answers when the message is durable in its queue. */
  submit: { request: ENVELOPE, response: v.strictObject({ queueId: NAME }) },
  /** Makes the keys of a domain if there are none yet, and publishes them, also where they have been before. */
  'prepare-domain': {
    request: v.strictObject({ domain: NAME }),
    response: v.strictObject({
      keys: v.array(v.strictObject({ selector: NAME, algorithm: NAME, name: NAME, record: TEXT, publishedAtMs: TIME })),
    }),
  },
  keys: {
    request: NOTHING,
    response: v.strictObject({
      keys: v.array(
        v.strictObject({
          domain: NAME,
          selector: NAME,
          algorithm: NAME,
          name: NAME,
          record: TEXT,
          publishedAtMs: v.optional(TIME),
        }),
      ),
    }),
  },
} as const
