// A resolver that runs: the core with its validator, the system's randomness, sockets, and the file of its trust anchors.

import { randomBytes } from 'node:crypto'
import { equalNames, parseName, ROOT } from '@scop/dns'
import { type AlgorithmTable, rememberSignatures } from '@scop/dnssec'
import { expectOk } from '@scop/result'
import type { ResolverConfig } from '../config.ts'
import { createResolver } from '../resolver.ts'
import type { AnchorStore } from './anchor-store.ts'
import { createResolverShell, type ResolverShell, type ShellOptions } from './resolver-shell.ts'

export type OpenResolverOptions = Omit<ShellOptions, 'core' | 'persist' | 'replies'> & {
  readonly config: ResolverConfig
  readonly algorithms: AlgorithmTable
  /** Where the anchors that RFC 5011 follows are kept; without it they begin anew each time. */
  readonly anchors?: AnchorStore
}

export function openResolver({ config: given, algorithms, anchors, ...options }: OpenResolverOptions): ResolverShell {
  const kept = [...(anchors?.states ?? [])].map(([zone, text]) => ({
    zone: expectOk(parseName(zone, ROOT), `read the zone "${zone}" of the anchor file`),
    text,
  }))
  // What was kept knows more than the configuration, which is how they began.
  const beginning = given.validation.managedAnchors.filter(
    ({ zone }) => !kept.some((one) => equalNames(one.zone, zone)),
  )
  const managedAnchors = [...kept, ...beginning]
  const config = { ...given, validation: { ...given.validation, managedAnchors } }
  let shell: ResolverShell | undefined
  const core = createResolver(config, {
    random: randomPool(),
    algorithms: rememberSignatures(algorithms),
    // Steps cost time: they are told while somebody listens.
    get trace() {
      return shell?.tracing ?? false
    },
  })
  shell = createResolverShell({
    ...options,
    replies: config,
    core,
    ...(anchors && { persist: (zone, text) => anchors.keep(zone, text) }),
  })
  return shell
}

/** The system's randomness, fetched by the page: a call for two octets costs as much as one for thousands. */
function randomPool(): (octets: number) => Uint8Array {
  let pool = randomBytes(POOL_OCTETS)
  let used = 0
  return (octets) => {
    if (octets > POOL_OCTETS) return randomBytes(octets)
    if (used + octets > POOL_OCTETS) {
      pool = randomBytes(POOL_OCTETS)
      used = 0
    }
    const taken = Uint8Array.from(pool.subarray(used, used + octets))
    used += octets
    return taken
  }
}

const POOL_OCTETS = 4096
