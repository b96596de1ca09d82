// Boot: what the supervisor and the process that it has started say to each other, before the pipes exist.
// The child makes its own key; the supervisor, which knows whom it started, certifies its role.

import type { Role, ServiceName } from './role.ts'
import type { Settings } from './settings.ts'

/** Where a role's pipe is. */
export type PipeAddress = { readonly path: string } | { readonly host: string; readonly port: number }

export type Secrets = {
  /** PEM texts; present for those whose privileges list `tls-certificate`. */
  readonly tlsCertificate?: { readonly key: string; readonly certificate: string }
  /** Present for those whose privileges list `tsig-key`: name, algorithm `hmac-sha256`, base64 secret. */
  readonly tsigKey?: { readonly name: string; readonly algorithm: 'hmac-sha256'; readonly secret: string }
}

export type Boot<N extends ServiceName = ServiceName> = {
  readonly bottle: string
  readonly service: N
  /** The service's own directory; exists, 0700. */
  readonly dataDirectory: string
  /** Where every pipe of this bottle is: this service listens at its own and may call those in its privileges. */
  readonly pipes: Readonly<Partial<Record<Role, PipeAddress>>>
  readonly settings: Settings<N>
  readonly secrets: Secrets
  readonly drainSeconds: number
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
}

/** A child says these over the channel of `fork`. */
export type FromService =
  | { readonly kind: 'hello' }
  /** SubjectPublicKeyInfo, DER, base64. */
  | { readonly kind: 'certify'; readonly publicKey: string }
  | { readonly kind: 'ready' }
  /** The service cannot start: the reason is for the person who started it. */
  | { readonly kind: 'cannot-start'; readonly reason: string }

/** The supervisor says these to a child. */
export type FromSupervisor =
  | { readonly kind: 'boot'; readonly boot: Boot }
  /** PEM texts; `notAfterMs` is when the certificate ends. */
  | {
      readonly kind: 'certificate'
      readonly certificate: string
      readonly authority: string
      readonly notAfterMs: number
    }
  | { readonly kind: 'drain' }
