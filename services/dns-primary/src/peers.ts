// The servers that zones move to and come from: who may take which zone and is told of its changes, and which zones are
// another server's.      RFC 5936 §5, RFC 1996 §3, RFC 9103

import type { Settings, ZoneSettings } from '@scop/bottle'
import { type Name, type NotifyTarget, parseName, ROOT, type TransferGrant, type TsigKey } from '@scop/dns'
import type { ZoneSource } from '@scop/dns/node'
import { parseAddressPrefix } from '@scop/identifiers'
import { err, ok, type Result } from '@scop/result'
import { findTsigKey } from './tsig-keys.ts'
import type { PolicyOf } from './zone-policy.ts'

export type Peers = {
  /** For all zones but those that have secondaries of their own, and for those. */
  readonly transfers: readonly TransferGrant[]
  readonly notifyTargets: (origin: Name) => readonly NotifyTarget[]
  /** Zones that are another server's, with those who have them. */
  readonly followed: readonly { readonly origin: Name; readonly from: readonly ZoneSource[] }[]
}

/** The error is a sentence for the operator. */
export function configuredPeers(
  settings: Pick<Settings<'dns-primary'>, 'zones' | 'secondaries' | 'primaries' | 'tsig-keys' | 'grants'>,
  policyOf: PolicyOf,
  keys: readonly TsigKey[],
): Result<Peers, string> {
  const used = [settings, ...Object.values(settings.zones)].flatMap(({ secondaries, primaries }) => [
    ...(secondaries ?? []),
    ...(primaries ?? []),
  ])
  const unknown = used.find(({ key }) => key !== undefined && findTsigKey(keys, key) === undefined)
  if (unknown !== undefined) return err(`there is no TSIG key "${unknown.key}"`)
  if (settings.primaries.length > 0) return err('primaries: stands below a single zone, under zones')
  const own = Object.entries(settings.zones).flatMap(([text, zone]) => {
    const origin = parseName(text, ROOT)
    return origin.ok ? [{ origin: origin.value, zone }] : []
  })
  const elsewhere = own.filter(({ zone }) => zone.secondaries !== undefined)
  const grants = (peers: ZoneSettings['secondaries']): readonly TransferGrant[] =>
    peers.flatMap(({ address, key }): TransferGrant[] => {
      if (key !== undefined) return [{ key: findTsigKey(keys, key)?.name ?? ROOT }]
      const from = parseAddressPrefix(address.address)
      return from.ok ? [{ from: from.value }] : []
    })
  return ok({
    transfers: [
      ...grants(settings.secondaries).map((grant) => ({ ...grant, except: elsewhere.map(({ origin }) => origin) })),
      ...elsewhere.flatMap(({ origin, zone }) =>
        grants(zone.secondaries ?? []).map((grant) => ({ ...grant, zone: origin })),
      ),
    ],
    notifyTargets: (origin) =>
      policyOf(origin).secondaries.map(({ address, key }) => ({
        ...address,
        ...keyNamed(keys, key),
      })),
    followed: own.flatMap(({ origin }) => {
      const { primaries } = policyOf(origin)
      const from = primaries.map(({ address, key }): ZoneSource => ({ server: address, ...keyNamed(keys, key) }))
      return from.length === 0 ? [] : [{ origin, from }]
    }),
  })
}

function keyNamed(keys: readonly TsigKey[], name: string | undefined): { readonly key?: TsigKey } {
  const key = name === undefined ? undefined : findTsigKey(keys, name)
  return key === undefined ? {} : { key }
}
