// Shapes that several contracts share, each with its bound; and what every service answers.

import * as v from 'valibot'

export const NOTHING = v.strictObject({})
export const TEXT = v.pipe(v.string(), v.maxLength(4096))
export const ADDRESS = v.pipe(v.string(), v.maxLength(1024))
export const NAME = v.pipe(v.string(), v.maxLength(255))
export const BASE64 = v.pipe(v.string(), v.base64(), v.maxLength(64 * 1024))
export const COUNT = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
export const TIME = v.pipe(v.number(), v.safeInteger())
/** Who asked for a change, and why: stands in the history. */
export const BECAUSE = { author: TEXT, reason: TEXT }
/** Header fields that stand above the octets, complete with their CRLFs, in base64. */
export const ABOVE = v.strictObject({ above: BASE64 })

const HEALTH = {
  request: NOTHING,
  response: v.strictObject({
    service: NAME,
    pid: COUNT,
    uptimeSeconds: v.number(),
    state: v.picklist(['starting', 'serving', 'draining']),
    /** What this service counts: messages, sessions, queue entries, refusals … */
    figures: v.record(v.string(), v.number()),
    /** Its side of every pipe that is open: the evidence that pipes are what they should be. */
    pipes: v.array(v.strictObject({ role: NAME, tls: NAME, cipher: NAME, peer: TEXT, since: TIME })),
  }),
} as const

/** Every service answers these to the operator and the supervisor. */
export const COMMON = {
  health: HEALTH,
  /** The same figures in the Prometheus text format. */
  metrics: { request: NOTHING, response: v.strictObject({ text: v.string() }) },
} as const
