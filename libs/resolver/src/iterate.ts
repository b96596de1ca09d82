// One lookup from its question to its answer: the cache, the closest servers, referral after referral, alias after alias.
// RFC 1034 §5.3.3, RFC 2308, RFC 9156 (minimised names), RFC 4035 §3.1.4.1 (DS), RFC 9520 §3 (failures are kept)

import {
  DNSKEY,
  DS,
  equalNames,
  type ExtendedError,
  formatName,
  formatType,
  isAtOrBelow,
  type Name,
  NS,
  NSEC,
  NSEC3,
  parentName,
  type Question,
  RCODE,
  ROOT,
  SOA,
  decodeRdata,
} from '@scop/dns'
import { askServer } from './ask-server.ts'
import { cachedAnswer } from './cached-answer.ts'
import { classify, endOfAliases, isTooLowForDs } from './classify.ts'
import { Delegation } from './delegation.ts'
import { closest, EDE, type Environment, why } from './environment.ts'
import { fillFromCache, findDelegation, type FindOptions, hintedDelegation } from './find-delegation.ts'
import { counted } from './message-cache.ts'
import { Minimiser } from './minimise.ts'
import { AddressLookups, nextTarget } from './name-server-addresses.ts'
import type { Fetched } from './outcome.ts'
import { type Rrset, rrsetKey } from './rrset.ts'
import type { Job } from './scheduler.ts'
import { isAddress, scrub, type Scrubbed } from './scrub.ts'
import { lookUp, start, type Task } from './task.ts'

/** Looks a question up, following aliases. Failures are SERVFAIL with a reason. */
export function* iterate(env: Environment, job: Job): Task<Fetched> {
  const { request, budget } = job
  const original: Question = { name: request.name, type: request.type, class: request.class }
  const answer: Rrset[] = []
  const authority: Rrset[] = []
  let chase = original
  for (;;) {
    const renew = request.refresh && chase === original
    const leewayMs = renew ? leewayOf(env, chase) : undefined
    const said =
      (renew ? undefined : cachedAnswer(env, chase, request.validate)) ?? (yield* askServers(env, job, chase, leewayMs))
    const joined: Fetched = {
      ...said,
      question: original,
      answer: [...answer, ...said.answer.filter((rrset) => !isIn(answer, rrset))],
      authority: [...authority, ...said.authority.filter((rrset) => !isIn(authority, rrset))],
      // What was put together has been validated in its parts at most.
      security: answer.length === 0 ? said.security : 'unchecked',
    }
    if (said.rcode === RCODE.SERVFAIL && said.answer.length === 0)
      return { ...joined, answer: [], authority: [], additional: [] }
    const end = endOfAliases({ question: chase, answer: said.answer, rcode: said.rcode })
    if (equalNames(end, chase.name) || isComplete(said, end)) {
      if (chase !== original) remember(env, joined)
      return joined
    }
    env.trace(job, `alias to ${formatName(end)}`)
    if (!budget.charge('aliases', env.clock.nowMs)) return failed(env, original, EDE.OTHER, 'too many aliases')
    answer.push(...said.answer.filter((rrset) => !isIn(answer, rrset)))
    const isDenial = ({ type }: Rrset): boolean => type === NSEC.code || type === NSEC3.code
    authority.push(...said.authority.filter((rrset) => isDenial(rrset) && !isIn(authority, rrset)))
    chase = { ...chase, name: end }
  }
}

function isIn(rrsets: readonly Rrset[], rrset: Rrset): boolean {
  return rrsets.some(({ name, type }) => type === rrset.type && equalNames(name, rrset.name))
}

/** What is renewed near its end is renewed with the delegations that end with it. */
function leewayOf(env: Environment, question: Question): number {
  const known = env.messages.find(question, env.clock.nowMs)
  if (known === undefined) return 0
  const left = known.expiresAtMs - env.clock.nowMs
  return left * 10 <= known.expiresAtMs - known.storedAtMs ? left : 0
}

