// check_host(): whether a domain lets an address send for it. No I/O: it yields what is to be asked of DNS.
// Law: an error is never a pass; terms are taken in their order; each lookup is counted before it is made.
// RFC 7208 §4 (check_host), §5 (mechanisms), §6 (modifiers)

import { type IpAddress, parseDomainName, unmapIpAddress } from '@scop/identifiers'
import { decodeLatin1 } from '@scop/octets'
import { dnsName, isNameAtOrBelow, policyName } from './dns-name.ts'
import { SPF_LIMITS, type SpfLimits } from './limits.ts'
import { type Asking, askOne, isInNetwork, Lookups, type SpfAnswer, type SpfQuestion, Stop } from './lookups.ts'
import { expandMacroString, type MacroString, needsValidatedName, parseMacroString } from './macro-string.ts'
import { type DomainTrace, type SpfOutcome, type SpfProblem, type SpfWord, type TermTrace, wordOf } from './outcome.ts'
import { isSpfRecord, type Mechanism, parseSpfRecord, type SpfRecord } from './record.ts'
import { PERMIT, VerifiedSpf } from './verified-spf.ts'

export type SpfRequest = {
  readonly client: IpAddress
  /** As the client said it; need not be a name. */
  readonly helo: string
  /** undefined: the null reverse-path, or a check of HELO itself. Then the sender is postmaster@HELO. RFC 7208 §2.4 */
  readonly mailFrom: { readonly localPart: string; readonly domain: string } | undefined
  /** Our own name, for `%{r}`. */
  readonly receiver?: string
  /** Seconds since 1970, for `%{t}`. */
  readonly nowSeconds: number
  /** Ask for the domain's explanation where it refuses. Default true. */
  readonly explain?: boolean
  readonly limits?: SpfLimits
}

/** Yields questions, is given their answers in the same order, and returns the outcome. */
export function* checkHost(request: SpfRequest): Asking<SpfOutcome> {
  const check = new Check(request)
  const { identity, domain } = check
  const name = policyName(domain)
  const trace: DomainTrace =
    name === undefined
      ? { domain, record: undefined, terms: [], result: 'none', problem: { kind: 'not-a-policy-domain' } }
      : yield* check.evaluate(name)
  const { result } = trace
  const decided = decidingTerm(trace)
  const explanation = result === 'fail' && request.explain !== false ? yield* check.explain(trace) : undefined
  const proven = result === 'pass' ? parseDomainName(domain) : undefined
  return {
    result,
    identity,
    domain: name ?? domain,
    client: check.lookups.client,
    decidedBy: decided,
    problem: trace.problem,
    explanation,
    lookups: check.lookups.count,
    voidLookups: check.lookups.voids,
    trace,
    proof: proven?.ok ? new VerifiedSpf(PERMIT, proven.value, identity, check.lookups.client) : undefined,
  }
}

/** Runs a check to its end; `ask` answers each round of questions, and must not reject. */
export async function runCheck(
  check: Generator<readonly SpfQuestion[], SpfOutcome, readonly SpfAnswer[]>,
  ask: (question: SpfQuestion) => Promise<SpfAnswer>,
): Promise<SpfOutcome> {
  let step = check.next([])
  while (step.done !== true) step = check.next(await Promise.all(step.value.map(ask)))
  return step.value
}

type Found = { readonly matches: boolean; readonly found?: string; readonly nested?: DomainTrace } | Stop

class Check {
  readonly identity: 'mailfrom' | 'helo'
  readonly domain: string
  readonly lookups: Lookups
  readonly #request: SpfRequest
  readonly #sender: { readonly localPart: string; readonly domain: string }
  readonly #records = new Map<DomainTrace, SpfRecord>()

  constructor(request: SpfRequest) {
    const { mailFrom, helo } = request
    this.#request = request
    this.identity = mailFrom === undefined ? 'helo' : 'mailfrom'
    this.domain = mailFrom?.domain ?? helo
    const localPart = mailFrom === undefined || mailFrom.localPart === '' ? 'postmaster' : mailFrom.localPart // §4.3
    this.#sender = { localPart, domain: this.domain }
    this.lookups = new Lookups(unmapIpAddress(request.client), request.limits ?? SPF_LIMITS)
  }

