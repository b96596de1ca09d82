// What a check asks of DNS, counted against its limits. Questions that do not wait for each other go out together.
// RFC 7208 §4.6.4 (lookup limits), §5.5 (validated names)

import { encodeIpAddress, type IpAddress, ipVersion, isAddressCovered, parseIpAddress } from '@scop/identifiers'
import { dnsName, isNameAtOrBelow } from './dns-name.ts'
import type { SpfLimits } from './limits.ts'
import type { SpfProblem } from './outcome.ts'

export type SpfQuestion = { readonly name: string; readonly type: 'A' | 'AAAA' | 'MX' | 'PTR' | 'TXT' }

export type SpfAnswer =
  /** Addresses, or names of hosts; of MX the lowest preference first. */
  | { readonly kind: 'records'; readonly records: readonly string[] }
  /** Each TXT record, its strings joined. */
  | { readonly kind: 'texts'; readonly texts: readonly Uint8Array[] }
  | { readonly kind: 'no-such-record' }
  | { readonly kind: 'temporary-failure' }

/** Yields questions, is given as many answers in their order. */
export type Asking<T> = Generator<readonly SpfQuestion[], T, readonly SpfAnswer[]>

export class Stop {
  readonly problem: SpfProblem
  constructor(problem: SpfProblem) {
    this.problem = problem
  }
}

export class Lookups {
  readonly client: IpAddress
  readonly limits: SpfLimits
  count = 0
  voids = 0
  #validated: readonly string[] | undefined

  constructor(client: IpAddress, limits: SpfLimits) {
    this.client = client
    this.limits = limits
  }

  /** A term that asks DNS begins. */
  begin(): Stop | undefined {
    const limit = this.limits.lookups
    return ++this.count > limit ? new Stop({ kind: 'too-many-lookups', limit }) : undefined
  }

  /** The records of a term's own name: none at all counts as a void lookup. */
  *records(name: string, type: 'A' | 'AAAA' | 'MX' | 'PTR'): Asking<readonly string[] | Stop> {
    const answer = yield* askOne({ name, type })
    if (answer.kind === 'temporary-failure') return new Stop({ kind: 'dns-unavailable' })
    const records = answer.kind === 'records' ? answer.records : []
    if (records.length > 0) return records
    const limit = this.limits.voidLookups
    return ++this.voids > limit ? new Stop({ kind: 'too-many-void-lookups', limit }) : []
  }

  /** The type of address that the client has. */
  get addressType(): 'A' | 'AAAA' {
    return ipVersion(this.client) === 4 ? 'A' : 'AAAA'
  }

  /** Names of the client that lead back to it; a name that DNS does not answer for is none. RFC 7208 §5.5 */
  *validatedNames(): Asking<readonly string[]> {
    if (this.#validated !== undefined) return this.#validated
    const answer = yield* askOne({ name: reverseName(this.client), type: 'PTR' })
    const names = answer.kind === 'records' ? answer.records.flatMap((text) => dnsName(text) ?? []) : []
    const looked = names.slice(0, this.limits.ptrNames)
    const answers = looked.length === 0 ? [] : yield looked.map((name) => ({ name, type: this.addressType }))
    this.#validated = looked.filter((_, i) => {
      const found = answers[i]
      return found?.kind === 'records' && found.records.some((text) => isInNetwork(this.client, text))
    })
    return this.#validated
  }

  /** The name that `%{p}` stands for. RFC 7208 §7.3 */
  *shownName(domain: string): Asking<string> {
    const names = yield* this.validatedNames()
    const below = names.find((name) => isNameAtOrBelow(name, domain))
    return names.find((name) => name === domain) ?? below ?? names[0] ?? 'unknown'
  }
}

export function* askOne(question: SpfQuestion): Asking<SpfAnswer> {
  const [answer] = yield [question]
  if (answer === undefined) throw new Error(`Cannot check: no answer for ${question.type} of "${question.name}"`)
  return answer
}

/** Whether the client is in the network of the first `bits` (default all) of `address`; of another family never. */
export function isInNetwork(client: IpAddress, address: string, bits?: number): boolean {
  const parsed = parseIpAddress(address)
  if (!parsed.ok) return false
  const octets = encodeIpAddress(parsed.value)
  return isAddressCovered(client, [{ octets, bits: bits ?? octets.length * 8 }])
}

function reverseName(address: IpAddress): string {
  const octets = encodeIpAddress(address)
  if (octets.length === 4) return `${octets.toReversed().join('.')}.in-addr.arpa`
  const nibbles = Array.from(octets, (octet) => `${(octet & 15).toString(16)}.${(octet >> 4).toString(16)}`)
  return `${nibbles.toReversed().join('.')}.ip6.arpa`
}
