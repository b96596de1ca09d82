// The resolver that answers now, and those before it that still finish: a configuration is for life, so another set of
// our own zones is another resolver. Its cache begins empty, which is right: what it knew rested on other zones and keys.

import type { FigureName, Settings } from '@scop/bottle'
import type { Question } from '@scop/dns'
import type { HandleMessage } from '@scop/dns/node'
import { createAlgorithms } from '@scop/dnssec'
import type { Outcome } from '@scop/resolver'
import {
  type AnchorStore,
  type LookUpOptions,
  openResolver,
  type ResolverShell,
  type ShellFigures,
} from '@scop/resolver/node'
import { configureResolver } from './configure.ts'
import type { OwnZone } from './own-zones.ts'

export type Resolvers = {
  /** From now on these are our zones. */
  configure(ours: readonly OwnZone[]): void
  lookUp(question: Question, options?: LookUpOptions): Promise<Outcome>
  readonly handle: HandleMessage
  /** What is known is let go. */
  forget(): void
  readonly figures: readonly (readonly [FigureName, () => number])[]
  /** Resolves when nobody waits any more. */
  close(): Promise<void>
}

export function openResolvers(options: {
  readonly settings: Settings<'dns-resolver'>
  readonly ours: readonly OwnZone[]
  readonly anchors: AnchorStore
  readonly mayAsk: (address: string) => boolean
}): Resolvers {
  const { settings, anchors, mayAsk } = options
  const algorithms = createAlgorithms()
  let { ours } = options
  const open = (): ResolverShell =>
    openResolver({ config: configureResolver(settings, ours), algorithms, anchors, mayAsk })
  let now = open()
  const retiring = new Set<Promise<void>>()
  /** Counts of those that have retired. */
  const past = new Map<string, number>()
  const retire = (shell: ResolverShell): void => {
    for (const [name, read] of FIGURES) past.set(name, (past.get(name) ?? 0) + read(shell.figures()))
    const gone = shell.drained().then(() => {
      shell.close()
      retiring.delete(gone)
    })
    retiring.add(gone)
  }
  const renew = (): void => {
    const before = now
    now = open()
    retire(before)
  }
  return {
    configure: (zones) => {
      ours = zones
      renew()
    },
    lookUp: (question, how) => now.lookUp(question, how),
    handle: (incoming) => now.handle(incoming),
    forget: renew,
    figures: FIGURES.map(([name, read]) => [name, () => (past.get(name) ?? 0) + read(now.figures())] as const),
    close: async () => {
      retire(now)
      await Promise.all(retiring)
      await anchors.settled()
    },
  }
}

const FIGURES: readonly (readonly [FigureName, (figures: ShellFigures) => number])[] = [
  ['client_queries_total', ({ queries }) => queries],
  ['client_replies_kept_total', ({ repliesFromCache }) => repliesFromCache],
  ['clients_refused_total', ({ refused }) => refused],
  ['questions_dropped_total', ({ dropped }) => dropped],
  ['sent_udp_total', ({ sent }) => sent.udp],
  ['sent_tcp_total', ({ sent }) => sent.tcp],
  ['sent_tls_total', ({ sent }) => sent.tls],
  ['exchanges_failed_total', ({ failed }) => failed],
]