  *evaluate(domain: string): Asking<DomainTrace> {
    const read = yield* this.#readRecord(domain)
    if ('kind' in read) return { domain, record: undefined, terms: [], result: wordOf(read), problem: read }
    const parsed = parseSpfRecord(read.text, this.lookups.limits)
    const terms: TermTrace[] = []
    const end = (result: SpfWord, problem?: SpfProblem): DomainTrace => {
      const trace = { domain, record: read.text, terms, result, problem }
      if (parsed.ok) this.#records.set(trace, parsed.value)
      return trace
    }
    if (!parsed.ok) return end('permerror', { kind: 'bad-record', error: parsed.error })
    for (const mechanism of parsed.value.mechanisms) {
      const target = yield* this.#target(mechanism, domain)
      const found = yield* this.#match(mechanism, target)
      const note = { term: mechanism.source, target: target ?? undefined }
      if (found instanceof Stop) {
        terms.push({ ...note, found: undefined, outcome: 'error', nested: undefined })
        return end(wordOf(found.problem), found.problem)
      }
      const error = found.nested !== undefined && isError(found.nested.result)
      const outcome = error ? 'error' : found.matches ? 'match' : 'no-match'
      terms.push({ ...note, found: found.found, outcome, nested: found.nested })
      if (found.nested !== undefined && error) return end(found.nested.result, found.nested.problem)
      if (found.matches) return end(RESULTS[mechanism.qualifier])
    }
    const { redirect } = parsed.value
    if (redirect === undefined) return end('neutral') // §4.7
    return yield* this.#redirect(redirect, domain, terms, end)
  }

  /** The explanation of the record that refused; one behind an include has no say. RFC 7208 §6.2 */
  *explain(trace: DomainTrace): Asking<string | undefined> {
    let decided = trace
    for (;;) {
      const last = decided.terms.at(-1)
      if (last?.nested === undefined || !last.term.startsWith(REDIRECT)) break
      decided = last.nested
    }
    const spec = this.#records.get(decided)?.explanation
    if (spec === undefined) return undefined
    const name = dnsName(yield* this.#expand(spec, decided.domain))
    if (name === undefined) return undefined
    const answer = yield* askOne({ name, type: 'TXT' })
    const [text, ...more] = answer.kind === 'texts' ? answer.texts : []
    if (text === undefined || more.length > 0 || text.length > this.lookups.limits.recordOctets) return undefined
    const macro = parseMacroString(decodeLatin1(text), true)
    if (!macro.ok) return undefined
    const explanation = yield* this.#expand(macro.value, decided.domain, this.lookups.limits.explanationOctets)
    return explanation.replace(NOT_PRINTABLE, '?').slice(0, this.lookups.limits.explanationOctets)
  }

  *#redirect(
    spec: MacroString,
    domain: string,
    terms: TermTrace[],
    end: (result: SpfWord, problem?: SpfProblem) => DomainTrace,
  ): Asking<DomainTrace> {
    const term = `${REDIRECT}${spec.source}`
    const target = dnsName(yield* this.#expand(spec, domain))
    const refuse = (problem: SpfProblem): DomainTrace => {
      terms.push({ term, target, found: undefined, outcome: 'error', nested: undefined })
      return end(wordOf(problem), problem)
    }
    const stop = this.lookups.begin()
    if (stop !== undefined) return refuse(stop.problem)
    if (target === undefined) return refuse({ kind: 'target-not-a-domain', target: spec.source })
    const nested = yield* this.evaluate(target)
    const problem: SpfProblem | undefined =
      nested.result === 'none' ? { kind: 'target-without-record', target } : nested.problem
    const result = nested.result === 'none' ? 'permerror' : nested.result // §6.1
    terms.push({ term, target, found: undefined, outcome: isError(result) ? 'error' : 'match', nested })
    return end(result, problem)
  }

  /** The one SPF record of a domain. RFC 7208 §4.4, §4.5 */
  *#readRecord(domain: string): Asking<{ readonly text: string } | SpfProblem> {
    const answer = yield* askOne({ name: domain, type: 'TXT' })
    if (answer.kind === 'temporary-failure') return { kind: 'dns-unavailable' }
    const texts = answer.kind === 'texts' ? answer.texts.map(decodeLatin1).filter(isSpfRecord) : []
    const [text, ...more] = texts
    if (text === undefined) return { kind: 'no-record' }
    return more.length > 0 ? { kind: 'several-records' } : { text }
  }

  /** The name that a term is about; null where its macros do not give a name of the DNS. */
  *#target(mechanism: Mechanism, domain: string): Asking<string | null | undefined> {
    if (!('target' in mechanism)) return undefined
    if (mechanism.target === undefined) return domain
    return dnsName(yield* this.#expand(mechanism.target, domain)) ?? null
  }

