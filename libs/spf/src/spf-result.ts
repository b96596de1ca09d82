// SPF's result as Authentication-Results writes it.               RFC 8601 §2.7.2

import type { MethodResult } from '@scop/mime'
import { describeProblem } from './describe.ts'
import type { SpfOutcome } from './outcome.ts'

/** `mailFrom`: the whole reverse-path, where MAIL FROM was checked. */
export function spfResult(outcome: SpfOutcome, mailFrom: string): MethodResult {
  const { result, identity, domain, decidedBy, problem } = outcome
  const reason = problem !== undefined ? describeProblem(problem) : decidedBy?.term
  const property =
    identity === 'helo'
      ? ({ type: 'smtp', name: 'helo', value: domain } as const)
      : ({ type: 'smtp', name: 'mailfrom', value: mailFrom } as const)
  return { method: 'spf', result, ...(reason !== undefined && { reason }), properties: [property] }
}
