// How a zone is kept: what bottle.yaml says of all zones, and what it says of this one.

import type { Settings, ZoneSettings } from '@scop/bottle'
import type { Name } from '@scop/dns'
import { DEFAULT_SIGNING_POLICY, DIGEST, type KeyPolicy, type SigningPolicy, ZONEMD_HASH } from '@scop/dnssec'
import { zoneText } from './zone-names.ts'

export type PolicyOf = (origin: Name) => ZoneSettings

export function zonePolicies({ zones, ...all }: ZoneSettings & Pick<Settings<'dns-primary'>, 'zones'>): PolicyOf {
  const known = new Map<string, ZoneSettings>()
  return (origin) => {
    const before = known.get(origin.key)
    if (before !== undefined) return before
    const own = Object.entries(zones[zoneText(origin)] ?? {}).filter(([, value]) => value !== undefined)
    const policy = { ...all, ...Object.fromEntries(own) }
    if (known.size < MOST_KNOWN) known.set(origin.key, policy)
    return policy
  }
}

/** `denial`: where the zone shall become unsigned, the kind that it has until then. */
export function signingPolicy(settings: ZoneSettings, denial: Exclude<ZoneSettings['dnssec'], 'off'>): SigningPolicy {
  const signatureSeconds = settings['signature-seconds']
  const hash = zonemdHash(settings)
  return {
    ...DEFAULT_SIGNING_POLICY,
    denial: denial === 'nsec3' ? { kind: 'nsec3', optOut: settings['nsec3-opt-out'] } : { kind: denial },
    signatureSeconds,
    refreshSeconds: settings['signature-refresh-seconds'],
    jitterSeconds: settings['signature-jitter-seconds'],
    inceptionOffsetSeconds: Math.min(DEFAULT_SIGNING_POLICY.inceptionOffsetSeconds, signatureSeconds),
    keyTtlSeconds: settings['dnskey-ttl-seconds'],
    ...(hash !== undefined && { zonemdHash: hash }),
  }
}

/** The hash of the digest that each version of the zone has; `undefined`: it has none. */
export function zonemdHash({ zonemd }: Pick<ZoneSettings, 'zonemd'>): number | undefined {
  switch (zonemd) {
    case 'off':
      return undefined
    case 'sha384':
      return ZONEMD_HASH.SHA384
    case 'sha512':
      return ZONEMD_HASH.SHA512
  }
}

/** `zoneTtlSeconds`: the largest of the zone's data. */
export function keyPolicy(settings: ZoneSettings, algorithm: number, zoneTtlSeconds: number): KeyPolicy {
  const lifetime = (seconds: number): number | undefined => (seconds === 0 ? undefined : seconds)
  const [csk, ksk, zsk] = [
    lifetime(settings['csk-lifetime-seconds']),
    lifetime(settings['ksk-lifetime-seconds']),
    lifetime(settings['zsk-lifetime-seconds']),
  ]
  return {
    signed: settings.dnssec !== 'off',
    algorithm,
    roles: settings.keys === 'csk' ? 'csk' : 'ksk-and-zsk',
    lifetimeSeconds: { ...(csk && { csk }), ...(ksk && { ksk }), ...(zsk && { zsk }) },
    digestTypes: [DIGEST.SHA256],
    zonePropagationSeconds: settings['propagation-seconds'],
    parentPropagationSeconds: settings['parent-propagation-seconds'],
    keyTtlSeconds: settings['dnskey-ttl-seconds'],
    zoneTtlSeconds,
    dsTtlSeconds: settings['parent-ds-ttl-seconds'],
    safetySeconds: settings['safety-seconds'],
  }
}

const MOST_KNOWN = 100_000
