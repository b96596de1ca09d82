// The resolver: events in, actions out. Clients wait for lookups; lookups are tasks; what is known is told at once.
// RFC 1034 §5.3, RFC 4035 §4 and §3.2, RFC 8767 §5 (stale answers), RFC 9520 §3, RFC 5452 §5 (equal questions are one)

import { equalNames, type ExtendedError, type Question, RCODE } from '@scop/dns'
import type { AlgorithmTable } from '@scop/dnssec'
import { answerOwn, EMPTY_OUTCOME } from './answer-own.ts'
import { Budget } from './budget.ts'
import { cachedAnswer, cachedReferral } from './cached-answer.ts'
import { endOfAliases } from './classify.ts'
import { Clock } from './clock.ts'
import type { ResolverConfig } from './config.ts'
import { EDE, type Environment, why } from './environment.ts'
import type { ClientQuery, ResolverAction, ResolverEvent } from './event.ts'
import { runLookup, validationContext } from './lookup.ts'
import { MessageCache } from './message-cache.ts'
import type { Fetched, Outcome } from './outcome.ts'
import { ParentSide } from './parent-side.ts'
import { RrsetCache } from './rrset-cache.ts'
import { type Job, Scheduler } from './scheduler.ts'
import { ServerTable } from './server-table.ts'
import { createUpstream } from './upstream.ts'
import { createValidator } from './validator.ts'

export type ResolverDependencies = {
  /** Octets that nobody can guess. */
  readonly random: (octets: number) => Uint8Array
  /** Absent: nothing is validated, and all is insecure. */
  readonly algorithms?: AlgorithmTable
  /** Steps are told by `trace` actions. */
  readonly trace?: boolean
}

export type Resolver = {
  readonly handle: (event: ResolverEvent, nowMs: number) => readonly ResolverAction[]
  /** For operators and tests. */
  readonly caches: { readonly rrsets: RrsetCache; readonly messages: MessageCache; readonly servers: ServerTable }
  readonly figures: () => { readonly clients: number; readonly lookups: number; readonly exchanges: number }
}

type Client = {
  readonly query: ClientQuery
  readonly arrivedAtMs: number
  /** Has had a stale answer, or wants one then. */
  staleAtMs: number | undefined
}

