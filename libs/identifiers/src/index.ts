export { isAddressCovered, isCovered, parseAddressPrefix } from './address-prefix.ts'
export type { AddressPrefix, AddressPrefixError } from './address-prefix.ts'
export type { Brand } from './brand.ts'
export { isAtOrBelow, parseDomainName, parseInternationalDomainName } from './domain-name.ts'
export type { DomainName, DomainNameError } from './domain-name.ts'
export {
  addressBlock,
  decodeIpAddress,
  encodeIpAddress,
  ipVersion,
  isLoopback,
  isUnspecified,
  parseIpAddress,
  unmapIpAddress,
} from './ip-address.ts'
export type { IpAddress, IpAddressError } from './ip-address.ts'
export {
  equalMailboxes,
  formatLocalPart,
  formatMailbox,
  formatMailDomain,
  needsUtf8,
  parseLocalPart,
  parseMailbox,
} from './mailbox.ts'
export type { AddressLiteral, LocalPart, Mailbox, MailboxError, MailboxOptions } from './mailbox.ts'