/** Whether the end of the aliases has its data, or their denial, in the same answer. */
function isComplete({ question, rcode, answer }: Fetched, end: Name): boolean {
  if (answer.some(({ name, type }) => type === question.type && equalNames(name, end))) return true
  if (rcode === RCODE.YXDOMAIN) return true
  return false
}

/** When a question was put, and within what time what is known counts as ended. */
type Times = { readonly askedAtMs: number; readonly leewayMs: number }

/** Asks servers, from the closest that are known down to those that answer. */
function* askServers(env: Environment, job: Job, question: Question, leewayMs: number | undefined): Task<Fetched> {
  const { config, clock, messages } = env
  const { limits } = config
  const earlier = leewayMs !== undefined ? undefined : messages.findFailure(question, clock.nowMs)
  if (earlier !== undefined) return failure(question, earlier.length > 0 ? earlier : why(EDE.CACHED_ERROR, ''))
  const passBy = new Set<string>()
  // Until its successor is validated, a stale answer stays as it is, also in what it shares with referrals.
  const keepsOld = job.request.validate && messages.find(question, clock.nowMs, true)?.fetched.stale === true
  let delegation = yield* beginAt(env, job, question, { passBy, leewayMs })
  let minimiser = makeMinimiser(env, question, delegation)
  let lookups = new AddressLookups()
  let asked: Question | undefined
  let sent = 0
  let emptyReplies = 0
  let spare: Scrubbed | undefined
  let triedParent = false
  let toldByParents = false
  let locatedDs = false
  let malformed = false
  const times = (askedAtMs: number): Times => ({ askedAtMs, leewayMs: leewayMs ?? 0 })
  const enter = (next: Delegation): void => {
    delegation = next
    minimiser = makeMinimiser(env, question, next)
    lookups = new AddressLookups()
    asked = undefined
    sent = 0
    spare = undefined
    toldByParents = false
  }
  for (;;) {
    if (sent >= limits.packetsPerLookup) return failed(env, question, EDE.NO_REACHABLE_AUTHORITY, 'too many attempts')
    const target = yield* nextTarget(env, job, delegation, lookups, question)
    if (job.budget.exceeded !== undefined)
      return failed(env, question, EDE.OTHER, `the query caused too much work: ${job.budget.exceeded}`)
    if (target === undefined && (job.request.avoid?.length ?? 0) > 0)
      return failure(question, why(EDE.NO_REACHABLE_AUTHORITY, 'no other server answers'))
    if (target === undefined) {
      if (spare !== undefined) return keepAnswer(env, spare, delegation, question, times(clock.nowMs))
      const first = [...config.forwards, ...config.stubs].find(
        ({ zone, first: may }) => may && equalNames(zone, delegation.zone),
      )
      if (delegation.configured && first !== undefined && !passBy.has(first.zone.key)) {
        passBy.add(first.zone.key)
        enter(yield* beginAt(env, job, question, { passBy, leewayMs }))
        continue
      }
      if (!delegation.configured && !toldByParents && delegation.zone.octets.length > 1) {
        toldByParents = true
        if (addParentSide(env, delegation)) continue
      }
      const parentKnown = env.parents.find(delegation.zone, clock.nowMs) !== undefined
      if (
        !triedParent &&
        !parentKnown &&
        !delegation.fromParent &&
        !delegation.configured &&
        delegation.zone.octets.length > 1
      ) {
        triedParent = true
        enter(yield* beginAt(env, job, question, { passBy, leewayMs, above: delegation.zone }))
        continue
      }
      // That servers said what nobody can read has no code of its own.
      const code = malformed ? EDE.OTHER : EDE.NO_REACHABLE_AUTHORITY
      return failed(env, question, code, `no server of ${formatName(delegation.zone)} answers`)
    }
    asked ??= nextMinimised(env, minimiser, delegation, question)
    if (asked.name !== question.name) {
      const denied = cachedDenial(env, asked)
      if (denied !== undefined) return { ...denied, question }
    }
    target.attempts++
    sent++
    const askedAtMs = clock.nowMs
    env.trace(
      job,
      `ask ${target.server.address} of ${formatName(delegation.zone)} for ${formatName(asked.name)} ${formatType(asked.type)}`,
    )
    // Who only recurses is the last to be asked, and then for just that.
    const recursive =
      delegation.recursive ||
      env.servers.lameness(target.server, delegation.zone, question.type, clock.nowMs) === 'recursive'
    const said = yield* askServer(env, job, delegation, target, asked, recursive)
    lookups.collect(delegation)
    if (said.kind === 'spent')
      return failed(env, question, EDE.OTHER, `the query caused too much work: ${job.budget.exceeded ?? ''}`)
    if (said.kind === 'failed') {
      malformed ||= said.reason === 'mismatches'
      if (minimiser.isPartial(asked)) asked = minimiser.timedOut()
      continue
    }
    const scrubbed = scrub(said.message, asked, delegation.zone, config, recursive)
    const reply: Scrubbed = { ...scrubbed, server: target.server.address }
    const kind = classify(reply, delegation.zone, recursive)
    env.trace(job, `${kind} from ${target.server.address}`)
    const partial = minimiser.isPartial(asked)
    switch (kind) {
      case 'referral': {
        if (isTooLowForDs(reply, referralZone(reply) ?? ROOT) && !locatedDs && !partial) {
          // The parent's server says no more than that the zone is delegated: without a DS.
          return keepAnswer(env, withoutNs(reply), delegation, question, times(askedAtMs))
        }
        if (!job.budget.charge('referrals', clock.nowMs)) return failed(env, question, EDE.OTHER, 'too many referrals')
        const next = follow(env, reply, delegation, times(askedAtMs), !keepsOld)
        if (next === undefined) {
          target.dead = true
          continue
        }
        env.trace(job, `referred to ${formatName(next.zone)}`)
        if (config.prefetchKeys && job.request.validate && reply.authority.some(({ type }) => type === DS.code))
          yield* start({ name: next.zone, type: DNSKEY.code, class: question.class, validate: false, refresh: false })
        enter(next)
        continue
      }
      case 'lame':
        env.servers.noteLame(target.server, delegation.zone, asked.type, 'lame', clock.nowMs)
        target.dead = true
        continue
      case 'recursive':
        env.servers.noteLame(target.server, delegation.zone, question.type, 'recursive', clock.nowMs)
        continue
      case 'useless':
        if (partial && config.minimise === 'relaxed') {
          minimiser.stop()
          asked = undefined
          target.attempts--
        } else target.dead = true
        continue
      case 'alias':
      case 'answer':
        break
    }
    if (partial) {
      const denies = kind === 'answer' && reply.rcode === RCODE.NXDOMAIN
      if (!delegation.recursive && kind === 'answer' && config.minimise !== 'no')
        keepAnswer(env, reply, delegation, asked, times(askedAtMs))
      if (denies && (config.minimise === 'strict' || expectsSignatures(env, delegation.zone)))
        return { ...keepAnswer(env, reply, delegation, asked, times(askedAtMs)), question }
      if (denies || kind === 'alias') minimiser.stop()
      target.attempts = 0
      asked = undefined
      continue
    }
    if (isTooLowForDs(reply, delegation.zone) && !locatedDs && !delegation.recursive) {
      locatedDs = true
      yield* locateParent(env, question)
      const above = yield* beginAt(env, job, question, { passBy, leewayMs })
      if (!equalNames(above.zone, delegation.zone)) {
        enter(above)
        continue
      }
    }
    if (isEmpty(reply) && !recursive && emptyReplies < EMPTY_REPLIES) {
      emptyReplies++
      spare ??= reply
      if (hasUnasked(env, delegation)) target.dead = true
      continue
    }
    if (!delegation.recursive && isUnsigned(reply) && expectsSignatures(env, delegation.zone)) {
      target.unsigned = true
      spare ??= reply
      if (
        delegation.targets.some(({ unsigned, dead }) => !unsigned && !dead) ||
        lookups.open.length > 0 ||
        hasUnasked(env, delegation)
      ) {
        target.dead = true
        continue
      }
    }
    return keepAnswer(env, reply, delegation, question, times(askedAtMs))
  }
}

