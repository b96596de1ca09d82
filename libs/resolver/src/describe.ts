// Outcomes and steps in words, for people and for what is not this process: records in zone-file form.
// RFC 1035 §5.1, RFC 8914 §2

import { CLASS, type ExtendedError, formatName, formatRcode, formatRecord, formatType } from '@scop/dns'
import type { TraceStep } from './event.ts'
import type { Outcome } from './outcome.ts'
import { type Rrset, rrsetToRecords } from './rrset.ts'

export type DescribedOutcome = {
  readonly status: Outcome['status']
  readonly rcode: string
  /** With their signatures. */
  readonly answer: readonly string[]
  readonly authority: readonly string[]
  readonly ede: readonly ExtendedError[]
  readonly stale: boolean
}

export type DescribedStep = {
  readonly lookup: number
  readonly parent: number | undefined
  /** `one.example. MX` */
  readonly question: string
  readonly what: string
}

export function describeOutcome({ status, rcode, answer, authority, ede, stale }: Outcome): DescribedOutcome {
  const records = (section: readonly Rrset[]): readonly string[] =>
    section.flatMap((rrset) => rrsetToRecords(rrset, true).map(formatRecord))
  return { status, rcode: formatRcode(rcode), answer: records(answer), authority: records(authority), ede, stale }
}

export function describeStep({ lookup, parent, question, what }: TraceStep): DescribedStep {
  const { name, type, class: klass } = question
  const asked = `${formatName(name)} ${klass === CLASS.IN ? '' : `CLASS${klass} `}${formatType(type)}`
  return { lookup, parent, question: asked, what }
}
