// What the resolver answers of itself or refuses, without looking anything up.
// RFC 4892 (version.bind, id.server), RFC 8482 §4 (ANY), RFC 5936 §2.1 and RFC 1995 (transfers are not for resolvers)

import { chaosRdata, CLASS, isMetaType, type Question, RCODE, TXT, TYPE_ANY } from '@scop/dns'
import type { ResolverConfig } from './config.ts'
import { EDE, why } from './environment.ts'
import type { Outcome } from './outcome.ts'
import { TRUST } from './rrset.ts'

/** The answer, if the question is one of these. */
export function answerOwn(question: Question, config: ResolverConfig): Outcome | undefined {
  const { name, type, class: klass } = question
  if (type !== TYPE_ANY && isMetaType(type)) {
    const rcode = type === TYPE_AXFR || type === TYPE_IXFR ? RCODE.REFUSED : RCODE.FORMERR
    return { ...EMPTY_OUTCOME, rcode, ede: why(EDE.NOT_SUPPORTED, 'no such question to a resolver') }
  }
  if (klass !== CLASS.CH) return undefined
  const rdata = chaosRdata(name, type, config)
  if (rdata === undefined) return { ...EMPTY_OUTCOME, rcode: RCODE.REFUSED }
  const rrset = {
    name,
    type: TXT.code,
    class: klass,
    ttlSeconds: 0,
    rdatas: [rdata],
    signatures: [],
    trust: TRUST.ultimate,
  } as const
  return { ...EMPTY_OUTCOME, answer: [{ ...rrset, security: 'insecure' }], authoritative: true }
}

export const EMPTY_OUTCOME: Outcome = {
  status: 'insecure',
  rcode: RCODE.NOERROR,
  answer: [],
  authority: [],
  additional: [],
  ede: [],
  ttlSeconds: 0,
  stale: false,
  authoritative: false,
}
const TYPE_AXFR = 252
const TYPE_IXFR = 251
