// What can be told without asking anyone.
// RFC 1034 §5.3.3 step 1, RFC 8020 §2 (nothing below), RFC 6672 §5.3.2 (DNAME), RFC 8198 §5 (synthesis), RFC 4035 §4.5

import {
  A,
  AAAA,
  CLASS,
  decodeRdata,
  type Name,
  CNAME,
  DNAME,
  DNSKEY,
  DS,
  equalNames,
  equalRdata,
  isAtOrBelow,
  NS,
  parentName,
  type Question,
  RCODE,
  ROOT,
  TYPE_ANY,
} from '@scop/dns'
import { closest, type Environment } from './environment.ts'
import { counted } from './message-cache.ts'
import { EMPTY_OUTCOME } from './answer-own.ts'
import type { Fetched, Outcome } from './outcome.ts'
import type { Rrset } from './rrset.ts'
import type { CachedRrset } from './rrset-cache.ts'
import { substitute, synthesised } from './scrub.ts'

/** `validated`: whether denials that were proven may speak for names that nobody asked for. */
export function cachedAnswer(env: Environment, question: Question, validated: boolean): Fetched | undefined {
  const { messages, rrsets, clock } = env
  const { nowMs } = clock
  const { name, type, class: klass } = question
  const message = messages.find(question, nowMs)
  if (message !== undefined) return message.fetched
  if (type === TYPE_ANY || klass === CLASS.ANY) return undefined
  if (type === DS.code || type === DNSKEY.code || type === CNAME.code) {
    const known = rrsets.find(name, type, nowMs, klass)
    if (known !== undefined) return single(question, known, nowMs)
  }
  if (type !== DS.code) {
    const alias = rrsets.find(name, CNAME.code, nowMs, klass)
    if (alias !== undefined && alias.rrset.security !== 'bogus') return aliasAnswer(env, question, alias)
  }
  const moved = cachedDname(env, question)
  if (moved !== undefined) return moved
  // What others say does not reach into zones whose servers are known by configuration.
  const apex = closest([...env.config.stubs, ...env.config.forwards], (zone) => isAtOrBelow(name, zone))?.zone
  const cut = messages.findCut(name, nowMs, klass, apex)
  if (cut !== undefined) return { ...cut, question }
  if (!validated || env.validator === undefined || klass !== CLASS.IN) return undefined
  const made = env.validator.synthesise(question, { config: env.config, nowMs: () => nowMs, cache: rrsets })
  return made === undefined || apex === undefined || isAtOrBelow(made.zone, apex) ? made : undefined
}

/** A CNAME that a DNAME stands for has no signatures of its own: it is told with the DNAME, or not at all. RFC 6672 §5.3.1 */
function aliasAnswer(env: Environment, question: Question, alias: CachedRrset): Fetched | undefined {
  const { nowMs } = env.clock
  const fetched = single(question, alias, nowMs)
  if (alias.rrset.signatures.length > 0) return fetched
  for (let at = parentName(question.name); at !== undefined; at = parentName(at)) {
    const known = env.rrsets.find(at, DNAME.code, nowMs, question.class)
    if (known === undefined || known.rrset.security === 'bogus') continue
    const dname = counted(known, nowMs)
    const target = substitute(question.name, dname)
    const told = alias.rrset.rdatas[0]
    const cname = target === undefined ? undefined : synthesised(question.name, target, dname)
    if (cname === undefined || told === undefined || !equalRdata(CNAME.code, told, cname.rdatas[0] ?? told)) continue
    return { ...single(question, known, nowMs), answer: [dname, cname] }
  }
  return alias.rrset.security === 'secure' ? undefined : fetched
}

/** Unsigned DNAMEs are asked for again each time: one that somebody forged would move everything below it. */
function cachedDname(env: Environment, question: Question): Fetched | undefined {
  const { nowMs } = env.clock
  for (let at = parentName(question.name); at !== undefined; at = parentName(at)) {
    const known = env.rrsets.find(at, DNAME.code, nowMs, question.class)
    // Below a delegation the DNAME of the parent says nothing.
    if (known === undefined) {
      if (env.rrsets.find(at, NS.code, nowMs, question.class) !== undefined) return undefined
      continue
    }
    if (known.rrset.security !== 'secure') return undefined
    const dname = counted(known, nowMs)
    const target = substitute(question.name, dname)
    const fetched = single(question, known, nowMs)
    if (target === undefined) return { ...fetched, rcode: RCODE.YXDOMAIN }
    return { ...fetched, answer: [dname, synthesised(question.name, target, dname)] }
  }
  return undefined
}

/** The closest name servers that are known: what a question without RD gets when the answer is not known. RFC 1034 §4.3.2 */
export function cachedReferral(env: Environment, { name, class: klass }: Question): Outcome {
  const { nowMs } = env.clock
  for (let at: Name | undefined = name; at !== undefined; at = parentName(at)) {
    const known = env.rrsets.find(at, NS.code, nowMs, klass)
    if (known === undefined || known.rrset.security === 'bogus') continue
    const ns = counted(known, nowMs)
    const additional: Rrset[] = []
    for (const rdata of ns.rdatas) {
      const host = decodeRdata(NS, rdata)
      for (const type of host.ok ? [A.code, AAAA.code] : []) {
        const address = host.ok ? env.rrsets.find(host.value.name, type, nowMs, klass) : undefined
        if (address !== undefined) additional.push(counted(address, nowMs))
      }
    }
    return { ...EMPTY_OUTCOME, authority: [ns], additional, ttlSeconds: ns.ttlSeconds }
  }
  return EMPTY_OUTCOME
}

function single(question: Question, known: CachedRrset, nowMs: number): Fetched {
  const rrset = counted(known, nowMs)
  return {
    question,
    rcode: RCODE.NOERROR,
    answer: [rrset],
    authority: [],
    additional: [],
    zone: equalNames(rrset.name, ROOT) ? ROOT : rrset.name,
    security: rrset.security,
    ttlSeconds: rrset.ttlSeconds,
    ede: [],
    stale: false,
  }
}