export function createResolver(config: ResolverConfig, dependencies: ResolverDependencies): Resolver {
  const { random, algorithms } = dependencies
  const { limits, stale } = config
  const clock = new Clock()
  const rrsets = new RrsetCache(config)
  const messages = new MessageCache(config, rrsets)
  const servers = new ServerTable(limits)
  const validator =
    algorithms === undefined || !config.validation.enabled ? undefined : createValidator(config, algorithms)
  const validating = validator !== undefined
  let actions: ResolverAction[] = []
  let wakeAtMs: number | undefined
  const act = (action: ResolverAction): void => {
    actions.push(action)
  }
  const env: Environment = {
    config,
    clock,
    random,
    rrsets,
    messages,
    servers,
    parents: new ParentSide(),
    validator,
    persist: (zone, text) => {
      act({ kind: 'persist', zone, text })
    },
    trace: (job, what) => {
      if (dependencies.trace !== true) return
      const { name, type, class: klass } = job.request
      act({
        kind: 'trace',
        step: { lookup: job.number, parent: job.parent?.number, question: { name, type, class: klass }, what },
      })
    },
  }
  const waiting = new Map<Job, Client[]>()
  const perClient = new Map<string, number>()
  let clients = 0
  let timersChanged = true
  const upstream = createUpstream({
    config,
    clock,
    servers,
    random,
    act,
    settle: (number, result) => {
      scheduler.settle(number, result)
    },
  })
  const scheduler: Scheduler = new Scheduler({
    run: (job) => runLookup(env, job),
    send: (exchange, number) => {
      upstream.send(exchange, number)
    },
    ended: (job, result) => {
      const those = waiting.get(job) ?? []
      waiting.delete(job)
      for (const client of those) finish(client, result)
    },
    maxDepth: limits.depth,
  })

  function handle(event: ResolverEvent, nowMs: number): readonly ResolverAction[] {
    actions = []
    clock.nowMs = Math.max(clock.nowMs, nowMs)
    switch (event.kind) {
      case 'query':
        query(event)
        break
      case 'reply':
        upstream.reply(event.exchange, event.octets)
        break
      case 'failed':
        upstream.failed(event.exchange, event.reason)
        break
      case 'gone':
        for (const [job, those] of waiting) {
          const left = those.filter((client) => client.query.id !== event.id)
          if (left.length === those.length) continue
          for (const client of those) if (client.query.id === event.id) leave(client)
          waiting.set(job, left)
        }
        break
      case 'tick':
        tick()
        break
      case 'resume':
        scheduler.resume()
        break
    }
    scheduler.run()
    if (scheduler.hasPaused) act({ kind: 'resume-soon' })
    if (timersChanged) wake()
    return actions
  }

  function query(event: ClientQuery): void {
    const { question } = event
    const own = answerOwn(question, config)
    if (own !== undefined) return answer(event, own)
    if (!event.recursionDesired && event.mayReadCache !== true)
      return answer(event, { ...EMPTY_OUTCOME, rcode: RCODE.REFUSED, ede: why(EDE.NOT_AUTHORITATIVE, '') })
    const validate = validating && !event.checkingDisabled
    const known = fromCache(question, validate, event)
    if (known !== undefined) {
      answer(event, toOutcome(known))
      if (config.prefetch && isNearItsEnd(question)) renew(question, validate)
      return
    }
    const old = stale === undefined ? undefined : staleAnswer(question, event.checkingDisabled)
    if (old !== undefined && stale !== undefined) {
      const failing = messages.findFailure(question, clock.nowMs) !== undefined
      if (failing) return answer(event, old)
      if (stale.clientTimeoutMs === 0) {
        answer(event, old)
        return renew(question, validate)
      }
    }
    if (!event.recursionDesired) return old === undefined ? refer(event, validate) : answer(event, old)
    wait(event, validate, old !== undefined)
  }

  /** What is known of the closest servers, without AD unless even that is signed. */
  function refer(event: ClientQuery, validate: boolean): void {
    const referral = cachedReferral(env, event.question)
    const [ns] = referral.authority
    if (validator === undefined || !validate || ns === undefined || ns.signatures.length === 0)
      return answer(event, referral)
    const question: Question = { name: ns.name, type: ns.type, class: ns.class }
    const { rcode, authority, additional, ttlSeconds } = referral
    const sections = { rcode, answer: authority, authority: [], additional, ttlSeconds }
    const fetched: Fetched = { question, ...sections, zone: ns.name, security: 'unchecked', ede: [], stale: false }
    scheduler.beginTask(new Budget(limits, clock.nowMs), function* (job) {
      const validated = yield* validator.validate(question, fetched, validationContext(env, job))
      const { security, answer: secure, additional: glue } = validated
      answer(
        event,
        security === 'secure' ? { ...referral, status: security, authority: secure, additional: glue } : referral,
      )
    })
  }

  function wait(event: ClientQuery, validate: boolean, hasStale: boolean): void {
    const own = event.client === undefined ? 0 : (perClient.get(event.client) ?? 0)
    if (clients >= limits.waitingClients || own >= limits.waitingPerClient) return act({ kind: 'drop', id: event.id })
    clients++
    timersChanged = true
    if (event.client !== undefined) perClient.set(event.client, own + 1)
    const client: Client = {
      query: event,
      arrivedAtMs: clock.nowMs,
      staleAtMs: hasStale && stale !== undefined ? clock.nowMs + stale.clientTimeoutMs : undefined,
    }
    const { name, type, class: klass } = event.question
    const job = begin({ name, type, class: klass, validate, refresh: false })
    waiting.set(job, [...(waiting.get(job) ?? []), client])
  }

  function begin(request: Job['request']): Job {
    return scheduler.begin(request, new Budget(limits, clock.nowMs))
  }

  function leave({ query: { client } }: Client): void {
    clients--
    timersChanged = true
    if (client === undefined) return
    const left = (perClient.get(client) ?? 1) - 1
    if (left === 0) perClient.delete(client)
    else perClient.set(client, left)
  }

  function finish(client: Client, result: Fetched): void {
    leave(client)
    const { query: event, arrivedAtMs } = client
    const failed = result.rcode === RCODE.SERVFAIL || (result.security === 'bogus' && !event.checkingDisabled)
    const old = failed ? staleAnswer(event.question, event.checkingDisabled) : undefined
    if (old !== undefined) {
      if (stale?.reset === true) messages.renewStale(event.question, clock.nowMs)
      if (messages.findFailure(event.question, clock.nowMs) === undefined)
        messages.fail(event.question, result.ede, clock.nowMs)
      return answer(event, old)
    }
    if (clock.nowMs > arrivedAtMs + patienceMs(event)) return act({ kind: 'drop', id: event.id })
    answer(event, toOutcome(result))
  }

  /** The resolver's own callers wait for as long as it works. */
  function patienceMs({ client }: ClientQuery): number {
    return client === undefined ? Number.POSITIVE_INFINITY : limits.clientWaitMs
  }

  function answer({ id }: ClientQuery, outcome: Outcome): void {
    act({ kind: 'answer', id, outcome })
  }

  /** What the cache has for a client: all of the aliases, or nothing. */
  function fromCache(
    question: Question,
    validate: boolean,
    { checkingDisabled, recursionDesired }: ClientQuery,
  ): Fetched | undefined {
    const known = cachedAnswer(env, question, validate)
    if (known === undefined) return undefined
    if (validate && recursionDesired && known.security === 'unchecked') return undefined
    if (known.security === 'bogus' && checkingDisabled && known.answer.length + known.authority.length === 0)
      return undefined
    const end = endOfAliases({ question, answer: known.answer })
    const whole =
      equalNames(end, question.name) ||
      known.answer.some(({ name, type }) => type === question.type && equalNames(name, end))
    const denied = known.rcode !== RCODE.NOERROR || known.authority.length > 0
    return whole || denied ? known : undefined
  }

  function isNearItsEnd(question: Question): boolean {
    const found = messages.find(question, clock.nowMs)
    if (found === undefined) return false
    return clock.nowMs >= found.expiresAtMs - (found.expiresAtMs - found.storedAtMs) / 10
  }

  function renew({ name, type, class: klass }: Question, validate: boolean): void {
    if (messages.findFailure({ name, type, class: klass }, clock.nowMs) !== undefined) return
    begin({ name, type, class: klass, validate, refresh: true })
  }

  function staleAnswer(question: Question, checkingDisabled: boolean): Outcome | undefined {
    if (stale === undefined) return undefined
    const found = messages.find(question, clock.nowMs, true)?.fetched
    if (found === undefined || (found.security === 'bogus' && !checkingDisabled) || found.rcode === RCODE.SERVFAIL)
      return undefined
    if (validating && !checkingDisabled && found.security === 'unchecked') return undefined
    const code = found.rcode === RCODE.NXDOMAIN ? EDE.STALE_NXDOMAIN : EDE.STALE_ANSWER
    return {
      ...toOutcome(found),
      ttlSeconds: stale.replySeconds,
      stale: true,
      ede: stale.told ? why(code, '') : [],
    }
  }

  function toOutcome(fetched: Fetched): Outcome {
    const { rcode, answer: data, authority, additional, ede, ttlSeconds, stale: isStale } = fetched
    const status = fetched.security === 'unchecked' ? 'insecure' : fetched.security
    return {
      status,
      rcode,
      answer: data,
      authority,
      additional,
      ede: reasons(ede),
      ttlSeconds,
      stale: isStale,
      authoritative: false,
    }
  }

  function tick(): void {
    for (const [job, those] of waiting) {
      const left = those.filter((client) => {
        if (client.staleAtMs !== undefined && client.staleAtMs <= clock.nowMs) {
          client.staleAtMs = undefined
          const old = staleAnswer(client.query.question, client.query.checkingDisabled)
          if (old === undefined) return true
          leave(client)
          answer(client.query, old)
          return false
        }
        if (client.arrivedAtMs + patienceMs(client.query) >= clock.nowMs) return true
        leave(client)
        act({ kind: 'drop', id: client.query.id })
        return false
      })
      if (left.length < those.length) waiting.set(job, left)
    }
    runDue()
  }

  /** Work that validation wants by the clock, as lookups of their own. */
  function runDue(): void {
    if (validator === undefined) return
    timersChanged = true
    for (const task of validator.due(clock.nowMs).tasks) {
      scheduler.beginTask(new Budget(limits, clock.nowMs), (job) => task(validationContext(env, job)))
    }
  }

  function wake(): void {
    timersChanged = scheduler.lookups > 0
    let next = validator?.due === undefined ? undefined : validator.due(clock.nowMs).nextMs
    for (const those of waiting.values()) {
      for (const { arrivedAtMs, staleAtMs, query: event } of those) {
        const at = Math.min(arrivedAtMs + patienceMs(event) + 1, staleAtMs ?? Number.POSITIVE_INFINITY)
        if (Number.isFinite(at)) next = Math.min(next ?? at, at)
      }
    }
    if (next === undefined || next === wakeAtMs) return
    wakeAtMs = next
    act({ kind: 'wake-at', atMs: next })
  }

  return {
    handle,
    caches: { rrsets, messages, servers },
    figures: () => ({ clients, lookups: scheduler.lookups, exchanges: upstream.count() }),
  }
}

/** Each reason once. */
function reasons(ede: readonly ExtendedError[]): readonly ExtendedError[] {
  return ede.filter(({ code }, i) => ede.findIndex((other) => other.code === code) === i)
}
