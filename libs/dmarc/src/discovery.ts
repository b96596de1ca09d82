// Where a domain's policy stands and where its organisation ends: the DNS tree walk, without I/O.
// Law: at most eight names are asked for one domain, and no name twice in one evaluation.
// RFC 9989 §4.10 (walk), §4.10.1 (policy discovery), §4.10.2 (organisational domains)

import { type DomainName, isAtOrBelow } from '@scop/identifiers'
import { DMARC_LIMITS, type DmarcLimits } from './limits.ts'
import { chooseRecord, type ParsedRecord, type TextAnswer } from './record.ts'

export type DmarcQuestion =
  /** The TXT records of this name. */
  | { readonly kind: 'texts'; readonly name: string }
  /** Whether DNS has this name, or one below it: only NXDOMAIN says no. RFC 9989 §3.2.13, RFC 8020 §2 */
  | { readonly kind: 'exists'; readonly name: string }

/** `no-such-record`: no text, whether the name exists or not. The last two answer `exists`. */
export type DmarcAnswer = TextAnswer | { readonly kind: 'name-exists' } | { readonly kind: 'no-such-name' }

/** Yields questions that do not wait for each other, is given as many answers in their order. */
export type Asking<T> = Generator<readonly DmarcQuestion[], T, readonly DmarcAnswer[]>

/** What was found under one name of a walk. */
export type WalkStep = {
  readonly domain: DomainName
  readonly found: ParsedRecord | 'none' | 'several' | 'temporary-failure'
}

export type Walk = {
  readonly start: DomainName
  /** The names that counted, in the order of the walk: none after a psd=y, a psd=n or a failure. */
  readonly steps: readonly WalkStep[]
}

/** The names of one walk, longest first. RFC 9989 §4.10 steps 3, 4, 7 */
export function walkDomains(start: DomainName, limits: DmarcLimits = DMARC_LIMITS): readonly DomainName[] {
  const labels = start.split('.')
  const above = Math.min(labels.length, limits.walkQueries) - 1
  const domains = [start]
  for (let left = above; left > 0; left--) domains.push(lastLabels(labels, left))
  return domains
}

/** The answers of one evaluation. What is known already is not asked again. */
export class Answers {
  /** How many questions were asked. */
  count = 0
  readonly #limits: DmarcLimits
  readonly #known = new Map<string, DmarcAnswer>()

  constructor(limits: DmarcLimits) {
    this.#limits = limits
  }

  /** The policy record of a domain itself. */
  *record(domain: DomainName): Asking<WalkStep['found']> {
    yield* this.#ask([textQuestion(domain)])
    return this.#found(domain)
  }

  /** Several walks, all their names in one round. */
  *walks(starts: readonly DomainName[]): Asking<readonly Walk[]> {
    yield* this.#ask(starts.flatMap((start) => walkDomains(start, this.#limits).map(textQuestion)))
    return starts.map((start) => {
      const steps: WalkStep[] = []
      for (const domain of walkDomains(start, this.#limits)) {
        const found = this.#found(domain)
        steps.push({ domain, found })
        if (found === 'temporary-failure') break
        if (typeof found !== 'string' && found.record.publicSuffix !== 'u') break
      }
      return { start, steps }
    })
  }

  *exists(domain: DomainName): Asking<boolean | 'temporary-failure'> {
    const question = { kind: 'exists', name: domain } as const
    yield* this.#ask([question])
    const kind = this.#known.get(keyOf(question))?.kind
    return kind === 'temporary-failure' ? kind : kind !== 'no-such-name'
  }

  *#ask(questions: readonly DmarcQuestion[]): Asking<void> {
    const fresh = new Map<string, DmarcQuestion>()
    for (const question of questions) {
      const key = keyOf(question)
      // "_dmarc." may make of a name one that DNS cannot hold.
      if (question.name.length > MAX_NAME) this.#known.set(key, { kind: 'no-such-record' })
      else if (!this.#known.has(key)) fresh.set(key, question)
    }
    if (fresh.size === 0) return
    this.count += fresh.size
    const answers = yield [...fresh.values()]
    ;[...fresh.keys()].forEach((key, n) => this.#known.set(key, answers[n] ?? { kind: 'temporary-failure' }))
  }

  #found(domain: DomainName): WalkStep['found'] {
    const answer = this.#known.get(keyOf(textQuestion(domain)))
    return answer !== undefined && isTextAnswer(answer) ? chooseRecord(answer, this.#limits) : 'temporary-failure'
  }
}

/** The organisational domain that a whole walk shows; undefined where DNS failed on the way. RFC 9989 §4.10.2 */
export function organizationalDomain({ start, steps }: Walk): DomainName | undefined {
  let shortest = start
  for (const { domain, found } of steps) {
    if (found === 'temporary-failure') return undefined
    if (typeof found === 'string') continue
    const { publicSuffix } = found.record
    if (publicSuffix === 'n') return domain
    if (publicSuffix === 'y' && domain !== start) return childTowards(domain, start)
    shortest = domain
  }
  return shortest
}

/** The record that speaks for a domain without one: the organisation's, else the public suffix's. RFC 9989 §4.10.1 */
export function inheritedRecord(
  walk: Walk,
): { readonly domain: DomainName; readonly parsed: ParsedRecord } | undefined {
  const organization = organizationalDomain(walk)
  const found = walk.steps.flatMap(({ domain, found: parsed }) =>
    typeof parsed === 'string' || domain === walk.start ? [] : [{ domain, parsed }],
  )
  const suffix = found.find(({ parsed }) => parsed.record.publicSuffix === 'y')
  return found.find(({ domain }) => domain === organization) ?? suffix
}

/** Whether any name is above both: without one they have no organisation in common. */
export function shareAName(a: DomainName, b: DomainName): boolean {
  return a.slice(a.lastIndexOf('.') + 1) === b.slice(b.lastIndexOf('.') + 1)
}

/** The name one label below `parent` on the way to `descendant`. */
function childTowards(parent: DomainName, descendant: DomainName): DomainName {
  if (!isAtOrBelow(descendant, parent)) throw new Error(`Cannot walk from ${parent} to ${descendant}`)
  return lastLabels(descendant.split('.'), parent.split('.').length + 1)
}

// as: the end of a domain name, cut between labels, is a domain name
const lastLabels = (labels: readonly string[], count: number): DomainName =>
  labels.slice(-count).join('.') as DomainName

const MAX_NAME = 253 // 255 octets on the wire
const textQuestion = (domain: DomainName): DmarcQuestion => ({ kind: 'texts', name: `_dmarc.${domain}` })
const keyOf = ({ kind, name }: DmarcQuestion): string => `${kind} ${name}`
const isTextAnswer = (answer: DmarcAnswer): answer is TextAnswer =>
  answer.kind !== 'name-exists' && answer.kind !== 'no-such-name'