/** The closest delegation; the root's servers are asked who they are where the cache does not know. RFC 9609 §3 */
function* beginAt(env: Environment, job: Job, question: Question, options: FindOptions): Task<Delegation> {
  const known = findDelegation(env, question, options)
  if (known?.primes === true && !(question.type === NS.code && equalNames(question.name, known.zone))) {
    env.trace(job, `ask for the servers of ${formatName(known.zone)}`)
    yield* lookUp({ name: known.zone, type: NS.code, class: question.class, validate: false, refresh: false })
    return findDelegation(env, question, options) ?? known
  }
  if (known !== undefined) return known
  const priming = question.type === NS.code && question.name.octets.length === 1
  // Where a forwarder for everything has failed, it is not asked for the root's servers either.
  if (priming || options.passBy.has(ROOT.key)) return hintedDelegation(env)
  env.trace(job, 'ask for the servers of the root')
  yield* lookUp({ name: ROOT, type: NS.code, class: question.class, validate: false, refresh: false })
  return findDelegation(env, question, options) ?? hintedDelegation(env)
}

function makeMinimiser(env: Environment, question: Question, delegation: Delegation): Minimiser {
  const enabled = env.config.minimise !== 'no' && !delegation.recursive
  return new Minimiser(question, enabled, env.config)
}

