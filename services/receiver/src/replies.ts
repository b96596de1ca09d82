// Every reply of the receiver's policy. RFC 5321 §4.2.3, RFC 3463 §3

import type { Response } from '@scop/bottle'
import type { CallError } from '@scop/bottle/node'
import { type Reply, reply } from '@scop/smtp'
import type { Rule } from './rule-table.ts'

type Judgement = Extract<Response<'verifier', 'verify'>, { outcome: 'refused' | 'deferred' }>

export const NO_SUCH_USER: Reply = reply(550, '5.1.1', 'No such user here')
/** We are nobody's relay. */
export const NOT_OURS: Reply = reply(550, '5.7.1', 'Mail for this domain is not taken here')
export const DIRECTORY_SILENT: Reply = reply(451, '4.3.0', 'Cannot look up addresses now; try again later')

export const stored = (trace: string): Reply => reply(250, '2.6.0', `Message accepted as ${trace}`)

/** What the verifier's policy says of the message itself. RFC 7372, RFC 7489 §10.3 */
export function judged({ outcome, status, reason }: Judgement): Reply {
  return reply(outcome === 'refused' ? 550 : 451, status, reason)
}

/** What the next services say: what will not change is 5yz, everything else waits. */
export function notTaken(error: CallError): Reply {
  if (error.kind === 'failed') {
    switch (error.failure) {
      case 'no-space':
        return reply(452, '4.3.1', 'The store is full; try again later')
      case 'over-quota':
        return reply(452, '4.2.2', 'The mailbox is full; try again later')
      case 'too-large':
        return reply(552, '5.3.4', 'The message is too large')
      case 'loop':
        return reply(554, '5.4.6', `This message goes in circles: ${error.reason}`)
      case 'bad-header':
        return reply(550, '5.6.0', `Cannot read the header: ${error.reason}`)
    }
  }
  return reply(451, '4.3.0', 'The message cannot be stored now; try again later')
}

/** Instead of the greeting. RFC 5321 §3.1 */
export function banned({ network, reason, untilMs }: Pick<Rule, 'network' | 'reason' | 'untilMs'>): Reply {
  const until = untilMs === undefined ? '' : ` until ${new Date(untilMs).toISOString()}`
  return reply(554, undefined, `No service for ${network}${until}: ${reason}`)
}
export const TARPIT_FULL: Reply = reply(421, undefined, 'Too many connections; try again later')
/** RFC 6647 §5 */
export const greylisted = (seconds: number): Reply =>
  reply(450, '4.7.1', `Not known yet: try again in ${seconds} seconds`)
