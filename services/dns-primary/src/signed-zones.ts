// Our zones with their keys: each change is signed before it is durable, signatures are made anew before they end, and keys
// come and go as their states allow. What a state waits for is counted from when the zone, or the parent, is seen to show
// it, so a kill at any point makes us wait again, never too short.
// RFC 7583 §3 (states), RFC 7344 (CDS), RFC 6781 §4.4 (signatures)

import type { Log } from '@scop/bottle/node'
import {
  createZone,
  decodeRdata,
  DS,
  encodeRdata,
  formatName,
  type Name,
  type OnlineSigner,
  type Zone,
  type ZoneError,
} from '@scop/dns'
import type { Because, Change, ChangeError, OnChange, Primary } from '@scop/dns/node'
import {
  createAlgorithms,
  createOnlineSigner,
  createSignatureBudget,
  ONLINE_SIGNING_LIMITS,
  KEY_FLAG,
  type KeyId,
  type KeyPlan,
  type KeyPolicy,
  makeDs,
  type ParentSight,
  planKeys,
  retireKey,
  seeParent,
  seeZoneInSteps,
  signChange,
  type SigningKey,
  type SigningMoment,
  signZoneInSteps,
  type Steps,
  verifyZoneInSteps,
  type ZoneKeyState,
  type ZoneKeys as ShownKeys,
  zoneKeysOf,
  type ZoneSight,
  type ZoneVerdict,
} from '@scop/dnssec'
import { err, ok, type Result } from '@scop/result'
import { inSteps, type Pause } from './in-steps.ts'
import type { KeyFiles } from './key-files.ts'
import { dsAt, keyTagsOf, ownParent, replaceRrset } from './own-parent.ts'
import { ownRecords, serialAfter, withoutSignatures, withSerial } from './own-records.ts'
import type { AskParent } from './parent-ds.ts'
import { type Shown, showSignatures } from './show-signatures.ts'
import { denialKind, isSigned, largestTtl, showsSigning } from './shown-keys.ts'
import { digested, nextForDigest, withDigest } from './zone-digest.ts'
import { ZoneKeys } from './zone-keys.ts'
import { keyPolicy, type PolicyOf, signingPolicy, zonemdHash } from './zone-policy.ts'

export type SignedZones = {
  /** Whether we make the signatures of this zone. */
  signs(origin: Name): boolean
  /** The zone as it will be served: signed with its keys, which are made if it has none; or as it is. */
  prepare(zone: Zone): Promise<Result<Zone, ZoneError>>
  /** Takes the keys that a zone has had elsewhere, before it is prepared. */
  adopt(
    origin: Name,
    keys: readonly SigningKey[],
  ): Result<void, { readonly kind: 'has-keys' | 'no-entry-key' | 'not-signed' }>
  /** For `createPrimary`. */
  readonly onChange: OnChange
  /** For `createPrimary`: signs the denials of zones that have none beforehand. */
  readonly onlineSigner: (zone: Zone) => OnlineSigner | undefined
  /** Looks after all zones from now on. */
  start(primary: Primary): void
  /** Looks after a zone that is new. */
  look(origin: Name): void
  stop(): void
  /** As a validator would judge it. */
  verify(zone: Zone): Promise<ZoneVerdict>
  /** In the order in which they were made. */
  keys(origin: Name): { readonly states: readonly ZoneKeyState[]; readonly policy: KeyPolicy } | undefined
  parent(origin: Name): ParentNews | undefined
  /** Begins to replace the keys of this role, or all of them by those of another algorithm. */
  roll(
    origin: Name,
    role: ZoneKeyState['role'] | 'all',
    algorithm: number | undefined,
  ): Result<readonly ZoneKeyState[], RollError>
  /** What somebody who knows says of the parent. */
  confirmDs(origin: Name, keyTag: number, shown: boolean): Result<ZoneKeyState, RollError>
}

export type ParentNews = {
  readonly askedAtMs: number
  readonly keyTags: readonly number[]
  /** The last time there was no answer. */
  readonly failure?: string
}

export type RollError = {
  readonly kind: 'no-such-zone' | 'not-signed' | 'no-such-key' | 'under-way' | 'not-expected' | 'too-early'
}

export type SignedZonesOptions = {
  readonly files: KeyFiles
  readonly policyOf: PolicyOf
  readonly askParent: AskParent
  readonly log: Log
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** From 0 to below 1. */
  readonly random: () => number
  readonly pause: Pause
}

