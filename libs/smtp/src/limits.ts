// Every limit of a session, with defaults. RFC 5321 §4.5.3.1 (sizes), §4.5.3.2 (timeouts)

export type Limits = {
  /** A command line with its CRLF; extensions add their own. RFC 5321 §4.5.3.1.4 */
  readonly commandLineOctets: number
  /** What is thrown away of a command line that is too long before the connection is closed. */
  readonly discardedLineOctets: number
  /** A line of content with its CRLF. RFC 5321 §4.5.3.1.6 */
  readonly textLineOctets: number
  /** A message; SIZE offers it. RFC 1870 */
  readonly messageOctets: number
  /** What is thrown away of a message that was refused before its end, beyond `messageOctets`. */
  readonly discardedMessageOctets: number
  /** Accepted recipients of one transaction. RFC 5321 §4.5.3.1.8 */
  readonly recipients: number
  /** Refused recipients of one session. */
  readonly refusedRecipients: number
  /** Commands of one session that were unknown, malformed or out of order. */
  readonly badCommands: number
  /** MAIL commands of one session. */
  readonly transactions: number
  /** Commands of one session, whatever they are. */
  readonly commands: number
  /** Failed authentications of one session. */
  readonly authenticationFailures: number
  /** Between an answer and the next complete command. RFC 5321 §4.5.3.2.7 */
  readonly commandSeconds: number
  /** Between two arrivals of content. RFC 5321 §4.5.3.2.5 */
  readonly contentSeconds: number
  /** One message, from 354 or its first chunk to its end; and what is thrown away of one. */
  readonly messageSeconds: number
  /** Since the session began or a message was last taken: nobody holds a session for nothing. */
  readonly messagelessSeconds: number
  /** A TLS handshake. */
  readonly handshakeSeconds: number
}

export const DEFAULT_LIMITS: Limits = {
  commandLineOctets: 512,
  discardedLineOctets: 65_536,
  textLineOctets: 1_000,
  messageOctets: 52_428_800,
  discardedMessageOctets: 52_428_800,
  recipients: 100,
  refusedRecipients: 50,
  badCommands: 20,
  transactions: 1_000,
  commands: 10_000,
  authenticationFailures: 3,
  commandSeconds: 300,
  contentSeconds: 180,
  messageSeconds: 3_600,
  messagelessSeconds: 1_800,
  handshakeSeconds: 30,
}

/** Limits of a client. */
export type ClientLimits = {
  /** One line of a reply with its CRLF; twice what RFC 5321 §4.5.3.1.5 allows, since servers exceed it. */
  readonly replyLineOctets: number
  /** Lines of one reply. */
  readonly replyLines: number
  /** A line of content with its CRLF. RFC 5321 §4.5.3.1.6 */
  readonly textLineOctets: number
  /** Commands sent before their replies are read, at most. RFC 2920 §3.1 */
  readonly pipelinedCommands: number
  /** Waiting for replies, all of one exchange together: connection to EHLO and AUTH, or one message. */
  readonly exchangeSeconds: number
  /** The content of one message written. */
  readonly messageSeconds: number
  readonly connectSeconds: number
  /** RFC 5321 §4.5.3.2.1 */
  readonly greetingSeconds: number
  /** MAIL, RCPT and all others. RFC 5321 §4.5.3.2.2, §4.5.3.2.3 */
  readonly commandSeconds: number
  /** RFC 5321 §4.5.3.2.4 */
  readonly dataSeconds: number
  /** One block of content written. RFC 5321 §4.5.3.2.5 */
  readonly contentSeconds: number
  /** RFC 5321 §4.5.3.2.6 */
  readonly endOfDataSeconds: number
  readonly handshakeSeconds: number
}

export const DEFAULT_CLIENT_LIMITS: ClientLimits = {
  replyLineOctets: 1_024,
  replyLines: 100,
  textLineOctets: 1_000,
  pipelinedCommands: 100,
  exchangeSeconds: 1_800,
  messageSeconds: 7_200,
  connectSeconds: 30,
  greetingSeconds: 300,
  commandSeconds: 300,
  dataSeconds: 120,
  contentSeconds: 180,
  endOfDataSeconds: 600,
  handshakeSeconds: 30,
}
