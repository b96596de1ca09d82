// What the operator may know of our keys and do with them over the pipe: list, begin a rollover, the DS for the parent.
// RFC 7583 §3 (states), RFC 4034 §5 (DS)

import type { Figures, Response } from '@scop/bottle'
import type { Handlers, Log } from '@scop/bottle/node'
import { CLASS, DS, encodeRdata, formatName, formatRecord, type Name } from '@scop/dns'
import type { Primary } from '@scop/dns/node'
import { DIGEST, keyTag, type KeyPolicy, makeDs, type ZoneKeyState } from '@scop/dnssec'
import { PipeRefusal } from '@scop/mesh/node'
import type { RollError, SignedZones } from './signed-zones.ts'
import { readOrigin, zoneText } from './zone-names.ts'

export type KeyHandlersOptions = {
  readonly primary: Primary
  readonly signed: SignedZones
  readonly log: Log
  readonly figures: Figures
}

type Operations = 'list-keys' | 'roll-key' | 'zone-ds' | 'confirm-ds'
type Told = Response<'dns-primary', 'list-keys'>['keys'][number]

export function keyHandlers({
  primary,
  signed,
  log,
  figures,
}: KeyHandlersOptions): Pick<Handlers<'dns-primary'>, Operations> {
  const tell = (origin: Name, states: readonly ZoneKeyState[]): Told[] => {
    const policy = signed.keys(origin)?.policy
    return policy === undefined ? [] : states.map((key) => tellKey(origin, key, policy))
  }
  return {
    'list-keys': async ({ request }) => {
      const origins =
        request.zone === undefined ? primary.zones().map(({ origin }) => origin) : [originOrFail(request.zone)]
      const keys = origins
        .toSorted((a, b) => (zoneText(a) < zoneText(b) ? -1 : 1))
        .flatMap((origin) => tell(origin, signed.keys(origin)?.states ?? []))
      return { response: { keys } }
    },
    'roll-key': async ({ request }) => {
      const origin = originOrFail(request.zone)
      const { role, algorithm, author, reason } = request
      if (algorithm !== undefined && !SIGNED_WITH.has(algorithm))
        throw new PipeRefusal('bad-algorithm', `no keys are made of algorithm ${algorithm}: 8, 13 or 15`)
      const rolled = signed.roll(origin, role, algorithm)
      if (!rolled.ok) throw refusal(request.zone, rolled.error)
      figures.add('rollovers_total')
      log.info('rollover begun', { zone: formatName(origin), role, author, reason })
      return { response: { started: tell(origin, rolled.value) } }
    },
    'zone-ds': async ({ request }) => {
      const origin = originOrFail(request.zone)
      const digestTypes = request.digestTypes.flatMap((type) =>
        type === DIGEST.SHA256 || type === DIGEST.SHA384 ? [type] : [],
      )
      if (digestTypes.length === 0) throw new PipeRefusal('bad-request', 'digest types are 2 and 4')
      const held = signed.keys(origin)
      const wanted = entryKeys(held?.states ?? []).flatMap((key) =>
        digestTypes.map((digestType) => ({
          keyTag: keyTag(key.dnskey),
          ready: key.records.ds?.state !== 'hidden',
          record: formatRecord({
            name: origin,
            type: DS.code,
            class: CLASS.IN,
            ttlSeconds: held?.policy.dsTtlSeconds ?? 0,
            rdata: encodeRdata(DS, makeDs(origin, key.dnskey, digestType)),
          }),
        })),
      )
      const parent = signed.parent(origin)
      return { response: { wanted, ...(parent && { parent: { ...parent, keyTags: [...parent.keyTags] } }) } }
    },
    'confirm-ds': async ({ request }) => {
      const origin = originOrFail(request.zone)
      const { keyTag: tag, state, author, reason } = request
      const confirmed = signed.confirmDs(origin, tag, state === 'published')
      if (!confirmed.ok) throw refusal(request.zone, confirmed.error)
      log.info('DS confirmed', { zone: formatName(origin), tag, state, author, reason })
      const [key] = tell(origin, [confirmed.value])
      if (key === undefined) throw new PipeRefusal('not-signed', `${request.zone} is not signed by us`)
      return { response: { key } }
    },
  }

  function originOrFail(text: string): Name {
    const origin = readOrigin(text)
    if (primary.zone(origin) === undefined) throw new PipeRefusal('no-such-zone', `there is no zone ${text}`)
    return origin
  }
}

