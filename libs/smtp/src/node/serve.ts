// One connection of a server: reads, asks the session what to do, does it. The next command is read only after the
// last answer was written, so a slow peer slows itself.
// RFC 5321 §4.5.3.2 (timeouts), RFC 3207 §4 (STARTTLS)

import type { Socket } from 'node:net'
import type { SecureContext, TLSSocket } from 'node:tls'
import type { Limits } from '../limits.ts'
import type { ServerPolicy } from '../policy.ts'
import type { Reply } from '../reply.ts'
import type { ServerExtension } from '../server-extension.ts'

export type ServeOptions = {
  /** Our name, as greeting and EHLO give it. */
  readonly hostname: string
  /** In the order of the EHLO reply. */
  readonly extensions: readonly ServerExtension[]
  readonly policy: ServerPolicy
  readonly limits: Limits
  /** For STARTTLS; read at each handshake, so that certificates can be renewed. */
  readonly secureContext?: () => SecureContext
  /** The connection begins with a handshake (465), made here from `secureContext` unless `socket` is a TLSSocket already. */
  readonly implicitTls: boolean
  /** Default TLSv1.2. */
  readonly minTls?: 'TLSv1.2' | 'TLSv1.3'
  /** Ends the session: 421 at the next moment that allows it. */
  readonly signal: AbortSignal
  /** Milliseconds. */
  readonly now: () => number
  readonly onEvent?: (event: SessionEvent) => void
}

/** For logs. No octets of messages, no credentials. */
export type SessionEvent =
  | { readonly kind: 'reply'; readonly verb: string | undefined; readonly reply: Reply }
  | { readonly kind: 'tls'; readonly version: string; readonly cipher: string }
  | { readonly kind: 'tls-failed'; readonly message: string }
  /** A policy or extension threw. */
  | { readonly kind: 'policy-failed'; readonly error: unknown }
  | { readonly kind: 'closed'; readonly reason: 'quit' | 'client' | 'server' | 'timeout' | 'error' }

export declare function serveConnection(socket: Socket | TLSSocket, options: ServeOptions): Promise<void>
