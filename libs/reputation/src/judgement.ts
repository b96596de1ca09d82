// The score, and what follows from it. The score lies between -100 and 100 and is the sum of what each class gives:
// 100 × weight × count / (all counts + prior). So it explains itself, and much good mail outweighs some bad.
// Laws: no judgement but neutral without a minimum of evidence. Only a network can be refused or slowed down: it is all that
// a connection shows before it says something, and all that cannot be said falsely. A domain's bad score, or a HELO name's,
// is for whoever looks at the message.

import { type Counts, evidenceOf } from './counts.ts'
import { EVENT_CLASS_NAMES, type EventClass, EVENT_CLASSES } from './event-class.ts'
import type { ReputationPolicy } from './limits.ts'
import type { SubjectKind } from './subject.ts'

export type Judgement = 'neutral' | 'listed-good' | 'greylist' | 'tarpit' | 'refuse'

export type Contribution = {
  readonly class: EventClass
  /** Faded. */
  readonly count: number
  readonly weight: number
  /** Its part of the score. */
  readonly points: number
}

export type Score = {
  /** -100 to 100. */
  readonly score: number
  /** Events behind it, faded. */
  readonly evidence: number
  /** They sum to the score; the worst first. */
  readonly contributions: readonly Contribution[]
}

export function scoreOf(counts: Counts, { prior }: Pick<ReputationPolicy, 'prior'>): Score {
  const evidence = evidenceOf(counts)
  const contributions = EVENT_CLASS_NAMES.flatMap((name): readonly Contribution[] => {
    const count = counts[name] ?? 0
    const { weight } = EVENT_CLASSES[name]
    return count === 0 ? [] : [{ class: name, count, weight, points: (100 * weight * count) / (evidence + prior) }]
  }).toSorted((a, b) => a.points - b.points)
  return { score: contributions.reduce((sum, { points }) => sum + points, 0), evidence, contributions }
}

export function judge({ score, evidence }: Score, kind: SubjectKind, policy: ReputationPolicy): Judgement {
  if (evidence < policy.evidenceForAny) return 'neutral'
  if (score >= policy.goodFrom) return 'listed-good'
  if (score > policy.greylistAt) return 'neutral'
  if (kind !== 'network' || score > policy.tarpitAt) return 'greylist'
  return score <= policy.refuseAt && evidence >= policy.evidenceForRefusal ? 'refuse' : 'tarpit'
}

/** `score -81 of 24 events: smuggling 20, unknown-recipient 4`: stands in the ban, in the log and in the reply. */
export function explain({ score, evidence, contributions }: Score): string {
  const worst = contributions.filter(({ points }) => points < 0).slice(0, SAID_CLASSES)
  const said = worst.map(({ class: name, count }) => `${name} ${Math.round(count)}`).join(', ')
  return `score ${Math.round(score)} of ${Math.round(evidence)} events${said === '' ? '' : `: ${said}`}`
}

const SAID_CLASSES = 3
