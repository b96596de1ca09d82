// Whether a message passes DMARC. No I/O: it yields what is to be asked of DNS.
// Law: only proofs count; a failure of DNS is neither pass nor fail; what cannot change the result is not asked.
// RFC 9989 §5.3.2 to §5.3.6 (steps), §4.4 (alignment), §4.10.1 (which tag); RFC 7489 §6.6.4 (pct)

import { VerifiedSignature } from '@scop/dkim'
import { type DomainName, isAtOrBelow } from '@scop/identifiers'
import { VerifiedSpf } from '@scop/spf'
import type { AuthorDomain } from './author-domain.ts'
import {
  Answers,
  type Asking,
  type DmarcAnswer,
  type DmarcQuestion,
  inheritedRecord,
  organizationalDomain,
  shareAName,
  type Walk,
} from './discovery.ts'
import { DMARC_LIMITS, type DmarcLimits } from './limits.ts'
import type { Alignment, DmarcRecord, ParsedRecord, Policy } from './record.ts'
import {
  type AppliedPolicy,
  type DmarcOutcome,
  type DmarcVerdict,
  easedPolicy,
  type IdentifierAlignment,
} from './verdict.ts'
import { PERMIT, VerifiedAuthor } from './verified-author.ts'

export type DmarcRequest = {
  readonly author: AuthorDomain
  readonly spfProof: VerifiedSpf | undefined
  /** The reverse-path was `<>`: then a pass of HELO is one of MAIL FROM. RFC 9989 §3.2.4, RFC 7208 §2.4. Default false. */
  readonly nullSender?: boolean
  readonly signatures: readonly VerifiedSignature[]
  /** 0 to 99, by chance or by the message: a record with pct=N asks for its policy where this is below N. */
  readonly sample: number
  readonly limits?: DmarcLimits
}

/** Yields questions, is given their answers in the same order, and returns the verdict. */
export function* evaluateDmarc(request: DmarcRequest): Asking<DmarcVerdict> {
  const evaluation = new Evaluation(request)
  const outcome = yield* evaluation.run()
  return evaluation.verdict(outcome)
}

/** Runs an evaluation to its end; `ask` answers each question, and must not reject. */
export async function runEvaluation(
  evaluation: Asking<DmarcVerdict>,
  ask: (question: DmarcQuestion) => Promise<DmarcAnswer>,
): Promise<DmarcVerdict> {
  let step = evaluation.next([])
  while (step.done !== true) step = evaluation.next(await Promise.all(step.value.map(ask)))
  return step.value
}

type Identifier = {
  readonly mechanism: 'spf' | 'dkim'
  readonly domain: DomainName
  readonly selector: string | undefined
}

class Evaluation {
  readonly #author: DomainName
  readonly #request: DmarcRequest
  readonly #limits: DmarcLimits
  readonly #answers: Answers
  readonly #steps: string[] = []
  readonly #alignments: IdentifierAlignment[] = []
  #walk: Walk | undefined
  #policy: AppliedPolicy | undefined

  constructor(request: DmarcRequest) {
    const { author, sample, limits = DMARC_LIMITS } = request
    if (!(sample >= 0 && sample < 100)) throw new Error(`Cannot evaluate DMARC: sample ${sample} is not in 0..99`)
    this.#author = author.domain
    this.#request = request
    this.#limits = limits
    this.#answers = new Answers(limits)
  }

  *run(): Asking<DmarcOutcome> {
    const found = yield* this.#findRecord()
    if (typeof found === 'string') return found
    const { domain, parsed } = found
    if (parsed.badTags.length > 0)
      this.#say(`tags that cannot be read stand at their default: ${parsed.badTags.join(', ')}`)
    if (parsed.record.policy === undefined) {
      this.#say(`the record of ${domain} asks for nothing that can be read, and wants no reports: DMARC is not applied`)
      return 'permerror'
    }
    const aligned = yield* this.#findAligned(parsed.record)
    const exists = aligned === 'pass' || domain === this.#author ? true : yield* this.#authorExists(parsed.record)
    if (exists === 'temporary-failure') return 'temperror'
    this.#apply(domain, parsed.record, parsed.record.policy, exists)
    return aligned
  }

