// What validation is given: the way to look up keys and delegations by the same core, its clock, and the query's budget.
// RFC 4035 §5

import type { Name, Question } from '@scop/dns'
import type { Budget } from './budget.ts'
import type { RrsetCache } from './rrset-cache.ts'
import type { ResolverConfig } from './config.ts'
import type { Fetched, Validated } from './outcome.ts'
import type { Rrset } from './rrset.ts'
import type { Task } from './task.ts'

export type ValidationContext = {
  readonly config: ResolverConfig
  readonly nowMs: () => number
  readonly budget: Budget
  /**
   * Looks DNSKEY, DS and others up, unvalidated; `undefined` if that would go round in a circle or too deep. With `avoid`
   * the cache is passed by, and servers at these addresses are not asked; without any other the answer is SERVFAIL.
   */
  readonly fetch: (name: Name, type: number, avoid?: readonly string[]) => Task<Fetched | undefined>
  /** What the cache has, validated or not; also where validated RRsets go back to. */
  readonly cache: RrsetCache
  readonly trace: (what: string) => void
  /** State of trust anchors that must outlive the process, by the zone under which the configuration has it. */
  readonly persist: (zone: Name, text: string) => void
  readonly random: (octets: number) => Uint8Array
}

/** One validator for the life of a resolver: it keeps keys and negative trust between queries. */
export type Validator = {
  /** What is left of it when its bogus, insecure, or secure answer is told. Counts and pauses as the limits say. */
  readonly validate: (question: Question, fetched: Fetched, context: ValidationContext) => Task<Validated>
  /** An answer made of denials already proven; `undefined`: ask. RFC 8198 §5 */
  readonly synthesise: (
    question: Question,
    context: Pick<ValidationContext, 'config' | 'nowMs' | 'cache'>,
  ) => Fetched | undefined
  /** Whether a trust anchor stands at this very zone. */
  readonly anchored: (zone: Name, nowMs: number) => boolean
  /** What a referral to `zone` said of its DS, which may save the question for it. */
  readonly referred: (zone: Name, authority: readonly Rrset[], nowMs: number) => void
  /** Work that is due by the clock, as probes of trust anchors (RFC 5011 §2.3), and when it wants to be asked again. */
  readonly due: (nowMs: number) => {
    readonly tasks: readonly ((context: ValidationContext) => Task<void>)[]
    readonly nextMs: number | undefined
  }
}
