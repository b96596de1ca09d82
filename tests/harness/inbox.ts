// The inbox of a test bottle's account, as the operator reads it.

import { setTimeout as sleep } from 'node:timers/promises'
import { expectOk } from '@scop/result'
import type { TestBottle } from './bottle.ts'

export type Letter = {
  readonly uid: number
  readonly subject: string
  readonly sender: string
  readonly octets: number
}

/** All messages, newest first. */
export async function inbox(bottle: TestBottle): Promise<readonly Letter[]> {
  const letters: Letter[] = []
  for (;;) {
    const beforeUid = letters.at(-1)?.uid
    const request = {
      account: bottle.account,
      mailbox: 'INBOX',
      limit: 500,
      ...(beforeUid !== undefined && { beforeUid }),
    }
    const answer = await bottle.calls.call('mailbox', 'list', request, { trace: TRACE })
    const { messages } = expectOk(answer, 'list the inbox').response
    if (messages.length === 0) return letters
    letters.push(...messages)
  }
}

/** The newest message whose subject is `subject`, as Latin-1 text; waits for it. */
export async function letterFrom(bottle: TestBottle, subject: string | RegExp, seconds = 20): Promise<string> {
  const fits = (text: string): boolean => (typeof subject === 'string' ? text === subject : subject.test(text))
  for (const until = performance.now() + seconds * 1000; performance.now() < until; await sleep(50)) {
    const found = (await inbox(bottle)).find((letter) => fits(letter.subject))
    if (found !== undefined) return readLetter(bottle, found.uid)
  }
  const there = (await inbox(bottle)).map((letter) => letter.subject)
  throw new Error(`Cannot find "${String(subject)}" after ${seconds} s; there are ${JSON.stringify(there)}`)
}

export async function readLetter(bottle: TestBottle, uid: number): Promise<string> {
  const where = { account: bottle.account, mailbox: 'INBOX', uid }
  const read = expectOk(await bottle.calls.call('mailbox', 'read', where, { trace: TRACE }), 'read a message')
  const chunks: Uint8Array[] = []
  for await (const chunk of read.octets) chunks.push(chunk)
  return Buffer.concat(chunks).toString('latin1')
}

/** Waits until the relay's queue is empty; what waits for its next attempt is told to go now. */
export async function queueEmpty(bottle: TestBottle, seconds = 30): Promise<void> {
  for (const until = performance.now() + seconds * 1000; performance.now() < until; await sleep(200)) {
    const queue = await bottle.calls.call('relay', 'queue-list', { limit: 1 }, { trace: TRACE })
    if (queue.ok && queue.value.response.total === 0) return
    if (queue.ok) await bottle.calls.call('relay', 'queue-retry', {}, { trace: TRACE })
  }
  throw new Error(`Cannot empty the queue in ${seconds} s`)
}

const TRACE = '0000000000000000'
