// How much of a name each server is told: one label more than its zone, as an A (or NS) question, until an answer or too many steps.
// RFC 9156 §2.1 (A hides the type), §2.3 (bounds), §3 (algorithm: the whole name is asked for as it is), §2.2 (servers that stumble)

import { A, DS, equalNames, isAtOrBelow, labelCount, type Name, NS, parentName, type Question } from '@scop/dns'
import type { ResolverLimits } from './limits.ts'

type MinimiserConfig = {
  readonly limits: ResolverLimits
  readonly minimisedType: 'A' | 'NS'
  readonly hideType: boolean
}

export class Minimiser {
  readonly #question: Question
  readonly #limits: ResolverLimits
  readonly #type: number
  readonly #hideType: boolean
  readonly #total: number
  #asked: Question | undefined
  #steps = 0
  #timeouts = 0
  #stopped: boolean

  constructor(question: Question, enabled: boolean, { limits, minimisedType, hideType }: MinimiserConfig) {
    this.#question = question
    this.#limits = limits
    this.#type = minimisedType === 'NS' ? NS.code : A.code
    this.#hideType = hideType && question.type !== this.#type && question.type !== DS.code
    this.#total = labelCount(question.name)
    this.#stopped = !enabled
  }

  /** What to ask first at a new zone, or next, after an answer that led no further. */
  next(zone: Name): Question {
    if (this.#stopped) return this.#question
    const before = this.#asked
    const from = before !== undefined && isAtOrBelow(before.name, zone) ? before.name : zone
    let left = this.#total - labelCount(from)
    this.#steps++
    this.#timeouts = 0
    const { minimisedQueries, minimisedSingly } = this.#limits
    let add = 1
    if (this.#total > minimisedQueries && left > 1 && this.#steps > minimisedSingly) {
      const stepsLeft = minimisedQueries - this.#steps
      add = stepsLeft <= 0 ? left : Math.max(1, Math.ceil(left / stepsLeft))
    }
    left -= add
    if (left < 0 || (left === 0 && !this.#hideType)) {
      this.#stopped = true
      return this.#question
    }
    this.#asked = { ...this.#question, name: withoutLabels(this.#question.name, left), type: this.#type }
    return this.#asked
  }

  /** Whether `asked` is not yet the question itself. */
  isPartial(asked: Question): boolean {
    return asked.type !== this.#question.type || !equalNames(asked.name, this.#question.name)
  }

  /** The whole question from now on. */
  stop(): void {
    this.#stopped = true
  }

  /** The same again; after three times without an answer the whole question. */
  timedOut(): Question {
    if (++this.#timeouts >= TIMEOUTS) this.#stopped = true
    return this.#stopped || this.#asked === undefined ? this.#question : this.#asked
  }
}

/** `name` without its first `count` labels. */
export function withoutLabels(name: Name, count: number): Name {
  let at = name
  for (let i = 0; i < count; i++) at = parentName(at) ?? at
  return at
}

const TIMEOUTS = 3