  *#match(mechanism: Mechanism, target: string | null | undefined): Asking<Found> {
    const { lookups } = this
    if (mechanism.kind === 'all') return { matches: true }
    if (mechanism.kind === 'ip4' || mechanism.kind === 'ip6')
      return { matches: isInNetwork(lookups.client, mechanism.network, mechanism.bits) }
    const stop = lookups.begin()
    if (stop !== undefined) return stop
    const name = target ?? undefined
    if (mechanism.kind === 'include') return yield* this.#include(name, mechanism.target.source)
    if (name === undefined) return { matches: false, found: 'no name of the DNS' } // §4.8
    switch (mechanism.kind) {
      case 'a': {
        const addresses = yield* lookups.records(name, lookups.addressType)
        if (addresses instanceof Stop) return addresses
        return this.#within(addresses, mechanism)
      }
      case 'mx':
        return yield* this.#mailExchangers(name, mechanism)
      case 'exists': {
        const addresses = yield* lookups.records(name, 'A') // §5.7: A even for a client that has IPv6
        if (addresses instanceof Stop) return addresses
        return { matches: addresses.length > 0, found: shown(addresses) }
      }
      case 'ptr': {
        const names = yield* lookups.validatedNames()
        return { matches: names.some((one) => isNameAtOrBelow(one, name)), found: shown(names) }
      }
    }
  }

  *#include(name: string | undefined, source: string): Asking<Found> {
    if (name === undefined) return new Stop({ kind: 'target-not-a-domain', target: source })
    const nested = yield* this.evaluate(name)
    if (nested.result !== 'none') return { matches: nested.result === 'pass', nested }
    return {
      matches: false,
      nested: { ...nested, result: 'permerror', problem: { kind: 'target-without-record', target: name } },
    } // §5.2
  }

  *#mailExchangers(name: string, mechanism: { readonly bits4: number; readonly bits6: number }): Asking<Found> {
    const { lookups } = this
    const hosts = yield* lookups.records(name, 'MX')
    if (hosts instanceof Stop) return hosts
    const limit = lookups.limits.mxHosts
    if (hosts.length > limit) return new Stop({ kind: 'too-many-mx-hosts', limit }) // §4.6.4
    const names = hosts.flatMap((host) => dnsName(host) ?? [])
    const answers = names.length === 0 ? [] : yield names.map((host) => ({ name: host, type: lookups.addressType }))
    for (const answer of answers) {
      if (answer.kind === 'temporary-failure') return new Stop({ kind: 'dns-unavailable' })
      const found = this.#within(answer.kind === 'records' ? answer.records : [], mechanism)
      if (found.matches) return found
    }
    return { matches: false, found: shown(names) }
  }

  #within(
    addresses: readonly string[],
    { bits4, bits6 }: { readonly bits4: number; readonly bits6: number },
  ): { readonly matches: boolean; readonly found: string } {
    const { client, addressType } = this.lookups
    const bits = addressType === 'A' ? bits4 : bits6
    return { matches: addresses.some((address) => isInNetwork(client, address, bits)), found: shown(addresses) }
  }

  *#expand(macro: MacroString, domain: string, maxCharacters: number = LONGEST_EXPANSION): Asking<string> {
    const { helo, receiver, nowSeconds } = this.#request
    const validatedName = needsValidatedName(macro) ? yield* this.lookups.shownName(domain) : ''
    const values = { sender: this.#sender, domain, client: this.lookups.client, validatedName, helo, nowSeconds }
    return expandMacroString(macro, { ...values, receiver: receiver ?? 'unknown' }, maxCharacters)
  }
}

/** The mechanism that the result comes from: a redirect hands the decision on, an include keeps it. */
function decidingTerm(trace: DomainTrace): SpfOutcome['decidedBy'] {
  const last = trace.terms.at(-1)
  if (last === undefined || last.outcome !== 'match') return undefined
  if (last.nested !== undefined && last.term.startsWith(REDIRECT)) return decidingTerm(last.nested)
  return { domain: trace.domain, term: last.term }
}

const isError = (result: SpfWord): boolean => result === 'temperror' || result === 'permerror'

function shown(records: readonly string[]): string {
  if (records.length === 0) return 'nothing'
  const more = records.length > SHOWN ? ` and ${records.length - SHOWN} more` : ''
  return `${records.slice(0, SHOWN).join(', ')}${more}`
}

const RESULTS = { '+': 'pass', '-': 'fail', '~': 'softfail', '?': 'neutral' } as const
const REDIRECT = 'redirect='
const SHOWN = 4
const LONGEST_EXPANSION = 4096 // a name keeps its last 253 octets; what would be longer than this is cut where it begins
const NOT_PRINTABLE = /[^\x20-\x7e]/gu
