// The work of one lookup: iteration, then validation where it is wanted, then what came of it into the cache.
// RFC 4035 §4.7 (failed validation is kept for a moment), §5

import { CLASS, type Question, RCODE } from '@scop/dns'
import type { Environment } from './environment.ts'
import { iterate } from './iterate.ts'
import type { Fetched } from './outcome.ts'
import type { Rrset } from './rrset.ts'
import type { Job } from './scheduler.ts'
import { lookUp, type Task } from './task.ts'
import type { ValidationContext } from './validation-context.ts'

export function* runLookup(env: Environment, job: Job): Task<Fetched> {
  const fetched = yield* iterate(env, job)
  const { validator, config } = env
  if (!job.request.validate || validator === undefined || !config.validation.enabled) return fetched
  if (fetched.rcode === RCODE.SERVFAIL && fetched.answer.length === 0) return fetched
  if (fetched.security !== 'unchecked') return fetched
  const question: Question = fetched.question
  const validated = yield* validator.validate(question, fetched, validationContext(env, job))
  const { security } = validated
  const result: Fetched = { ...fetched, ...validated, ede: [...validated.ede, ...fetched.ede] }
  const { nowMs } = env.clock
  const judged = (rrsets: readonly Rrset[]): void => {
    for (const rrset of rrsets) if (rrset.security !== 'unchecked') env.rrsets.judge(rrset, rrset.security)
  }
  judged(result.answer)
  judged(result.authority)
  judged(result.additional)
  const ttlSeconds =
    security === 'bogus'
      ? Math.min(config.validation.bogusSeconds, Math.max(fetched.ttlSeconds, 1))
      : fetched.ttlSeconds
  if (job.budget.exceeded !== undefined && security === 'bogus') return result
  if (security === 'bogus' && env.messages.putBack(question)) {
    // What was good and is past its time is not thrown away for what is false.
    for (const rrset of [...fetched.answer, ...fetched.authority, ...fetched.additional]) env.rrsets.putBack(rrset)
    env.messages.fail(question, result.ede, nowMs)
    return result
  }
  if (fetched.ttlSeconds > 0 || security === 'bogus')
    env.messages.store({ ...result, ttlSeconds }, nowMs, nowMs + ttlSeconds * 1000)
  return result
}

export function validationContext(env: Environment, job: Job): ValidationContext {
  return {
    config: env.config,
    nowMs: () => env.clock.nowMs,
    budget: job.budget,
    cache: env.rrsets,
    persist: env.persist,
    random: env.random,
    trace: (what) => {
      env.trace(job, what)
    },
    fetch: (name, type, avoid) => {
      // Only this class has a chain of trust; work by the clock has no class of its own.
      const request = { name, type, class: CLASS.IN, validate: false, refresh: avoid !== undefined }
      return lookUp(avoid === undefined ? request : { ...request, avoid })
    },
  }
}
