// The receiver's firewall: what is done with those who connect, before anything of a message is read.

import * as v from 'valibot'
import { BECAUSE, COMMON, COUNT, NAME, NOTHING, TEXT, TIME } from './contract-shapes.ts'

/** `192.0.2.0/24`, `2001:db8::/48`; an administrator may name any length, also a whole address. */
const NETWORK = NAME
const RULE = v.strictObject({
  network: NETWORK,
  action: v.picklist(['allow', 'greylist', 'tarpit', 'refuse']),
  /** Said to the client too, where it is refused. */
  reason: TEXT,
  by: v.picklist(['administrator', 'reputation']),
  author: v.optional(TEXT),
  sinceMs: TIME,
  /** Absent: until it is undone. Only an administrator's rule may be so. */
  untilMs: v.optional(TIME),
})

export const RECEIVER_CONTRACT = {
  ...COMMON,
  /** Rules of the reputation: each takes the place of the one before for its network. Rules of the administrator stay. */
  'firewall-learn': {
    request: v.strictObject({
      rules: v.pipe(
        v.array(
          v.strictObject({
            network: NETWORK,
            action: v.picklist(['greylist', 'tarpit', 'refuse']),
            reason: TEXT,
            sinceMs: TIME,
            untilMs: TIME,
          }),
        ),
        v.maxLength(500),
      ),
      forget: v.pipe(v.array(NETWORK), v.maxLength(500)),
    }),
    response: v.strictObject({
      kept: COUNT,
      /** Not kept: trusted here, over already, or no network. */
      ignored: COUNT,
    }),
  },
  /** Those that still hold, the most recent first; `total` of them. */
  'firewall-list': {
    request: NOTHING,
    response: v.strictObject({ enabled: v.boolean(), rules: v.array(RULE), total: COUNT }),
  },
  /** A rule of the administrator, in the place of the one before for that network. */
  'firewall-add': {
    request: v.strictObject({
      network: NETWORK,
      action: v.picklist(['allow', 'greylist', 'tarpit', 'refuse']),
      seconds: v.optional(COUNT),
      ...BECAUSE,
    }),
    response: v.strictObject({ rule: RULE }),
  },
  /** Takes away what stands for exactly this network, whoever made it. */
  'firewall-undo': {
    request: v.strictObject({ network: NETWORK, ...BECAUSE }),
    response: v.strictObject({ removed: v.array(RULE) }),
  },
} as const
