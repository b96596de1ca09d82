// Domain names as mail uses them: LDH labels, A-labels for Unicode, lower case, no final dot.
// RFC 1035 §2.3.4 (sizes), RFC 5890 §2.3.1 (LDH labels), RFC 5321 §2.3.5, UTS 46 (by the runtime's URL parser)

import { err, ok, type Result } from '@scop/result'
import type { Brand } from './brand.ts'

export type DomainName = Brand<string, 'DomainName'>

export type DomainNameError =
  | { readonly kind: 'name-too-long'; readonly octets: number }
  | { readonly kind: 'bad-label'; readonly label: string }
  /** Also hexadecimal with 0x: C libraries read both as IPv4. */
  | { readonly kind: 'all-numeric-top-label'; readonly label: string }
  | { readonly kind: 'not-idna'; readonly text: string }

/** Reads a name of ASCII letters, digits and hyphens; one final dot is dropped. Unicode is refused: see `parseInternationalDomainName`. */
export function parseDomainName(text: string): Result<DomainName, DomainNameError> {
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  if (name.length > MAX_NAME) return err({ kind: 'name-too-long', octets: name.length })
  const labels = name.split('.')
  for (const label of labels) if (!LDH_LABEL.test(label)) return err({ kind: 'bad-label', label })
  const top = labels.at(-1) ?? ''
  // RFC 3696 §2: a numeric top label would be an address to some readers (127.1, 127.0.0.0x1) and a name to others.
  if (NUMERIC.test(top)) return err({ kind: 'all-numeric-top-label', label: top })
  return ok(name.toLowerCase() as DomainName) // after the check: U+212A lowers to an ASCII k
}

/** Reads a name with U-labels or A-labels and answers it in A-labels (UTS 46, non-transitional). */
export function parseInternationalDomainName(text: string): Result<DomainName, DomainNameError> {
  if (ASCII.test(text)) return parseDomainName(text)
  if (URL_DELIMITERS.test(text)) return err({ kind: 'bad-label', label: text })
  if (text.length > MAX_NAME) return err({ kind: 'name-too-long', octets: text.length })
  const url = URL.parse(`http://${text}/`)
  if (url === null || url.port !== '' || url.hostname === '') return err({ kind: 'not-idna', text })
  return parseDomainName(url.hostname)
}

/** Whether `name` is `parent` or a name below it. */
export function isAtOrBelow(name: DomainName, parent: DomainName): boolean {
  return name === parent || name.endsWith(`.${parent}`)
}

const MAX_NAME = 253 // 255 octets on the wire
const LDH_LABEL = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)$/
const NUMERIC = /^(?:[0-9]+|0[xX][0-9A-Fa-f]*)$/
const ASCII = /^[\x00-\x7f]*$/
// What a URL parser would act on rather than refuse
const URL_DELIMITERS = /[\x00-\x20%/:?#@[\]\\<>^|`{}\x7f]/