type Held = {
  readonly origin: Name
  readonly keys: ZoneKeys
  plan: KeyPlan | undefined
  /** For the denials of this plan. */
  online: { readonly of: KeyPlan | undefined; readonly signer: OnlineSigner } | undefined
  /** The largest TTL that the zone was seen to have. */
  zoneTtlSeconds: number
  parent: ParentNews | undefined
  askedAtMs: number
  asking: boolean
  /** It is being looked after. */
  working: boolean
  /** What it has to be looked at for, when that is done. */
  again: { readonly told: ParentSight | undefined } | undefined
  timer: NodeJS.Timeout | undefined
}

export function createSignedZones(options: SignedZonesOptions): SignedZones {
  const { files, policyOf, askParent, log, now, random, pause } = options
  const algorithms = createAlgorithms()
  const budget = createSignatureBudget(ONLINE_SIGNING_LIMITS, now)
  const zones = new Map<string, Held>()
  let primary: Primary | undefined

  const holdOf = (origin: Name): Held => {
    const known = zones.get(origin.key)
    if (known !== undefined) return known
    let keys: ZoneKeys
    try {
      keys = new ZoneKeys(files, origin)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new Error(`Cannot use the keys of ${formatName(origin)}: ${reason}`)
    }
    const held: Held = {
      origin,
      keys,
      plan: undefined,
      online: undefined,
      zoneTtlSeconds: 0,
      parent: undefined,
      askedAtMs: 0,
      asking: false,
      working: false,
      again: undefined,
      timer: undefined,
    }
    zones.set(origin.key, held)
    return held
  }

  const signs = (origin: Name): boolean => {
    const { dnssec, primaries } = policyOf(origin)
    return primaries.length === 0 && (dnssec !== 'off' || holdOf(origin).keys.states.length > 0)
  }

  const keyPolicyOf = ({ origin, keys, zoneTtlSeconds }: Held): KeyPolicy => {
    const settings = policyOf(origin)
    return keyPolicy(settings, keys.algorithm(settings.algorithm), zoneTtlSeconds)
  }

  /** One step of the keys, durable before anything of it is shown. */
  const plan = (held: Held, zone: ZoneSight | undefined, parent: ParentSight | undefined): KeyPlan => {
    const before = held.keys.states
    const sights = { ...(zone && { zone }), ...(parent && { parent }) }
    const planned = planKeys(before, keyPolicyOf(held), sights, seconds(now()), held.keys.create)
    if (held.keys.keep(planned.keys, planned.finished)) note(held.origin, before, planned)
    held.plan = planned
    return planned
  }

  const note = (origin: Name, before: readonly ZoneKeyState[], planned: KeyPlan): void => {
    for (const { id } of planned.finished) log.info('key gone', { zone: formatName(origin), key: id })
    for (const key of planned.keys) {
      const old = before.find(({ id }) => id === key.id)
      const moved = Object.entries(key.records)
        .filter(([record, place]) => place.state !== old?.records[record as keyof typeof key.records]?.state) // as: its own keys
        .map(([record, { state }]) => `${record} ${state}`)
      if (old === undefined || moved.length > 0 || old.goal !== key.goal) {
        log.info('key moved', { zone: formatName(origin), key: key.id, role: key.role, goal: key.goal, moved })
      }
    }
  }

  const shownKeys = (held: Held): ShownKeys => {
    const shown = zoneKeysOf(held.origin, held.plan ?? plan(held, undefined, undefined), keyPolicyOf(held), (id) =>
      held.keys.find(id),
    )
    return policyOf(held.origin).cds ? shown : { ...shown, cds: [], cdnskeys: [] }
  }

  const momentOf = (held: Held): SigningMoment => ({
    keys: shownKeys(held),
    policy: signingPolicy(policyOf(held.origin), denialOf(held.origin)),
    nowSeconds: seconds(now()),
    random,
    serialAfter: (before) => serialAfter(before, policyOf(held.origin).serial, now()),
  })

  const denialOf = (origin: Name): 'nsec' | 'nsec3' | 'online' => {
    const { dnssec } = policyOf(origin)
    const zone = primary?.zone(origin)
    if (dnssec !== 'off') return dnssec
    return zone === undefined ? 'nsec' : denialKind(zone)
  }

  /** Makes the zone show what the plan says and signs what is due. */
  function* show(held: Held, planned: KeyPlan): Steps<Shown> {
    if (planned.keys.length === 0) return { nextMs: undefined, changed: unsign(held) }
    const { origin } = held
    const place = {
      zone: () => primary?.zone(origin),
      change: (edit: (zone: Zone) => Result<Change | undefined, ZoneError>) => change(origin, SIGNING, edit),
      isOver: () => held.plan !== planned, // these keys are no longer the right ones
      now,
    }
    return yield* showSignatures(place, momentOf(held))
  }

  /** Takes out what signing added, when no key is left. */
  const unsign = ({ origin }: Held): boolean => {
    const { serial } = policyOf(origin)
    return change(
      origin,
      'unsigned',
      (zone) =>
        showsSigning(zone) ? withoutSignatures(zone, (before) => serialAfter(before, serial, now())) : ok(undefined),
      false, // its digest is to come
    )
  }

  /** Whether the digest of the zone as it is would be ours: what others sign, or keep, is true as it is or not at all. */
  const digests = (zone: Zone): boolean => policyOf(zone.origin).primaries.length === 0 && !isSigned(zone)
  const hashOf = ({ origin }: Zone): number | undefined => zonemdHash(policyOf(origin))

  /** Makes a zone that nobody signs show the digest that is wanted now. */
  const showDigest = (origin: Name): void => {
    const { serial } = policyOf(origin)
    change(
      origin,
      'digest',
      (zone) =>
        digests(zone)
          ? nextForDigest(zone, hashOf(zone), (before) => serialAfter(before, serial, now()))
          : ok(undefined),
      false,
    )
  }

  const because = (reason: string): Because => ({ author: 'dns-primary', reason, atMs: now() })

  const change = (
    origin: Name,
    reason: string,
    edit: (zone: Zone) => Result<Change | undefined, ZoneError>,
    whole = true,
  ): boolean => {
    const outcome = primary?.change(origin, because(reason), edit, { whole })
    if (outcome === undefined) return false
    if (outcome.ok) return outcome.value !== undefined
    log.error('a zone could not be changed', {
      zone: formatName(origin),
      doing: reason,
      reason: reasonOf(outcome.error),
    })
    return false
  }

  const parentOf = (origin: Name): Zone | undefined => primary && ownParent(primary, origin)

  /** Where the parent is ours too, its DS are what the child's CDS ask for. RFC 7344 §6 */
  const tellOwnParent = (held: Held, planned: KeyPlan): boolean => {
    const parent = parentOf(held.origin)
    if (parent === undefined || policyOf(parent.origin).primaries.length > 0) return false
    const wanted = planned.askForDeletion
      ? []
      : planned.keys.filter(({ id }) => planned.announced.includes(id)).map(({ dnskey }) => makeDs(held.origin, dnskey))
    const rdatas = wanted.map((ds) => encodeRdata(DS, ds))
    const ttlSeconds = policyOf(held.origin)['parent-ds-ttl-seconds']
    return change(
      parent.origin,
      `DS of ${formatName(held.origin)}`,
      (zone) =>
        replaceRrset(zone, held.origin, { type: DS.code, ttlSeconds, rdatas }, (before) =>
          serialAfter(before, policyOf(zone.origin).serial, now()),
        ),
      false,
    )
  }

  const seeOwnParent = ({ origin, keys }: Held): ParentSight | undefined => {
    const parent = parentOf(origin)
    if (parent === undefined) return undefined
    return seeParent(origin, keys.states, [dsAt(parent, origin)], algorithms)
  }

  /** Has a zone looked after; again, if it is being looked after now. `told`: what the parent has just been seen to have. */
  const work = (held: Held, told?: ParentSight): void => {
    held.again = { told: told ?? held.again?.told }
    if (held.working) return
    held.working = true
    void inSteps(workSteps(held), pause)
  }

  function* workSteps(held: Held): Steps<void> {
    for (let { again } = held; again !== undefined; again = held.again) {
      held.again = undefined
      yield* lookAfter(held, again.told)
    }
    held.working = false
  }

  /** All that can be done for a zone now. */
  function* lookAfter(held: Held, told: ParentSight | undefined): Steps<void> {
    clearTimeout(held.timer)
    let nextMs = 0
    let sight = told
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const zone = primary?.zone(held.origin)
      if (zone === undefined || !signs(held.origin)) return
      const planBefore = held.plan
      held.zoneTtlSeconds = Math.max(held.zoneTtlSeconds, yield* largestTtl(zone))
      const seen = yield* seeZoneInSteps(zone)
      if (primary === undefined) return
      if (held.plan !== planBefore) continue // the operator has said something meanwhile
      const before = held.keys.states
      const planned = plan(held, seen, sight ?? seeOwnParent(held))
      sight = undefined
      const shown = yield* show(held, planned)
      nextMs = shown.nextMs ?? LONGEST_WAIT_MS
      const parentTold = tellOwnParent(held, held.plan ?? planned)
      const moreToSee = shown.changed && planned.awaits.zone
      if (!moreToSee && !parentTold && before === held.keys.states) break
    }
    if (primary === undefined) return
    const wakeMs = held.plan?.wakeSeconds === undefined ? LONGEST_WAIT_MS : held.plan.wakeSeconds * 1000 - now()
    const checkMs = askWhenDue(held)
    const waitMs = Math.min(Math.max(Math.min(nextMs, wakeMs, checkMs), SHORTEST_WAIT_MS), LONGEST_WAIT_MS)
    held.timer = setTimeout(() => work(held), waitMs)
    held.timer.unref()
  }

  /** Asks the parent while the keys wait for it; answers when the next time is. */
  const askWhenDue = (held: Held): number => {
    const intervalMs = policyOf(held.origin)['parent-check-seconds'] * 1000
    if (held.plan?.awaits.parent !== true || intervalMs === 0 || parentOf(held.origin) !== undefined)
      return LONGEST_WAIT_MS
    const leftMs = held.askedAtMs + intervalMs - now()
    if (leftMs > 0 || held.asking) return Math.max(leftMs, SHORTEST_WAIT_MS)
    held.asking = true
    held.askedAtMs = now()
    void askParent(held.origin).then((answer) => {
      held.asking = false
      if (!answer.ok) {
        held.parent = { askedAtMs: 0, keyTags: [], ...held.parent, failure: answer.error }
        log.warn('the parent could not be asked', { zone: formatName(held.origin), reason: answer.error })
        return
      }
      held.parent = { askedAtMs: now(), keyTags: keyTagsOf(answer.value) }
      work(held, seeParent(held.origin, held.keys.states, answer.value, algorithms))
    })
    return intervalMs
  }

  return {
    signs,
    prepare: async (zone) => {
      const { origin } = zone
      if (!signs(origin)) return digests(zone) ? digested(zone, hashOf(zone)) : ok(zone)
      const own = createZone(origin, ownRecords(zone))
      if (!own.ok) return own
      const held = holdOf(origin)
      plan(held, undefined, undefined)
      const signed = await inSteps(signZoneInSteps(own.value, momentOf(held)), pause)
      return signed.ok ? ok(signed.value.zone) : signed
    },
    adopt: (origin, keys) => {
      if (!signs(origin)) return err({ kind: 'not-signed' })
      if (!keys.some(({ dnskey }) => (dnskey.flags & KEY_FLAG.SEP) !== 0)) return err({ kind: 'no-entry-key' })
      const held = holdOf(origin)
      if (held.keys.states.length > 0) return err({ kind: 'has-keys' })
      held.keys.adopt(keys, seconds(now()))
      return ok(undefined)
    },
    onChange: (before, zone, diff) => {
      const { serial } = policyOf(before.origin)
      const change = withSerial(before, { zone, diff }, (last) => serialAfter(last, serial, now()))
      if (!change.ok) return change
      if (!signs(before.origin))
        return digests(change.value.zone) ? withDigest(before, change.value, hashOf(before)) : change
      if (!isSigned(before)) return change
      return signChange(before, change.value.diff, momentOf(holdOf(before.origin)))
    },
    onlineSigner: (zone) => {
      // Asked for each answer: what costs least comes first.
      if (!isSigned(zone) || denialKind(zone) !== 'online' || !signs(zone.origin)) return undefined
      const held = holdOf(zone.origin)
      if (held.online?.of === undefined || held.online.of !== held.plan) {
        const { keys, policy } = momentOf(held)
        const signer = createOnlineSigner({ denial: 'compact', keys, policy, nowSeconds: () => seconds(now()), budget })
        held.online = { of: held.plan, signer }
      }
      return held.online.signer
    },
    verify: async (zone) => {
      const above = parentOf(zone.origin)
      const known = (above === undefined ? [] : dsAt(above, zone.origin)).flatMap((rdata) => {
        const read = decodeRdata(DS, rdata)
        return read.ok ? [read.value] : []
      })
      const options = { algorithms, nowSeconds: seconds(now()), ...(known.length > 0 && { ds: known }) }
      const verdict = await inSteps(verifyZoneInSteps(zone, options), pause)
      if (policyOf(zone.origin).dnssec !== 'online') return verdict
      // Its denials are made when they are asked for.
      return { ...verdict, findings: verdict.findings.filter(({ kind }) => kind !== 'no-denial') }
    },
    start: (of) => {
      primary = of
      for (const { origin } of of.zones()) {
        const held = policyOf(origin).primaries.length === 0 ? holdOf(origin) : undefined
        if (held === undefined) continue
        if (signs(origin)) work(held)
        else {
          if (held.keys.isOver) unsign(held) // a kill came between the last key and the last signature
          showDigest(origin)
        }
      }
    },
    look: (origin) => {
      if (signs(origin)) work(holdOf(origin))
    },
    stop: () => {
      for (const { timer } of zones.values()) clearTimeout(timer)
      primary = undefined
    },
    keys: (origin) => {
      if (!signs(origin)) return undefined
      const held = holdOf(origin)
      return { states: held.keys.states, policy: keyPolicyOf(held) }
    },
    parent: (origin) => {
      const zone = parentOf(origin)
      if (zone === undefined) return zones.get(origin.key)?.parent
      return { askedAtMs: now(), keyTags: keyTagsOf([dsAt(zone, origin)]) }
    },
    roll: (origin, role, algorithm) => {
      if (primary?.zone(origin) === undefined) return err({ kind: 'no-such-zone' })
      if (!signs(origin)) return err({ kind: 'not-signed' })
      const held = holdOf(origin)
      const { keys } = held
      if (keys.states.some(isUnderWay)) return err({ kind: 'under-way' })
      if (algorithm !== undefined) keys.chooseAlgorithm(algorithm, policyOf(origin).algorithm)
      const due = keys.states.filter((key) => key.goal === 'present' && (role === 'all' || key.role === role))
      if (due.length === 0) return err({ kind: 'no-such-key' })
      let states = keys.states
      if (algorithm === undefined) for (const { id } of due) states = retireKey(states, id, seconds(now()))
      keys.keep(states, [])
      plan(held, undefined, undefined)
      work(held)
      return ok(keys.states.filter(({ id }) => !states.some((key) => key.id === id)))
    },
    confirmDs: (origin, tag, shown) => {
      if (primary?.zone(origin) === undefined) return err({ kind: 'no-such-zone' })
      if (!signs(origin)) return err({ kind: 'not-signed' })
      const held = holdOf(origin)
      const key = held.keys.states.find((each) => keyTagOfId(each.id) === tag && each.records.ds !== undefined)
      if (key === undefined) return err({ kind: 'no-such-key' })
      if (key.records.ds?.state !== (shown ? 'rumoured' : 'unretentive')) return err({ kind: 'not-expected' })
      const others = held.keys.states.filter(({ id }) => id !== key.id).map(({ id }) => id)
      plan(held, undefined, {
        shownByAll: new Set(shown ? [key.id] : []),
        shownBySome: new Set(shown ? [...others, key.id] : others),
      })
      work(held)
      const after = held.keys.states.find(({ id }) => id === key.id) ?? key
      return shown || after.records.ds?.seenSeconds !== undefined || after.records.ds?.state === 'hidden'
        ? ok(after)
        : err({ kind: 'too-early' })
    },
  }
}

/** A rollover has begun and not ended; a zone whose first DS is still to come does not count. */
function isUnderWay({ goal, records }: ZoneKeyState): boolean {
  return goal === 'absent' || records.dnskey?.state !== 'omnipresent'
}

const keyTagOfId = (id: KeyId): number => Number(id.split('+')[1])

function reasonOf(error: ChangeError): string {
  switch (error.kind) {
    case 'no-such-zone':
      return error.kind
    case 'refused':
      return error.reason
    case 'not-kept':
      return error.error instanceof Error ? error.error.message : String(error.error)
  }
}

const seconds = (ms: number): number => Math.floor(ms / 1000)

const SIGNING = 'signatures and keys'
const SHORTEST_WAIT_MS = 100
const LONGEST_WAIT_MS = 3_600_000
/** Each round leads at least one record of one key on. */
const MOST_ROUNDS = 16
