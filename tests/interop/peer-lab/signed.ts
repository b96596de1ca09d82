// Signed zones for the peer lab: a private root, `test.` below it, and zones below that, with DS at every cut.

import { DS, encodeRdata, type Name, type OnlineSigner, parseName, parseZone, ROOT, type Zone } from '@scop/dns'
import type { OnChange } from '@scop/dns/node'
import {
  createOnlineSigner,
  createSignatureBudget,
  ONLINE_SIGNING_LIMITS,
  DEFAULT_SIGNING_POLICY,
  type Denial,
  KEY_FLAG,
  makeDs,
  makeKey,
  type SigningKey,
  type SigningMoment,
  signChange,
  signZone,
  type ZoneKeys,
} from '@scop/dnssec'
import { expectOk } from '@scop/result'

export type SignedOptions = {
  readonly algorithm?: number
  readonly keys?: 'csk' | 'ksk-zsk'
  readonly denial?: Denial
}

export type LabZone = {
  readonly zone: Zone
  readonly ds: Uint8Array
  /** The key that the parent vouches for. */
  readonly entry: SigningKey
  readonly moment: () => SigningMoment
}

export const labName = (text: string): Name => expectOk(parseName(text, ROOT), `read ${text}`)

/** The zone of this text, signed with new keys. */
export function signLabZone(name: string, text: string, options: SignedOptions = {}): LabZone {
  const { algorithm = 13, keys = 'csk', denial = { kind: 'nsec' } } = options
  const origin = labName(name)
  const entry = makeKey(algorithm, { flags: KEY_FLAG.ZONE | KEY_FLAG.SEP })
  const second = keys === 'csk' ? entry : makeKey(algorithm, { flags: KEY_FLAG.ZONE })
  const zoneKeys: ZoneKeys = {
    dnskeys: [...new Set([entry, second])].map(({ dnskey }) => dnskey),
    keySigners: [entry],
    zoneSigners: [second],
    cds: [],
    cdnskeys: [],
  }
  const moment = (): SigningMoment => ({
    keys: zoneKeys,
    policy: { ...DEFAULT_SIGNING_POLICY, denial },
    nowSeconds: Math.floor(Date.now() / 1000),
    random: Math.random,
  })
  const plain = expectOk(parseZone(text, origin), `read ${name}`)
  const { zone } = expectOk(signZone(plain, moment()), `sign ${name}`)
  return { zone, ds: encodeRdata(DS, makeDs(origin, entry.dnskey)), entry, moment }
}

/** Text of a delegation: NS with its address, and DS where the child is signed. */
export function delegation(child: string, address: string, ds?: Uint8Array): string {
  const text = `${child}. 60 NS ns.${child}.\nns.${child}. 60 A ${address}\n`
  return ds === undefined ? text : `${text}${child}. 60 TYPE43 \\# ${ds.length} ${Buffer.from(ds).toString('hex')}\n`
}

/** Signs the denials of those that have no chain. */
export function onlineSigning(zones: readonly LabZone[]): (zone: Zone) => OnlineSigner | undefined {
  const budget = createSignatureBudget(ONLINE_SIGNING_LIMITS, Date.now)
  return ({ origin }) => {
    const one = zones.find((each) => each.zone.origin.key === origin.key)
    if (one === undefined) return undefined
    const { keys, policy, nowSeconds } = one.moment()
    if (policy.denial.kind !== 'online') return undefined
    return createOnlineSigner({ denial: 'compact', keys, policy, nowSeconds: () => nowSeconds, budget })
  }
}

/** Signs each change of these zones, as a primary does. */
export function signing(zones: readonly LabZone[]): OnChange {
  return (before, zone, diff) => {
    const one = zones.find((each) => each.zone.origin.key === before.origin.key)
    return one === undefined ? { ok: true, value: { zone, diff } } : signChange(before, diff, one.moment())
  }
}
