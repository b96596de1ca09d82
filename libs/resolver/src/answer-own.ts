// What the resolver answers of itself or refuses, without looking anything up.
// RFC 4892 (version.bind, id.server), RFC 8482 §4 (ANY), RFC 5936 §2.1 and RFC 1995 (transfers are not for resolvers)

import {
  CLASS,
  encodeRdata,
  isMetaType,
  type Name,
  parseName,
  type Question,
  RCODE,
  ROOT,
  TXT,
  TYPE_ANY,
} from '@scop/dns'
import { encodeLatin1 } from '@scop/octets'
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
  const text = chaosText(name, config)
  if (text === undefined || (type !== TXT.code && type !== TYPE_ANY)) return { ...EMPTY_OUTCOME, rcode: RCODE.REFUSED }
  const rdatas = [encodeRdata(TXT, { strings: [encodeLatin1(text)] })]
  const rrset = {
    name,
    type: TXT.code,
    class: klass,
    ttlSeconds: 0,
    rdatas,
    signatures: [],
    trust: TRUST.ultimate,
  } as const
  return { ...EMPTY_OUTCOME, answer: [{ ...rrset, security: 'insecure' }], authoritative: true }
}

function chaosText(name: Name, config: ResolverConfig): string | undefined {
  if (VERSION_KEYS.has(name.key)) return config.version
  if (IDENTITY_KEYS.has(name.key)) return config.identity
  return undefined
}

function keysOf(...texts: string[]): ReadonlySet<string> {
  return new Set(
    texts.map((text) => {
      const name = parseName(text, ROOT)
      return name.ok ? name.value.key : ''
    }),
  )
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
const VERSION_KEYS = keysOf('version.bind', 'version.server')
const IDENTITY_KEYS = keysOf('hostname.bind', 'id.server')
const TYPE_AXFR = 252
const TYPE_IXFR = 251
