// The key that the signer and we share, and what it may change: TXT records below `_domainkey` of each zone, nothing else.

import type { Secrets } from '@scop/bottle'
import { parseName, ROOT, type TsigKey, TXT, type UpdateGrant } from '@scop/dns'
import { decodeBase64 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'

export type SignerKey = { readonly key: TsigKey; readonly grant: UpdateGrant }

export function signerKey(secret: NonNullable<Secrets['tsigKey']>): Result<SignerKey, string> {
  const name = parseName(secret.name, ROOT)
  const octets = decodeBase64(secret.secret)
  if (!name.ok) return err(`its name "${secret.name}" is no name: ${name.error.kind}`)
  if (!octets.ok) return err('its secret is not base64')
  // RFC 8945 §6: a secret shorter than the hash is weaker than it.
  if (octets.value.length < SHORTEST_SECRET)
    return err(`its secret has ${octets.value.length} octets of ${SHORTEST_SECRET}`)
  return ok({
    key: { name: name.value, algorithm: secret.algorithm, secret: octets.value },
    grant: { key: name.value, names: { kind: 'below-label', label: '_domainkey' }, types: [TXT.code] },
  })
}

const SHORTEST_SECRET = 32
