// A client over a socket: connects, prepares the session, sends messages, leaves.
// RFC 5321 §4.5.3.2 (timeouts), RFC 3207 §4, RFC 8314 §3 (implicit TLS)

import type { ConnectionOptions } from 'node:tls'
import type { Result } from '@scop/result'
import type { ClientError } from '../client-error.ts'
import type { ClientExtension } from '../client-extension.ts'
import type { ServerFacts } from '../client-facts.ts'
import type { Envelope } from '../envelope.ts'
import type { Credentials } from '../extensions/auth-client.ts'
import type { ClientLimits } from '../limits.ts'
import type { Reply } from '../reply.ts'

/** `opportunistic`: where offered, and in clear if STARTTLS is refused; a handshake that fails is an error in every case. */
export type TlsUse = 'none' | 'opportunistic' | 'required' | 'implicit'

export type ConnectOptions = {
  /** Name or address to connect to. */
  readonly host: string
  readonly port: number
  /** Connects from this address. */
  readonly localAddress?: string
  /** Our name, for EHLO. */
  readonly hostname: string
  /** Beside STARTTLS and AUTH, which `tls` and `credentials` bring. Default: all the library has. */
  readonly extensions?: readonly ClientExtension[]
  readonly tls: TlsUse
  /** `servername`, `ca`, `rejectUnauthorized` and so on. Default for `opportunistic`: any certificate; otherwise a valid one. */
  readonly tlsOptions?: ConnectionOptions
  readonly credentials?: Credentials
  readonly limits?: Partial<ClientLimits>
  readonly signal?: AbortSignal
  /** Every reply, for logs. */
  readonly onReply?: (reply: Reply) => void
}

export type Outcome = {
  readonly mail: Reply
  /** In the order of the envelope; empty where MAIL was refused. */
  readonly recipients: readonly Reply[]
  /** To the end of the message, or the refusal of DATA; `undefined` where nothing was left to send it for. */
  readonly data: Reply | undefined
}

export interface Client {
  readonly facts: ServerFacts
  /** `octets` is called once the server says 354; lines end in CRLF only. One at a time. */
  send(envelope: Envelope, octets: () => AsyncIterable<Uint8Array>): Promise<Result<Outcome, ClientError>>
  reset(): Promise<Result<Reply, ClientError>>
  /** Says QUIT, reads the answer, closes. Never fails. */
  quit(): Promise<void>
  /** Closes at once. */
  close(): void
}

export declare function connect(options: ConnectOptions): Promise<Result<Client, ClientError>>
