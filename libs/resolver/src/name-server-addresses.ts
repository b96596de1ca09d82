// The next server to ask: by what is known of their speed, and when none is left, by looking up addresses of further name
// servers, a bounded number of them. RFC 1034 §5.3.3 step 3 (SLIST), NXNSAttack (CVE-2020-8616, CVE-2020-12662)

import { A, AAAA, CLASS, type Question } from '@scop/dns'
import type { Delegation, NameServer, Target } from './delegation.ts'
import type { Environment } from './environment.ts'
import { isUsable } from './find-delegation.ts'
import type { Job } from './scheduler.ts'
import { type LookupHandle, start, type Task, waitForOne } from './task.ts'

/** Lookups of addresses that one delegation waits for. */
export class AddressLookups {
  readonly #open: { readonly nameServer: NameServer; readonly handle: LookupHandle }[] = []

  get open(): readonly LookupHandle[] {
    return this.#open.map(({ handle }) => handle)
  }

  /** Begins lookups for one name server; whether any was begun. */
  *begin(env: Environment, job: Job, nameServer: NameServer): Task<boolean> {
    const { ipv4, ipv6 } = env.config
    let begun = false
    for (const family of [4, 6] as const) {
      if (nameServer.asked[family] || !(family === 4 ? ipv4 : ipv6)) continue
      nameServer.asked[family] = true
      if (!job.budget.charge('addressLookups', env.clock.nowMs)) return begun
      const type = family === 4 ? A.code : AAAA.code
      const request = { name: nameServer.name, type, class: CLASS.IN, validate: false, refresh: false }
      const handle = yield* start(request)
      if (handle === undefined) continue
      this.#open.push({ nameServer, handle })
      begun = true
    }
    return begun
  }

  /** What waits for this lookup itself will never end before it. */
  abandon(delegation: Delegation): void {
    delegation.misses += this.#open.length
    this.#open.length = 0
  }

  /** Takes what has ended into the delegation. */
  collect(delegation: Delegation): void {
    for (let i = this.#open.length - 1; i >= 0; i--) {
      const entry = this.#open[i]
      const fetched = entry?.handle.ended
      if (entry === undefined || fetched === undefined) continue
      this.#open.splice(i, 1)
      for (const rrset of fetched.answer) delegation.addAddresses(rrset, entry.nameServer.name)
      const waiting = this.#open.some(({ nameServer }) => nameServer === entry.nameServer)
      if (!entry.nameServer.found && !waiting) delegation.misses++
    }
  }
}

/** The server to ask next; `undefined`: there is none, and no way to find one. */
export function* nextTarget(
  env: Environment,
  job: Job,
  delegation: Delegation,
  lookups: AddressLookups,
  question: Question,
): Task<Target | undefined> {
  yield* lookAhead(env, job, delegation, lookups)
  for (;;) {
    lookups.collect(delegation)
    const target = select(env, delegation, question.type, job.request.avoid)
    if (target !== undefined) return target
    if (lookups.open.length > 0) {
      if (!(yield* waitForOne(lookups.open))) lookups.abandon(delegation)
      continue
    }
    if (delegation.misses > env.config.limits.addressMisses) return undefined
    const unasked = delegation.nameServers.filter(
      ({ asked }) => (!asked[4] && env.config.ipv4) || (!asked[6] && env.config.ipv6),
    )
    const nameServer = unasked[pick(env, unasked.length)]
    if (nameServer === undefined) return undefined
    env.trace(job, `addresses of a name server of ${question.type}`)
    if (!(yield* lookups.begin(env, job, nameServer))) delegation.misses++
    if (job.budget.exceeded !== undefined) return undefined
  }
}

/** Some addresses are looked up before they are needed, fewer the deeper this lookup is. */
function* lookAhead(env: Environment, job: Job, delegation: Delegation, lookups: AddressLookups): Task<void> {
  const ahead = env.config.addressesAhead[job.depth] ?? 0
  let begun = 0
  for (const nameServer of delegation.nameServers) {
    if (begun >= ahead) return
    if (nameServer.found || (nameServer.asked[4] && nameServer.asked[6])) continue
    if (yield* lookups.begin(env, job, nameServer)) begun++
  }
}

/** One of those that are about as fast as the fastest, at random; those without signatures only when no other is left. */
function select(
  env: Environment,
  delegation: Delegation,
  type: number,
  avoid: readonly string[] = [],
): Target | undefined {
  const { servers, clock, config } = env
  const usable = delegation.targets.filter(
    (target) =>
      !target.dead &&
      !avoid.includes(target.server.address) &&
      target.attempts < Math.max(config.limits.attemptsPerServer, 1) &&
      isUsable(env, target.server.address) &&
      servers.lameness(target.server, delegation.zone, type, clock.nowMs) !== 'lame',
  )
  const rank = (target: Target): number =>
    servers.timeoutMs(target.server, clock.nowMs) +
    target.attempts * ATTEMPT_MS +
    (target.unsigned ? UNSIGNED_MS : 0) +
    (servers.lameness(target.server, delegation.zone, type, clock.nowMs) === 'recursive' ? RECURSIVE_MS : 0)
  const best = Math.min(...usable.map(rank))
  const near = usable.filter((target) => rank(target) <= best + BAND_MS)
  return near[pick(env, near.length)]
}

function pick(env: Environment, count: number): number {
  if (count < 2) return 0
  const octets = env.random(2)
  return (((octets[0] ?? 0) << 8) | (octets[1] ?? 0)) % count
}

const BAND_MS = 400
const ATTEMPT_MS = 500
const UNSIGNED_MS = 1_000_000
const RECURSIVE_MS = 10_000_000
