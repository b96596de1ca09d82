// What submission asks the directory about addresses. A yes holds for a second: one message asks who its sender is
// twice, and the next message of a session asks again. A no is asked for each time.

import { type Calls, remember } from '@scop/bottle/node'

/** `undefined` where the directory is silent. */
export type KnownAddresses = {
  /** Whether `account` may write as `mailbox`. */
  owns(account: string, mailbox: string, trace: string): Promise<boolean | undefined>
  /** False: the domain is ours, and there is no such mailbox. */
  exists(mailbox: string, trace: string): Promise<boolean | undefined>
}

/** One for the process. `now`: milliseconds of any clock. */
export function knownAddresses(calls: Calls, now: () => number): KnownAddresses {
  const kept = { keep: (yes: boolean) => yes, forMs: KNOWN_MS, entries: KNOWN_ENTRIES, now }
  const owned = remember({
    ...kept,
    ask: async (question, trace) => {
      const [account = '', mailbox = ''] = question.split(SEPARATOR)
      const answer = await calls.call('directory', 'owns', { account, mailbox }, { trace })
      return answer.ok ? answer.value.response.owns : undefined
    },
  })
  const existing = remember({
    ...kept,
    ask: async (mailbox, trace) => {
      const answer = await calls.call('directory', 'resolve', { mailbox }, { trace })
      return answer.ok ? answer.value.response.kind !== 'unknown' : undefined
    },
  })
  return {
    owns: (account, mailbox, trace) => owned.ask(account + SEPARATOR + mailbox, trace),
    exists: (mailbox, trace) => existing.ask(mailbox, trace),
  }
}

const SEPARATOR = '\n' // stands in no address
const KNOWN_MS = 1000
const KNOWN_ENTRIES = 10_000
