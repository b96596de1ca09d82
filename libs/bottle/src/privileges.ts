// Privileges: all that one service may do, as one value. The supervisor, the sandbox, the pipes,
// the risk report and the tests read this same value. What it does not list is refused.

import type { Role, ServiceName } from './role.ts'

/** An edge of the bottle: who is at the other end, and which operations may cross it. */
export type Edge<R extends Role = Role> = { readonly role: R; readonly operations: readonly string[] }

/** Where a service reaches outside the bottle. */
export type Reach =
  /** Asks name servers anywhere, on their DNS ports (53, 853). */
  | 'dns-anywhere'
  /** Asks the servers of parent zones, and moves zones from and to secondaries and primaries. */
  | 'name-servers'
  /** Opens SMTP connections to any host. */
  | 'smtp-anywhere'
  /** Sends DNS UPDATE to our own primary. */
  | 'dns-primary'

export type Secret =
  /** The key and certificate that SMTP clients see. */
  | 'tls-certificate'
  /** The TSIG key that the signer and the primary share. */
  | 'tsig-key'

export type Privileges = {
  readonly service: ServiceName
  /** What the service is for, in one sentence. */
  readonly duty: string
  /** Names of the listeners in the configuration's `listen` that this service opens. */
  readonly listens: readonly ('submissions' | 'submission' | 'smtp' | 'dns' | 'dns-tls' | 'resolver' | 'resolver-tls')[]
  /** Who may call, and what. */
  readonly accepts: readonly Edge[]
  /** Whom it may call. The callee's `accepts` must agree: a test compares them. */
  readonly calls: readonly Edge<ServiceName>[]
  readonly reaches: readonly Reach[]
  /** Whether it has a data directory of its own; nobody else can read it. */
  readonly keepsData: boolean
  /** Handed down by the supervisor at the start. */
  readonly secrets: readonly Secret[]
  readonly limits: {
    /** V8's old generation, in MiB. */
    readonly heapMebibytes: number
    readonly openFiles: number
  }
  /** What somebody who takes over this service holds and can do: a sentence for the risk report. */
  readonly thief: string
}
