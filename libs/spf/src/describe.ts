// A check in words: why there was no verdict, and the tree of every record and term on the way.

import type { DomainTrace, SpfOutcome, SpfProblem } from './outcome.ts'
import type { SpfRecordError } from './record.ts'

/** One sentence without its full stop. */
export function describeProblem(problem: SpfProblem): string {
  switch (problem.kind) {
    case 'not-a-policy-domain':
      return 'not a domain that could have a policy'
    case 'no-record':
      return 'no SPF record'
    case 'several-records':
      return 'more than one SPF record'
    case 'dns-unavailable':
      return 'DNS does not answer'
    case 'too-many-lookups':
      return `more than ${problem.limit} terms that ask DNS`
    case 'too-many-void-lookups':
      return `more than ${problem.limit} lookups that find nothing`
    case 'too-many-mx-hosts':
      return `more than ${problem.limit} mail exchangers in one mx`
    case 'target-without-record':
      return `"${problem.target}" has no SPF record`
    case 'target-not-a-domain':
      return `"${problem.target}" gives no name of the DNS`
    case 'bad-record':
      return describeRecordError(problem.error)
  }
}

/** Lines with two spaces more for each record inside another. Foreign text in them is as the records have it. */
export function reasoningOf(outcome: SpfOutcome): readonly string[] {
  const { identity, domain, client, lookups, voidLookups, result, explanation } = outcome
  return [
    `${identity === 'helo' ? 'HELO' : 'MAIL FROM'} ${domain}, client ${client}: ${result}`,
    ...domainLines(outcome.trace, '  '),
    `  ${lookups} terms asked DNS, ${voidLookups} found nothing`,
    ...(explanation === undefined ? [] : [`  the domain says: ${explanation}`]),
  ]
}

function* domainLines(trace: DomainTrace, indent: string): Generator<string> {
  const { domain, record, terms, result, problem } = trace
  if (record !== undefined) yield `${indent}${domain}: ${record}`
  for (const { term, target, found, outcome, nested } of terms) {
    const asked = target === undefined || term.endsWith(target) ? '' : ` (${target})`
    const says = found === undefined ? '' : `, found ${found}`
    yield `${indent}  ${term}${asked}: ${OUTCOMES[outcome]}${says}`
    if (nested !== undefined) yield* domainLines(nested, `${indent}    `)
  }
  const why = problem === undefined ? '' : `: ${describeProblem(problem)}`
  const unmatched = problem === undefined && terms.at(-1)?.outcome !== 'match' ? ': nothing matches' : ''
  yield `${indent}${domain} gives ${result}${why}${unmatched}`
}

function describeRecordError(error: SpfRecordError): string {
  if ('term' in error) return `Cannot read term "${error.term}": ${error.kind.replaceAll('-', ' ')}`
  const limit = 'limit' in error ? ` (limit ${error.limit})` : ''
  return `Cannot read the record: ${error.kind.replaceAll('-', ' ')}${limit}`
}

const OUTCOMES = { match: 'matches', 'no-match': 'does not match', error: 'cannot be decided' } as const
