// Names given on the command line: parsed once, or a usage error that says what is wrong with them.

import {
  type DomainName,
  formatMailbox,
  type Mailbox,
  parseInternationalDomainName,
  parseMailbox,
} from '@scop/identifiers'
import { EXIT, Failure } from './failure.ts'
import { printable } from './printable.ts'

export function domainArgument(text: string): DomainName {
  const domain = parseInternationalDomainName(text)
  if (domain.ok) return domain.value
  throw new Failure('bad-domain', `Cannot read "${printable(text)}" as a domain name: ${domain.error.kind}`, {
    exit: EXIT.usage,
  })
}

export function mailboxArgument(text: string): Mailbox {
  const mailbox = parseMailbox(text, { utf8: true })
  if (mailbox.ok) return mailbox.value
  throw new Failure('bad-address', `Cannot read "${printable(text)}" as an address: ${mailbox.error.kind}`, {
    exit: EXIT.usage,
    next: 'write it as name@domain',
  })
}

/** An account's name, in the form that the services use. */
export const accountArgument = (text: string): string => formatMailbox(mailboxArgument(text))

/** One of `known` services. */
export function serviceArgument<Name extends string>(text: string, known: readonly Name[]): Name {
  const service = known.find((one) => one === text)
  if (service !== undefined) return service
  throw new Failure('unknown-service', `There is no service "${printable(text)}"`, {
    exit: EXIT.usage,
    next: `one of ${known.join(', ')}`,
  })
}

/** A whole number of at least `least`. */
export function countArgument(option: string, text: string, least = 0): number {
  const count = Number(text)
  if (/^\d{1,15}$/.test(text) && count >= least) return count
  throw new Failure('bad-number', `Cannot take ${option} "${printable(text)}": expected a number from ${least}`, {
    exit: EXIT.usage,
  })
}
