// What can be wrong with a signed zone, one word for each.      RFC 4035 §2, RFC 5155 §7.1, RFC 7344 §4.1, RFC 8976 §4

import type { Name } from '@scop/dns'

export type ZoneFinding = {
  /** Errors make a validator refuse, or may; warnings do not. */
  readonly severity: 'error' | 'warning'
  readonly kind:
    | 'no-dnskey'
    | 'dnskey-not-at-apex'
    | 'dnskey-malformed'
    | 'algorithm-unsupported'
    | 'ds-of-no-key'
    | 'ds-without-delegation'
    | 'signature-missing'
    | 'signature-refused'
    | 'signature-of-unknown-key'
    | 'signature-of-nothing'
    | 'signature-not-wanted'
    | 'signature-ttl-differs'
    | 'no-denial'
    | 'denial-ttl-differs'
    | 'nsec-missing'
    | 'nsec-not-wanted'
    | 'nsec-repeated'
    | 'nsec-next-wrong'
    | 'nsec-types-wrong'
    | 'nsec3param-malformed'
    | 'nsec3-iterations'
    | 'nsec3-missing'
    | 'nsec3-of-no-name'
    | 'nsec3-owner-malformed'
    | 'nsec3-parameters-differ'
    | 'nsec3-next-wrong'
    | 'nsec3-types-wrong'
    | 'cds-not-at-apex'
    | 'cds-of-no-key'
    | 'cds-not-signed-by-its-key'
    | 'cds-and-cdnskey-differ'
    | 'cds-deletion-not-alone'
    | 'zonemd-refused'
  readonly name: Name
  readonly type?: number
  /** The kind of a refusal, an algorithm. */
  readonly detail?: string
}

/** Gathers findings up to a bound; what is over it is counted. */
export class Findings {
  readonly list: ZoneFinding[] = []
  left = 0
  readonly #maximum: number

  constructor(maximum: number) {
    this.#maximum = maximum
  }

  error(kind: ZoneFinding['kind'], name: Name, more: { readonly type?: number; readonly detail?: string } = {}): void {
    this.#add({ severity: 'error', kind, name, ...more })
  }

  warning(
    kind: ZoneFinding['kind'],
    name: Name,
    more: { readonly type?: number; readonly detail?: string } = {},
  ): void {
    this.#add({ severity: 'warning', kind, name, ...more })
  }

  #add(finding: ZoneFinding): void {
    if (this.list.length < this.#maximum) this.list.push(finding)
    else this.left++
  }
}
