// DMARC over what was proved of one message, and what the policy wants to know of it. A From with several authors is asked
// about too: what is accepted of it in spite of all is at least not better than its strictest author wants.
// RFC 9989 §5.3, §11.5

import {
  type AuthorDomain,
  type AuthorError,
  authorErrorResult,
  describeAuthorError,
  type DmarcAnswer,
  type DmarcQuestion,
  dmarcResult,
  type DmarcVerdict,
  evaluateDmarc,
  runEvaluation,
} from '@scop/dmarc'
import type { VerifiedSignature } from '@scop/dkim'
import type { MethodResult } from '@scop/mime'
import type { Result } from '@scop/result'
import type { SpfOutcome } from '@scop/spf'
import type { AskDns } from './ask-dns.ts'
import type { Findings } from './policy.ts'

export type DmarcChecked = Pick<Findings, 'author' | 'dmarc'> & {
  readonly result: MethodResult
  readonly verdict: DmarcVerdict | undefined
}

export async function checkDmarc(options: {
  readonly author: Result<AuthorDomain, AuthorError>
  readonly spf: SpfOutcome | undefined
  readonly proofs: readonly VerifiedSignature[]
  readonly nullSender: boolean
  readonly sample: number
  readonly dns: AskDns
}): Promise<DmarcChecked> {
  const { author, spf, proofs, nullSender, sample, dns } = options
  if (!author.ok) {
    const reason = describeAuthorError(author.error)
    return {
      author: { kind: 'unreadable', reason },
      dmarc: undefined,
      result: authorErrorResult(author.error),
      verdict: undefined,
    }
  }
  const request = { author: author.value, spfProof: spf?.proof, nullSender, signatures: proofs, sample }
  const verdict = await runEvaluation(evaluateDmarc(request), (question) => answer(dns, question))
  return {
    author: { kind: 'readable' },
    dmarc: {
      result: verdict.outcome,
      domain: verdict.author,
      requested: verdict.policy?.requested ?? 'none',
    },
    result: dmarcResult(verdict),
    verdict,
  }
}

async function answer(dns: AskDns, question: DmarcQuestion): Promise<DmarcAnswer> {
  if (question.kind === 'exists') return dns.exists(question.name)
  const found = await dns.ask({ name: question.name, type: 'TXT' })
  if (found.kind === 'texts') return { kind: 'texts', texts: found.texts.map((text) => [text]) }
  return found.kind === 'temporary-failure' ? found : { kind: 'no-such-record' }
}
