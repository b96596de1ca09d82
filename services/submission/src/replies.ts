// Every reply of submission's policy. RFC 5321 §4.2.3, RFC 3463 §3, RFC 6409 §6, RFC 7504

import type { CallError } from '@scop/bottle/node'
import { formatMailbox } from '@scop/identifiers'
import { type Reply, reply } from '@scop/smtp'
import type { SubmissionError } from './submitted-message.ts'

export const AUTHENTICATE_FIRST: Reply = reply(530, '5.7.0', 'Authentication required')
export const TOO_MANY_FAILURES: Reply = reply(421, '4.7.0', 'Too many failed logins from your address; try again later')
export const NULL_SENDER: Reply = reply(550, '5.7.1', 'A submission needs a sender')
export const NOT_YOUR_SENDER: Reply = reply(553, '5.7.1', 'You may not send as this address')
export const NO_SUCH_USER: Reply = reply(550, '5.1.1', 'No such user here')
export const DIRECTORY_SILENT: Reply = reply(451, '4.3.0', 'Cannot look up addresses now; try again later')

/** `250 2.6.0 … queued as 3f…`. */
export const queued = (queueId: string): Reply => reply(250, '2.6.0', `Message queued as ${queueId}`)

export function refusedMessage(error: SubmissionError): Reply {
  switch (error.kind) {
    case 'no-from':
      return reply(550, '5.6.0', 'The message has no From field')
    case 'many-from':
      return reply(550, '5.6.0', 'The message has several From fields')
    case 'duplicate-field':
      return reply(550, '5.6.0', `The message has several ${error.name} fields`)
    case 'unreadable-address':
      return reply(550, '5.6.0', `Cannot read the ${error.field} field: ${error.reason}`)
    case 'not-yours':
      return reply(550, '5.7.1', `You may not write as ${formatMailbox(error.mailbox)} (${error.field} field)`)
    case 'bad-header':
      return reply(550, '5.6.0', `Cannot read the header: ${error.reason}`)
    case 'loop':
      return reply(554, '5.4.6', `This message goes in circles: ${error.received} Received fields`)
  }
}

/** What the next services say: what will not change is 5yz, everything else waits. */
export function notTaken(error: CallError): Reply {
  if (error.kind === 'failed' && error.failure === 'no-space')
    return reply(452, '4.3.1', 'The queue is full; try again later')
  if (error.kind === 'failed' && error.failure === 'too-large') return reply(552, '5.3.4', 'The message is too large')
  if (error.kind === 'failed' && error.failure === 'bad-message')
    return reply(550, '5.6.0', `Cannot sign the message: ${error.reason}`)
  return reply(451, '4.3.0', 'The message cannot be queued now; try again later')
}