/** The next step of minimisation that the cache has not already answered. */
function nextMinimised(env: Environment, minimiser: Minimiser, delegation: Delegation, question: Question): Question {
  for (;;) {
    const asked = minimiser.next(delegation.zone)
    if (!minimiser.isPartial(asked) || asked === question) return asked
    const known = env.messages.find(asked, env.clock.nowMs)
    if (known === undefined) return asked
  }
}

function cachedDenial(env: Environment, asked: Question): Fetched | undefined {
  const known = env.messages.find(asked, env.clock.nowMs)?.fetched
  return known?.rcode === RCODE.NXDOMAIN && known.security === 'secure' ? known : undefined
}

/** What a referral says goes into the cache, and its servers are next. `undefined`: it leads nowhere new. */
function follow(
  env: Environment,
  reply: Scrubbed,
  from: Delegation,
  times: Times,
  store: boolean,
): Delegation | undefined {
  const { clock, config } = env
  const ns = reply.authority.find(({ name, type }) => type === NS.code && !equalNames(name, from.zone))
  if (ns === undefined || !isAtOrBelow(ns.name, from.zone)) return undefined
  // A delegation outlives none above it: else a zone that its parent has dropped could live on in its children.
  const most = Math.max(Math.floor((from.expiresAtMs - clock.nowMs) / 1000), 0)
  const bounded = (rrset: Rrset): Rrset => ({ ...rrset, ttlSeconds: Math.min(rrset.ttlSeconds, most) })
  if (store) {
    for (const rrset of reply.authority) keep(env, rrset.type === NS.code ? bounded(rrset) : rrset, from, times)
    for (const rrset of reply.additional) keep(env, bounded(rrset), from, times)
  }
  env.validator?.referred(ns.name, reply.authority, clock.nowMs)
  const glue = [...reply.answer, ...reply.additional].filter(({ type }) => isAddress(type))
  const expiresAtMs = clock.nowMs + Math.min(ns.ttlSeconds, config.ttl.maxSeconds, most) * 1000
  env.parents.store(ns.name, { ns, glue, expiresAtMs })
  const next = new Delegation(ns.name, { fromParent: true, cache: from.cache, expiresAtMs })
  next.addNames(ns, config.limits.nameServers)
  for (const rrset of glue) next.addAddresses(rrset)
  fillFromCache(env, next)
  return next
}

