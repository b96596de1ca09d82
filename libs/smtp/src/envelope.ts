// What a client is asked to send, beside the octets.
// RFC 5321 §2.3.1 (envelope)

import type { ForwardPath, ReversePath } from './path.ts'

export type Envelope = {
  readonly sender: ReversePath
  /** At least one. */
  readonly recipients: readonly ForwardPath[]
  /** Octets of the message, where known. RFC 1870 */
  readonly size?: number
  /** Default `7bit`. RFC 6152 */
  readonly body?: '7bit' | '8bitmime'
  /** The message needs SMTPUTF8, whatever its paths need. RFC 6531 §3.4 */
  readonly utf8?: boolean
  /** More parameters of MAIL, as `AUTH=<>`; the caller has seen that the server offers them. */
  readonly mailParameters?: readonly string[]
  /** More parameters of each RCPT, in the order of `recipients`. */
  readonly recipientParameters?: readonly (readonly string[])[]
}