  verdict(outcome: DmarcOutcome): DmarcVerdict {
    const author = this.#author
    return {
      outcome,
      author,
      policy: this.#policy,
      organizationalDomain: this.#walk && organizationalDomain(this.#walk),
      identifiers: this.#alignments,
      steps: this.#steps,
      queries: this.#answers.count,
      proof: outcome === 'pass' ? new VerifiedAuthor(PERMIT, author) : undefined,
    }
  }

  /** The record that speaks for the author. RFC 9989 §4.10.1 */
  *#findRecord(): Asking<{ readonly domain: DomainName; readonly parsed: ParsedRecord } | DmarcOutcome> {
    const own = yield* this.#answers.record(this.#author)
    this.#say(`asked _dmarc.${this.#author}: ${FOUND[typeof own === 'string' ? own : 'record']}`)
    if (own === 'temporary-failure') return 'temperror'
    if (typeof own !== 'string') return { domain: this.#author, parsed: own }
    const organization = yield* this.#authorOrganization()
    if (organization === undefined || this.#walk === undefined) return 'temperror'
    const inherited = inheritedRecord(this.#walk)
    if (inherited !== undefined) return inherited
    this.#say('no policy stands at the author domain or above it')
    return 'none'
  }

  /** Walks from the author, once. undefined: DNS failed on the way. */
  *#authorOrganization(): Asking<DomainName | undefined> {
    if (this.#walk === undefined) {
      const [walk] = yield* this.#answers.walks([this.#author])
      if (walk === undefined) throw new Error('Cannot evaluate DMARC: a walk was not walked')
      this.#walk = walk
      for (const { domain, found } of walk.steps.slice(1))
        this.#say(`asked _dmarc.${domain}: ${FOUND[typeof found === 'string' ? found : 'record']}`)
      const organization = organizationalDomain(walk)
      if (organization !== undefined) this.#say(`the author's organisational domain is ${organization}`)
    }
    return organizationalDomain(this.#walk)
  }

  /** RFC 9989 §4.10.2: what is equal needs no walk; what is outside the author's organisation cannot be of it. */
  *#findAligned(record: DmarcRecord): Asking<'pass' | 'fail' | 'temperror'> {
    const identifiers = this.#identifiers()
    if (identifiers.length === 0) this.#say('neither SPF nor DKIM verified any domain')
    const open: Identifier[] = []
    let aligned = false
    for (const identifier of identifiers) {
      const mode = modeOf(identifier, record)
      if (identifier.domain === this.#author) {
        this.#note(identifier, mode, true, undefined, 'it is the author domain')
        aligned = true
      } else if (mode === 'strict') this.#note(identifier, mode, false, undefined, `the author's is ${this.#author}`)
      else if (!shareAName(identifier.domain, this.#author))
        this.#note(identifier, mode, false, undefined, `it has no name in common with ${this.#author}`)
      else open.push(identifier)
    }
    if (aligned) return 'pass'
    if (open.length === 0) return 'fail'
    const organization = yield* this.#authorOrganization()
    if (organization === undefined) return 'temperror'
    return yield* this.#compare(open, organization)
  }

  /** Relaxed alignment: both have one organisational domain. */
  *#compare(identifiers: readonly Identifier[], organization: DomainName): Asking<'pass' | 'fail' | 'temperror'> {
    const inside = identifiers.filter(({ domain }) => isAtOrBelow(domain, organization))
    const starts = [...new Set(inside.map(({ domain }) => domain))]
    const walks = yield* this.#answers.walks(starts)
    let result: 'pass' | 'fail' | 'temperror' = 'fail'
    for (const identifier of identifiers) {
      const walk = walks.find(({ start }) => start === identifier.domain)
      if (walk === undefined) {
        const why = `it is outside the author's organisational domain ${organization}`
        this.#note(identifier, 'relaxed', false, undefined, why)
        continue
      }
      const own = organizationalDomain(walk)
      if (own === undefined) {
        this.#say(`${nameOf(identifier)}: DNS did not answer where its organisation ends`)
        if (result === 'fail') result = 'temperror'
        continue
      }
      const aligned = own === organization
      this.#note(identifier, 'relaxed', aligned, own, `organisational domain ${own}, author's ${organization}`)
      if (aligned) result = 'pass'
    }
    return result
  }

  /** Asked only where np= would be another policy than sp= or p=. */
  *#authorExists(record: DmarcRecord): Asking<boolean | 'temporary-failure'> {
    const otherwise = record.subdomainPolicy ?? record.policy
    if (record.nonexistentPolicy === undefined || record.nonexistentPolicy === otherwise) return true
    const exists = yield* this.#answers.exists(this.#author)
    const found = exists === 'temporary-failure' ? 'no answer' : exists ? 'it does' : 'it does not'
    this.#say(`asked whether ${this.#author} exists: ${found}`)
    return exists
  }

  #apply(domain: DomainName, record: DmarcRecord, policy: Policy, exists: boolean): void {
    const { subdomainPolicy: sp, nonexistentPolicy: np } = record
    const own = domain === this.#author
    const tag = own ? 'p' : !exists && np !== undefined ? 'np' : sp !== undefined ? 'sp' : 'p'
    const published = (tag === 'p' ? policy : tag === 'sp' ? sp : np) ?? policy
    const sampledOut = record.percent !== undefined && this.#request.sample >= record.percent
    const eased = record.testing ? 'testing' : sampledOut ? 'not-sampled' : undefined
    const requested = eased === undefined ? published : easedPolicy(published)
    this.#policy = { requested, published, tag, domain, record, eased }
    const why = own ? 'author domain has a record of its own' : `from the record of ${domain}`
    this.#say(`${tag}=${published} applies: ${why}`)
    if (record.testing) this.#say(`t=y: ${requested} is asked for instead`)
    else if (sampledOut)
      this.#say(`pct=${record.percent}, sample ${this.#request.sample}: ${requested} is asked for instead`)
  }

