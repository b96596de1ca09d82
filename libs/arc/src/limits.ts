// Every bound of this library beside those of DKIM.
// RFC 8617 §4.2.1 (instances), §9.3 (cost)

import { DKIM_LIMITS, type DkimLimits } from '@scop/dkim'

export type ArcLimits = DkimLimits & {
  /** Sets of one chain. RFC 8617 §4.2.1: 50, beyond which a chain fails. */
  readonly sets: number
  /** Sets below the newest whose signature of the message is tried, to find the oldest that holds. */
  readonly olderSignatures: number
}

export const ARC_LIMITS: ArcLimits = { ...DKIM_LIMITS, sets: 50, olderSignatures: 9 }
