// Selectors: which of a domain's keys signed, and the DNS name where it is published.
// RFC 6376 §3.1, §3.6.2.1

import type { Brand, DomainName } from '@scop/identifiers'
import { err, ok, type Result } from '@scop/result'

/** One or more labels in lower case. */
export type Selector = Brand<string, 'Selector'>
export type SelectorError = { readonly kind: 'bad-selector' }

// selector = sub-domain *( "." sub-domain )
// Quirk underscore: seen in published keys (`mail_2019._domainkey`), so it is read inside a label.
export function parseSelector(text: string): Result<Selector, SelectorError> {
  if (text.length > MAX_SELECTOR || !text.split('.').every((label) => LABEL.test(label)))
    return err({ kind: 'bad-selector' })
  return ok(text.toLowerCase() as Selector) // as: this parser makes the brand
}

/** `selector._domainkey.domain`; undefined where that is too long for a DNS name. */
export function keyName(selector: Selector, domain: DomainName): string | undefined {
  const name = `${selector}._domainkey.${domain}`
  return name.length <= MAX_NAME ? name : undefined
}

const MAX_NAME = 253
const MAX_SELECTOR = 240
const LABEL = /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/
