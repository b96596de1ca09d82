// What one key of bottle.yaml says of another: keys that are named must be there, and times must leave room for each other.
// RFC 8945 §5.2.1 (a key is known by its name), RFC 6781 §4.4.2 (signatures are made anew before they end)

import type { Configuration } from './settings.ts'

export type WrongReference = { readonly path: readonly string[]; readonly reason: string }

type Primary = Configuration['dns-primary']
type Peers = {
  readonly [key in 'secondaries' | 'primaries']?: readonly { readonly key?: string | undefined }[] | undefined
}

/** Of a configuration whose values are good one by one. */
export function checkReferences({ listen, 'dns-primary': primary }: Configuration): readonly WrongReference[] {
  const keys = new Set(Object.keys(primary['tsig-keys']).map(sameName))
  const unknown = (key: string | undefined, path: readonly string[]): readonly WrongReference[] =>
    key === undefined || keys.has(sameName(key))
      ? []
      : [{ path, reason: `there is no "${key}" in dns-primary.tsig-keys` }]
  const peers = (of: Peers, path: readonly string[]): readonly WrongReference[] =>
    (['secondaries', 'primaries'] as const).flatMap((list) =>
      (of[list] ?? []).flatMap(({ key }, i) => unknown(key, [...path, list, String(i), 'key'])),
    )
  const zones = Object.entries(primary.zones)
  return [
    ...(listen['dns-tls'] !== undefined && primary.tls === undefined
      ? [{ path: ['listen', 'dns-tls'], reason: 'needs dns-primary.tls: certificate and key' }]
      : []),
    ...primary.grants.flatMap(({ key }, i) => unknown(key, ['dns-primary', 'grants', String(i), 'key'])),
    ...peers(primary, ['dns-primary']),
    ...zones.flatMap(([name, zone]) => peers(zone, ['dns-primary', 'zones', name])),
    ...signatureTimes(primary, ['dns-primary']),
    ...zones.flatMap(([name, zone]) =>
      TIMES.some((key) => zone[key] !== undefined)
        ? signatureTimes(timesOf(zone, primary), ['dns-primary', 'zones', name])
        : [],
    ),
  ]
}

type Times = Pick<Primary, (typeof TIMES)[number]>

/** Those of a zone, and for the rest those of all. */
function timesOf(zone: Partial<{ readonly [key in keyof Times]: Times[key] | undefined }>, all: Times): Times {
  return {
    'signature-seconds': zone['signature-seconds'] ?? all['signature-seconds'],
    'signature-refresh-seconds': zone['signature-refresh-seconds'] ?? all['signature-refresh-seconds'],
    'signature-jitter-seconds': zone['signature-jitter-seconds'] ?? all['signature-jitter-seconds'],
  }
}

function signatureTimes(times: Times, path: readonly string[]): readonly WrongReference[] {
  const [lasts, needed] = [
    times['signature-seconds'],
    times['signature-refresh-seconds'] + times['signature-jitter-seconds'],
  ]
  if (lasts > needed) return []
  const reason = `expected more than signature-refresh-seconds and signature-jitter-seconds together: ${needed}`
  return [{ path: [...path, 'signature-seconds'], reason }]
}

/** Names are the same in any case, with and without the final dot. */
function sameName(text: string): string {
  return text.toLowerCase().replace(/\.$/, '')
}

const TIMES = ['signature-seconds', 'signature-refresh-seconds', 'signature-jitter-seconds'] as const
