export { ADDRESS_LIST_LIMITS, mailboxesOf, parseAddressList } from './address-list.ts'
export type { Address, AddressListError, AddressListLimits, GroupAddress, MailboxAddress } from './address-list.ts'
export { claimsAuthservId, formatAuthenticationResults } from './authentication-results.ts'
export type {
  AuthenticationMethod,
  AuthenticationProperty,
  AuthenticationResult,
  MethodResult,
} from './authentication-results.ts'
export { formatDate } from './date.ts'
export { formatDeliveryStatus } from './delivery-status.ts'
export type { DeliveryReport, RecipientStatus } from './delivery-status.ts'
export { formatField } from './format-field.ts'
export type { FormatFieldError } from './format-field.ts'
export { HeaderReader } from './header-reader.ts'
export type { HeaderReading } from './header-reader.ts'
export { fieldsNamed, fieldValue, HEADER_LIMITS, parseHeaderSection, unfold, unfoldOctets } from './header-section.ts'
export type {
  Field,
  HeaderDefect,
  HeaderError,
  HeaderLimits,
  HeaderSection,
  ParsedHeader,
} from './header-section.ts'
export { formatMessageId } from './message-id.ts'
export { readHeader } from './read-header.ts'
export type { StreamedMessage } from './read-header.ts'
export { formatReceived, withProtocol } from './received.ts'
export type { Received, WithProtocol } from './received.ts'
export { rewriteHeader } from './rewrite-header.ts'
export type { HeaderChange, RewriteError } from './rewrite-header.ts'
export { TransportFactsReader } from './transport-facts.ts'
export type { TransportFacts } from './transport-facts.ts'
