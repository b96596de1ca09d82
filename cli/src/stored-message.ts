// A stored message, read as the operator.

import type { Response } from '@scop/bottle'
import { Failure } from './failure.ts'
import { printable } from './printable.ts'
import type { RunningBottle } from './running-bottle.ts'
import { readAll } from './terminal.ts'

export type MessageFacts = Response<'mailbox', 'list'>['messages'][number]

/** A stored message, whole. */
export async function readMessage(
  bottle: RunningBottle,
  account: string,
  mailbox: string,
  uid: number,
): Promise<{ readonly facts: MessageFacts; readonly octets: Buffer }> {
  const answer = await bottle.exchange('mailbox', 'read', { account, mailbox, uid })
  const octets = await readAll(answer.octets, MAX_MESSAGE_OCTETS)
  const facts = answer.response.message
  if (facts === undefined)
    throw new Failure('no-message', `There is no message ${uid} in ${printable(mailbox)} of ${printable(account)}`, {
      next: `scop mail list ${account}`,
    })
  return { facts, octets }
}

const MAX_MESSAGE_OCTETS = 1024 ** 3 + 1024 ** 2 // the largest that bottle.yaml can allow, and its trace fields
