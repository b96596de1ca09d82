// DMARC over what was proved of one message: its result, and what the policy wants to know of it.
// RFC 9989 §5.3, §11.5 (a From without one author passes nothing)

import {
  type AuthorDomain,
  type AuthorError,
  authorErrorResult,
  describeAuthorError,
  type DmarcAnswer,
  type DmarcQuestion,
  dmarcResult,
  evaluateDmarc,
  runEvaluation,
} from '@scop/dmarc'
import type { VerifiedSignature } from '@scop/dkim'
import type { MethodResult } from '@scop/mime'
import type { Result } from '@scop/result'
import type { SpfOutcome } from '@scop/spf'
import { askTexts, askWithin, type Dns } from './ask-dns.ts'
import type { Findings } from './policy.ts'

export type DmarcChecked = { readonly result: MethodResult; readonly findings: Pick<Findings, 'author' | 'dmarc'> }

export async function checkDmarc(options: {
  readonly author: Result<AuthorDomain, AuthorError>
  readonly spf: SpfOutcome | undefined
  readonly proofs: readonly VerifiedSignature[]
  readonly nullSender: boolean
  readonly sample: number
  readonly dns: Dns
}): Promise<DmarcChecked> {
  const { author, spf, proofs, nullSender, sample, dns } = options
  if (!author.ok) {
    const reason = describeAuthorError(author.error)
    return {
      result: authorErrorResult(author.error),
      findings: { author: { kind: 'unreadable', reason }, dmarc: undefined },
    }
  }
  const request = { author: author.value, spfProof: spf?.proof, nullSender, signatures: proofs, sample }
  const verdict = await askWithin(dns, WALK_SECONDS, (within) =>
    runEvaluation(evaluateDmarc(request), (question) => answer(within, question)),
  )
  const { outcome, policy } = verdict
  const dmarc = { result: outcome, domain: verdict.author, requested: policy?.requested ?? 'none' }
  return { result: dmarcResult(verdict), findings: { author: { kind: 'readable' }, dmarc } }
}

async function answer({ ask, exists }: Dns, { kind, name }: DmarcQuestion): Promise<DmarcAnswer> {
  return kind === 'exists' ? exists(name) : askTexts(ask, name)
}

/** As long as SPF may take. */
const WALK_SECONDS = 20
