// Runs tasks: one for each distinct lookup, however many wait for it. Knows nothing of DNS but what makes lookups equal.
// RFC 5452 §5 (equal questions are put once), RFC 1034 §5.3.3 (bounded work)

import { CLASS, ROOT } from '@scop/dns'
import type { Budget } from './budget.ts'
import type { Fetched } from './outcome.ts'
import type { Answered, Effect, Exchange, ExchangeResult, LookupHandle, LookupRequest, Task } from './task.ts'

export type Job = LookupHandle & {
  /** Counts lookups from 1. */
  readonly number: number
  readonly request: LookupRequest
  readonly budget: Budget
  readonly depth: number
  readonly parent: Job | undefined
}

export type SchedulerHooks = {
  /** The work of a lookup. */
  readonly run: (job: Job) => Task<Fetched>
  /** Sends; the result comes by `settle` with the same number. */
  readonly send: (exchange: Exchange, number: number, job: Job) => void
  /** A lookup has ended; whoever is not a task hears of it here. */
  readonly ended: (job: Job, result: Fetched) => void
  readonly maxDepth: number
}

/** In the order of their start, so that the same events give the same steps. */
export class Scheduler {
  readonly #hooks: SchedulerHooks
  readonly #running = new Map<string, Running>()
  readonly #exchanges = new Map<number, Running>()
  readonly #ready: { readonly job: Running; readonly answered: Answered }[] = []
  #paused: Running[] = []
  #jobs = 0
  #exchangeNumber = 0

  constructor(hooks: SchedulerHooks) {
    this.#hooks = hooks
  }

  get hasPaused(): boolean {
    return this.#paused.length > 0
  }

  get lookups(): number {
    return this.#running.size
  }

  /** Begins a lookup or joins the one that is the same. `run` must be called then. */
  begin(request: LookupRequest, budget: Budget, parent?: Job): Job {
    return this.#begin(request, budget, parent)
  }

  /** Runs work that is no lookup and has no result. */
  beginTask(budget: Budget, work: (job: Job) => Task<void>): void {
    const number = ++this.#jobs
    const question = { name: ROOT, type: 0, class: CLASS.IN }
    const job: Running = {
      key: `task ${number}`,
      number,
      request: { ...question, validate: false, refresh: false },
      budget,
      depth: 0,
      parent: undefined,
      ended: undefined,
      task: undefined,
      waitsFor: new Set(),
      waiting: new Set(),
    }
    job.task = asLookup(work(job), question)
    this.#running.set(job.key, job)
    this.#ready.push({ job, answered: NOTHING })
  }

  /** The result of an exchange; numbers that are not waited for are passed over. */
  settle(number: number, result: ExchangeResult): void {
    const job = this.#exchanges.get(number)
    if (job === undefined) return
    this.#exchanges.delete(number)
    this.#ready.push({ job, answered: { kind: 'exchanged', result } })
  }

  /** Tasks that paused go on. */
  resume(): void {
    const paused = this.#paused
    this.#paused = []
    for (const job of paused) this.#ready.push({ job, answered: NOTHING })
  }

  /** Runs what can run, until all wait. */
  run(): void {
    for (let next = this.#ready.shift(); next !== undefined; next = this.#ready.shift()) {
      this.#advance(next.job, next.answered)
    }
  }

  #begin(request: LookupRequest, budget: Budget, parent: Job | undefined): Running {
    const key = lookupKey(request)
    const known = this.#running.get(key)
    if (known !== undefined) return known
    const job: Running = {
      key,
      number: ++this.#jobs,
      request,
      budget,
      depth: parent === undefined ? 0 : parent.depth + 1,
      parent,
      ended: undefined,
      task: undefined,
      waitsFor: new Set(),
      waiting: new Set(),
    }
    job.task = this.#hooks.run(job)
    this.#running.set(key, job)
    this.#ready.push({ job, answered: NOTHING })
    return job
  }

  #advance(job: Running, first: Answered): void {
    let answered = first
    for (;;) {
      const step = job.task?.next(answered)
      if (step === undefined) return
      if (step.done === true) return this.#end(job, step.value)
      const next = this.#perform(job, step.value)
      if (next === undefined) return
      answered = next
    }
  }

  /** The answer, if it is there at once. */
  #perform(job: Running, effect: Effect): Answered | undefined {
    switch (effect.kind) {
      case 'exchange': {
        const number = ++this.#exchangeNumber
        this.#exchanges.set(number, job)
        this.#hooks.send(effect.exchange, number, job)
        return undefined
      }
      case 'start': {
        const key = lookupKey(effect.lookup)
        const known = this.#running.get(key)
        if (known === undefined ? job.depth + 1 > this.#hooks.maxDepth : waitsFor(known, job))
          return { kind: 'started', handle: undefined }
        return { kind: 'started', handle: known ?? this.#begin(effect.lookup, job.budget, job) }
      }
      case 'wait': {
        if (effect.lookups.some(({ ended }) => ended !== undefined)) return WAITED
        for (const { key } of effect.lookups) {
          const other = this.#running.get(key)
          // Since the start the other may have come to wait for this one.
          if (other === undefined || waitsFor(other, job)) continue
          job.waitsFor.add(other)
          other.waiting.add(job)
        }
        return job.waitsFor.size === 0 ? { kind: 'waited', possible: false } : undefined
      }
      case 'pause':
        this.#paused.push(job)
        return undefined
    }
  }

  #end(job: Running, result: Fetched): void {
    job.ended = result
    job.task = undefined
    this.#running.delete(job.key)
    for (const waiting of job.waiting) {
      for (const other of waiting.waitsFor) other.waiting.delete(waiting)
      waiting.waitsFor.clear()
      this.#ready.push({ job: waiting, answered: WAITED })
    }
    this.#hooks.ended(job, result)
  }
}

/** Equal for equal lookups. */
export function lookupKey({ name, type, class: klass, validate, refresh, avoid = [] }: LookupRequest): string {
  const how = `${validate ? 'v' : '-'}${refresh ? 'r' : '-'}${avoid.join()}`
  return `${how} ${String.fromCharCode(type, klass)}${name.key}`
}

type Running = Job & {
  ended: Fetched | undefined
  task: Task<Fetched> | undefined
  readonly waitsFor: Set<Running>
  readonly waiting: Set<Running>
}

/** Whether `job` waits for `other`, by however many between them, or is it. */
function waitsFor(job: Running, other: Running): boolean {
  const seen = new Set<Running>()
  const open = [job]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === other) return true
    if (seen.has(next)) continue
    seen.add(next)
    open.push(...next.waitsFor)
  }
  return false
}

function* asLookup(work: Task<void>, question: Fetched['question']): Task<Fetched> {
  yield* work
  const nothing = { answer: [], authority: [], additional: [], zone: ROOT, ede: [], ttlSeconds: 0, rcode: 0 }
  return { question, ...nothing, security: 'unchecked', stale: false }
}

const WAITED: Answered = { kind: 'waited', possible: true }
const NOTHING: Answered = { kind: 'nothing' }