/** The keys that the parent should vouch for. */
export function entryKeys(states: readonly ZoneKeyState[]): readonly ZoneKeyState[] {
  return states.filter(({ goal, records }) => goal === 'present' && records.ds !== undefined)
}

function tellKey(origin: Name, key: ZoneKeyState, policy: KeyPolicy): Told {
  const { role, goal, dnskey, createdSeconds, records } = key
  const next = nextStep(key, policy)
  return {
    zone: zoneText(origin),
    keyTag: keyTag(dnskey),
    algorithm: dnskey.algorithm,
    role,
    createdAtMs: createdSeconds * 1000,
    goal,
    states: PARTS.flatMap((part) => {
      const place = records[part]
      return place === undefined ? [] : [{ part, state: place.state, sinceMs: place.sinceSeconds * 1000 }]
    }),
    ...(next && { next }),
  }
}

/** What the key waits for: the earliest time, or, where there is none, who must do something. */
function nextStep(key: ZoneKeyState, policy: KeyPolicy): Told['next'] {
  const waits: { readonly what: string; readonly atMs?: number }[] = []
  const zone = policy.zonePropagationSeconds + policy.safetySeconds
  const parent = policy.dsTtlSeconds + policy.parentPropagationSeconds + policy.safetySeconds
  const times = {
    dnskey: zone + policy.keyTtlSeconds,
    krrsig: zone + policy.keyTtlSeconds,
    zrrsig: zone + policy.zoneTtlSeconds,
    ds: parent,
  }
  for (const part of PARTS) {
    const place = key.records[part]
    if (place?.state !== 'rumoured' && place?.state !== 'unretentive') continue
    const comes = place.state === 'rumoured'
    if (place.seenSeconds !== undefined) {
      const what = `${NAMES[part]} ${comes ? 'known everywhere' : 'forgotten everywhere'}`
      waits.push({ what, atMs: (place.seenSeconds + times[part]) * 1000 })
    } else if (part === 'ds')
      waits.push({ what: comes ? 'waits for the parent to publish its DS' : 'waits for the parent to withdraw its DS' })
  }
  const lifetime = policy.lifetimeSeconds[key.role]
  if (waits.length === 0 && key.goal === 'present' && lifetime !== undefined && key.activeSeconds !== undefined) {
    const lead = policy.keyTtlSeconds + zone
    waits.push({ what: 'a successor is made', atMs: (key.activeSeconds + Math.max(lifetime - lead, 0)) * 1000 })
  }
  if (waits.length === 0 && key.goal === 'present' && key.records.ds?.state === 'hidden')
    return { what: 'its DS follows when all the rest is known everywhere' }
  return waits.toSorted((a, b) => (a.atMs ?? 0) - (b.atMs ?? 0))[0]
}

function refusal(zone: string, { kind }: RollError): PipeRefusal {
  return new PipeRefusal(kind, `${zone}: ${SENTENCES[kind]}`)
}

const SENTENCES: Readonly<Record<RollError['kind'], string>> = {
  'no-such-zone': 'there is no such zone',
  'not-signed': 'it is not signed by us',
  'no-such-key': 'it has no such key',
  'under-way': 'a rollover is under way, or its keys are new: "scop dns key list" says what is waited for',
  'not-expected': 'this is not what the key waits for',
  'too-early': 'too early: the parent may still act upon what we published before',
}
const PARTS = ['dnskey', 'zrrsig', 'krrsig', 'ds'] as const
const NAMES = { dnskey: 'DNSKEY', zrrsig: 'zone signatures', krrsig: 'key signatures', ds: 'DS' } as const
const SIGNED_WITH: ReadonlySet<number> = new Set([8, 13, 15])
