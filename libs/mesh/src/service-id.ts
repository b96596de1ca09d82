// Service identity: the one name that a certificate of a pipe carries, `spiffe://<bottle>/<role>`.
// A certificate with none, or with two, names nobody.            SPIFFE-ID §2, X509-SVID §2

import { err, ok, type Result } from '@scop/result'

declare const brand: unique symbol
/** The role of one service in its bottle; only `parseServiceId` and `parseServiceRole` make one. */
export type ServiceRole = string & { readonly [brand]: 'ServiceRole' }

export type ServiceId = { readonly bottle: string; readonly role: ServiceRole }

export type ServiceIdError = {
  readonly kind: 'bad-role' | 'bad-service-id' | 'no-service-id' | 'many-service-ids'
  readonly text: string
}

/** Lower-case letters, digits and hyphens, a letter first, at most 31. */
export function parseServiceRole(text: string): Result<ServiceRole, ServiceIdError> {
  return WORD.test(text) ? ok(text as ServiceRole) : err({ kind: 'bad-role', text }) // as: after the check
}

/** `spiffe://bottle/role`, exactly: no port, no query, no second segment. SPIFFE-ID §2 */
export function parseServiceId(uri: string): Result<ServiceId, ServiceIdError> {
  const match = SERVICE_ID.exec(uri)
  if (match === null) return err({ kind: 'bad-service-id', text: uri })
  const [, bottle = '', role = ''] = match
  return ok({ bottle, role: role as ServiceRole }) // as: the expression has the shape of a role
}

export function formatServiceId({ bottle, role }: { readonly bottle: string; readonly role: string }): string {
  return `spiffe://${bottle}/${role}`
}

/**
 * The service that a certificate names, from its subject alternative names as Node prints them
 * (`URI:spiffe://b/relay, DNS:relay`). Exactly one URI may stand there. X509-SVID §2
 */
export function readServiceId(subjectAltName: string | undefined): Result<ServiceId, ServiceIdError> {
  const text = subjectAltName ?? ''
  // Node quotes a name that holds a comma or a quote, as JSON does: our own names hold neither, so no quote is taken.
  const uris = text.split(', ').filter((name) => name.startsWith('URI:'))
  if (text.includes('"')) return err({ kind: 'bad-service-id', text })
  if (uris.length > 1) return err({ kind: 'many-service-ids', text })
  const [uri] = uris
  return uri === undefined ? err({ kind: 'no-service-id', text }) : parseServiceId(uri.slice(4))
}

const WORD = /^[a-z][a-z0-9-]{0,30}$/
const SERVICE_ID = /^spiffe:\/\/([a-z][a-z0-9-]{0,30})\/([a-z][a-z0-9-]{0,30})$/
