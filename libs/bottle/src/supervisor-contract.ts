// The services as processes.

import * as v from 'valibot'
import { COUNT, NAME, NOTHING, TEXT } from './contract-shapes.ts'

export const SUPERVISOR_CONTRACT = {
  status: {
    request: NOTHING,
    response: v.strictObject({
      bottle: NAME,
      services: v.array(
        v.strictObject({
          service: NAME,
          state: v.picklist(['starting', 'running', 'stopping', 'stopped', 'backing-off']),
          pid: v.optional(COUNT),
          restarts: COUNT,
          uptimeSeconds: v.number(),
          /** Proportional set size: shared pages are divided among those who share them. */
          pssKibibytes: v.optional(COUNT),
          lastExit: v.optional(TEXT),
        }),
      ),
      supervisorPssKibibytes: v.optional(COUNT),
    }),
  },
  /** Restarts one service. */
  restart: { request: v.strictObject({ service: NAME }), response: v.strictObject({ restarted: v.boolean() }) },
  /** Stops the bottle: answers, then drains. */
  stop: { request: NOTHING, response: NOTHING },
} as const