/** Adds the servers as the parents named them, where what children say of themselves led nowhere; whether any is new. */
function addParentSide(env: Environment, delegation: Delegation): boolean {
  const { parents, clock, config } = env
  const before = delegation.targets.length + delegation.nameServers.length
  const known = parents.find(delegation.zone, clock.nowMs)
  if (known !== undefined) {
    delegation.addNames(known.ns, config.limits.nameServers)
    for (const rrset of known.glue) delegation.addAddresses(rrset)
  }
  for (const { name } of delegation.nameServers) {
    for (const rrset of parents.glueOf(name, clock.nowMs)) delegation.addAddresses(rrset)
  }
  return delegation.targets.length + delegation.nameServers.length > before
}

/** Where one server has a zone and its grandparent, the zone between them is found by asking for NS, from the top. */
function* locateParent(env: Environment, question: Question): Task<void> {
  const between: Name[] = []
  for (let at = parentName(question.name); at !== undefined && at.octets.length > 1; at = parentName(at)) {
    if (env.rrsets.find(at, NS.code, env.clock.nowMs, question.class) !== undefined) break
    between.unshift(at)
  }
  for (const name of between) {
    yield* lookUp({ name, type: NS.code, class: question.class, validate: false, refresh: false })
  }
}

/** Takes an answer into the caches, and gives it as the caches now have it: with better data where they are known. */
function keepAnswer(
  env: Environment,
  reply: Scrubbed,
  delegation: Delegation,
  question: Question,
  times: Times,
): Fetched {
  const { clock } = env
  const bounded = { ...reply, authority: reply.authority.map((rrset) => boundedDenial(env, rrset, reply)) }
  const take = (rrset: Rrset): Rrset => keep(env, rrset, delegation, times)
  const fetched: Fetched = {
    question,
    rcode: reply.rcode,
    answer: bounded.answer.map(take),
    authority: bounded.authority.map(take),
    additional: bounded.additional.map(take),
    zone: delegation.zone,
    security: 'unchecked',
    ttlSeconds: 0,
    ede: [],
    stale: false,
    ...(reply.server === undefined ? {} : { server: reply.server }),
  }
  const all = [...fetched.answer, ...fetched.authority, ...fetched.additional]
  const ttlSeconds = all.length === 0 ? EMPTY_SECONDS : Math.min(...all.map(({ ttlSeconds: ttl }) => ttl))
  const known = { ...fetched, ttlSeconds }
  if (delegation.cache && !isPartialAlias(known))
    env.messages.store(known, clock.nowMs, clock.nowMs + ttlSeconds * 1000)
  return known
}

/** Ends in an alias that another answer must complete: no answer of its own. */
function isPartialAlias(fetched: Fetched): boolean {
  const end = endOfAliases(fetched)
  return !equalNames(end, fetched.question.name) && !isComplete(fetched, end)
}

/** An answer put together of several. */
function remember(env: Environment, joined: Fetched): void {
  const { nowMs } = env.clock
  const all = [...joined.answer, ...joined.authority, ...joined.additional]
  const ttlSeconds = Math.min(joined.ttlSeconds, ...all.map(({ ttlSeconds: ttl }) => ttl))
  if (joined.rcode !== RCODE.SERVFAIL && !joined.stale)
    env.messages.store({ ...joined, ttlSeconds }, nowMs, nowMs + ttlSeconds * 1000)
}

