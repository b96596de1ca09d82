// What the commands of scop hamlet share: numbers of the command line, Ctrl-C, the corpus's own errors said as failures.

import { availableParallelism } from 'node:os'
import { CorpusError } from '@scop/hamlet/node'
import { EXIT, Failure } from './failure.ts'
import type { Session } from './session.ts'

/** A whole number in digits, from `least` to `most`. */
export function numberArgument(name: string, text: string, least: number, most: number): number {
  const number = Number(text)
  if (/^\d{1,16}$/.test(text) && number >= least && number <= most) return number
  throw new Failure('bad-number', `${name} must be a whole number from ${least} to ${most}, not "${text}"`, {
    exit: EXIT.usage,
  })
}

export const jobsArgument = (text: string | undefined): number =>
  text === undefined ? Math.min(availableParallelism(), DEFAULT_JOBS) : numberArgument('--jobs', text, 1, MAX_JOBS)

/** Runs `work` until it ends, or until Ctrl-C, which then is a failure that says how to go on. */
export async function interruptible<T>(
  session: Session,
  next: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const interrupted = new AbortController()
  const forget = session.terminal.onInterrupt(() => interrupted.abort())
  try {
    return await work(interrupted.signal)
  } catch (error) {
    if (interrupted.signal.aborted) throw new Failure('interrupted', 'Interrupted', { exit: EXIT.interrupted, next })
    if (error instanceof CorpusError) throw new Failure(error.kind, error.message)
    throw error
  } finally {
    forget()
  }
}

/** The most memory that this process has had, threads included, in octets. */
export const peakOctets = (): number => process.resourceUsage().maxRSS * 1024

/** Threads by default: memory grows with each. */
const DEFAULT_JOBS = 2
const MAX_JOBS = 64