  #identifiers(): readonly Identifier[] {
    const { spfProof, signatures, nullSender = false } = this.#request
    const found: Identifier[] = []
    if (spfProof !== undefined) {
      if (!VerifiedSpf.isProof(spfProof)) throw new Error('Cannot evaluate DMARC: the SPF proof is none')
      const { domain, identity } = spfProof
      if (identity === 'mailfrom' || nullSender) found.push({ mechanism: 'spf', domain, selector: undefined })
      else this.#say(`SPF ${domain}: HELO passed, not MAIL FROM, and does not count`)
    }
    if (!signatures.every((signature) => VerifiedSignature.isProof(signature)))
      throw new Error('Cannot evaluate DMARC: a DKIM proof is none')
    for (const { domain, selector } of signatures.slice(0, this.#limits.signatures))
      found.push({ mechanism: 'dkim', domain, selector })
    const ignored = signatures.length - this.#limits.signatures
    if (ignored > 0) this.#say(`${ignored} more signatures are not looked at`)
    return found
  }

  #note(
    identifier: Identifier,
    mode: Alignment,
    aligned: boolean,
    organization: DomainName | undefined,
    why: string,
  ): void {
    this.#alignments.push({ ...identifier, mode, aligned, organizationalDomain: organization })
    this.#say(`${nameOf(identifier)} is ${aligned ? '' : 'not '}aligned (${mode}): ${why}`)
  }

  #say(sentence: string): void {
    this.#steps.push(sentence)
  }
}

const modeOf = ({ mechanism }: Identifier, record: DmarcRecord): Alignment =>
  mechanism === 'spf' ? record.spfAlignment : record.dkimAlignment

const nameOf = ({ mechanism, domain, selector }: Identifier): string =>
  mechanism === 'spf' ? `SPF ${domain}` : `DKIM ${domain} (${selector})`

const FOUND = {
  record: 'found',
  none: 'no record',
  several: 'several records, of which none counts',
  'temporary-failure': 'no answer',
} as const
