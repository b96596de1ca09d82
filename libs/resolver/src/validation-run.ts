// One validation under way: what it shares with all others of the resolver, what it may still spend, and its clock.
// RFC 4034 §3.1.5 (times), RFC 1034 §5.3.3 (bounded work)

import { type Name, RCODE } from '@scop/dns'
import { Nsec3Hasher } from '@scop/dnssec'
import type { AlgorithmTable } from '@scop/dnssec'
import type { DenialCache } from './denial-cache.ts'
import type { KeyCache } from './key-cache.ts'
import type { Fetched } from './outcome.ts'
import type { TrustAnchors } from './trust-anchor.ts'
import { pause, type Task } from './task.ts'
import type { ValidationContext } from './validation-context.ts'

/** What lives as long as the resolver. */
export type ValidationState = {
  readonly algorithms: AlgorithmTable
  readonly keys: KeyCache
  readonly anchors: TrustAnchors
  readonly denials: DenialCache
}

export class ValidationRun {
  readonly state: ValidationState
  readonly context: ValidationContext
  readonly hasher: Nsec3Hasher
  #sincePause = 0
  #hashesCharged = 0

  constructor(state: ValidationState, context: ValidationContext) {
    this.state = state
    this.context = context
    const { limits } = context.config
    this.hasher = new Nsec3Hasher({
      records: limits.denialRecords,
      iterations: context.config.validation.nsec3Iterations,
      hashes: Math.max(limits.hashesPerQuery - context.budget.spent('hashes'), 0),
    })
  }

  get nowMs(): number {
    return this.context.nowMs()
  }

  /** The time by which signatures are judged; `undefined` where their dates do not count. */
  get signatureSeconds(): number | undefined {
    const { atSeconds, ignoreDates } = this.context.config.validation
    if (ignoreDates) return undefined
    return atSeconds ?? Math.floor(this.nowMs / 1000)
  }

  /** Counts a verification before it is done; false if it must not be done. */
  mayVerify(): boolean {
    return this.context.budget.charge('verifications', this.nowMs)
  }

  /** Counts one that failed, and lets others have their turn after so many of either kind. */
  *verified(succeeded: boolean): Task<boolean> {
    const may = succeeded || this.context.budget.charge('failedVerifications', this.nowMs)
    this.#sincePause++
    if (this.#sincePause >= this.context.config.limits.verificationsPerTurn) {
      this.#sincePause = 0
      yield* pause()
    }
    return may
  }

  /**
   * Fetches and judges, and where the judgement is bad asks others than the servers that gave it, so often as the limit
   * says: one server's fault is not the zone's.
   */
  *untilGood<Judged>(
    question: { readonly name: Name; readonly type: number },
    judge: (fetched: Fetched | undefined) => Task<Judged>,
    isBad: (judged: Judged) => boolean,
    first?: { readonly fetched: Fetched; readonly judged: Judged },
  ): Task<Judged> {
    const { fetch, config, budget } = this.context
    let fetched: Fetched | undefined = first?.fetched ?? (yield* fetch(question.name, question.type))
    let judged = first?.judged ?? (yield* judge(fetched))
    const avoid: string[] = []
    for (let again = 0; again < config.limits.validationRetries && isBad(judged); again++) {
      if (fetched === undefined || budget.exceeded !== undefined) break
      if (fetched.server !== undefined) avoid.push(fetched.server)
      else if (again > 0) break // nobody is known to be avoided
      fetched = yield* fetch(question.name, question.type, avoid)
      // That no other server answers says nothing new.
      if (fetched === undefined || (fetched.rcode === RCODE.SERVFAIL && fetched.answer.length === 0)) break
      judged = yield* judge(fetched)
    }
    return judged
  }

  /** Hands the hashes since the last time over to the query's budget. */
  chargeHashes(): void {
    const fresh = this.hasher.spent - this.#hashesCharged
    this.#hashesCharged = this.hasher.spent
    if (fresh > 0) this.context.budget.charge('hashes', this.nowMs, fresh)
  }
}
