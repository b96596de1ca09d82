export { MAIL_STORE_LIMITS, MessageReadError } from './mail-store.ts'
export type {
  Delivered,
  Delivery,
  Description,
  MailboxFacts,
  MailStore,
  MailStoreLimits,
  MessageFacts,
  StoreError,
} from './mail-store.ts'
export { INBOX, JUNK, MAILBOX_NAME_OCTETS, parseMailboxName } from './mailbox-name.ts'
export type { MailboxName, MailboxNameError } from './mailbox-name.ts'