/** A denial lasts as long as its SOA says. RFC 2308 §5 */
function boundedDenial(env: Environment, rrset: Rrset, reply: Scrubbed): Rrset {
  const denies = reply.rcode === RCODE.NXDOMAIN || !reply.answer.some(({ type }) => type === reply.question.type)
  if (rrset.type !== SOA.code || !denies) return rrset
  const soa = decodeRdata(SOA, rrset.rdatas[0] ?? new Uint8Array(0))
  const { minNegativeSeconds, maxNegativeSeconds } = env.config.ttl
  const minimum = soa.ok ? Math.min(rrset.ttlSeconds, soa.value.negativeTtlSeconds) : rrset.ttlSeconds
  return { ...rrset, ttlSeconds: Math.min(Math.max(minimum, minNegativeSeconds), maxNegativeSeconds) }
}

/** Puts one RRset into the cache, if its server may speak of it. */
function keep(env: Environment, rrset: Rrset, delegation: Delegation, times: Times): Rrset {
  const { clock, config } = env
  if (!delegation.cache) return rrset
  // What forwarders say stays in their zones, and nobody else fills those. MaginotDNS
  const forward = closest(config.forwards, (zone) => isAtOrBelow(rrset.name, zone))
  const mayKeep = delegation.recursive
    ? forward !== undefined && equalNames(forward.zone, delegation.zone)
    : forward === undefined || delegation.configured || forward.first
  if (!mayKeep) return rrset
  // A zone's own servers do not lengthen their delegation, also when it is renewed before its end.
  const own = rrset.type === NS.code && !delegation.fromParent
  const leewayMs = own ? 0 : times.leewayMs
  const cached = env.rrsets.store(rrset, clock.nowMs, { ...times, leewayMs, zone: delegation.zone })
  // What is told is what was said; how long it is kept may be less.
  const fresh = cached.rrset.rdatas === rrset.rdatas
  const { minSeconds, maxSeconds } = config.ttl
  if (fresh) return { ...cached.rrset, ttlSeconds: Math.min(Math.max(rrset.ttlSeconds, minSeconds), maxSeconds) }
  return counted(cached, clock.nowMs)
}

function failed(env: Environment, question: Question, code: number, text: string): Fetched {
  const ede = why(code, text)
  env.messages.fail(question, ede, env.clock.nowMs)
  return failure(question, ede)
}

export function failure(question: Question, ede: readonly ExtendedError[]): Fetched {
  return {
    question,
    rcode: RCODE.SERVFAIL,
    answer: [],
    authority: [],
    additional: [],
    zone: ROOT,
    security: 'unchecked',
    ttlSeconds: 0,
    ede,
    stale: false,
  }
}

function referralZone(reply: Scrubbed): Name | undefined {
  return reply.authority.find(({ type }) => type === NS.code)?.name
}

function withoutNs(reply: Scrubbed): Scrubbed {
  return { ...reply, authority: reply.authority.filter(({ type }) => type !== NS.code), additional: [] }
}

function isEmpty(reply: Scrubbed): boolean {
  return reply.rcode === RCODE.NOERROR && reply.answer.length + reply.authority.length + reply.additional.length === 0
}

function isUnsigned(reply: Scrubbed): boolean {
  return ![...reply.answer, ...reply.authority].some(({ signatures }) => signatures.length > 0)
}

function hasUnasked(env: Environment, delegation: Delegation): boolean {
  return delegation.nameServers.some(({ asked }) => (!asked[4] && env.config.ipv4) || (!asked[6] && env.config.ipv6))
}

/** Whether the zone is known to be signed: by an anchor, or by a DS. RFC 4035 §4.2 */
function expectsSignatures(env: Environment, zone: Name): boolean {
  const { validation } = env.config
  if (!validation.enabled || validation.insecureZones.some((each) => isAtOrBelow(zone, each))) return false
  const anchored = env.validator?.anchored(zone, env.clock.nowMs) ?? false
  return anchored || env.rrsets.at(rrsetKey(zone, DS.code))?.rrset.type === DS.code
}

const EMPTY_REPLIES = 2
const EMPTY_SECONDS = 5
