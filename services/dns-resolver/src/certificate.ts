// The certificate of the resolver's own port for TLS: made at the first start and kept, so that a client can pin its key.
// Mail's certificate stays with mail's services. RFC 7858 §4.2 (pinned keys)

import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

export type TlsPair = { readonly key: string; readonly cert: string }

/** From `directory`, or new. */
export async function tlsCertificate(directory: string, hostname: string, nowMs: number): Promise<TlsPair> {
  const file = path.join(directory, 'tls.json')
  const kept = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (kept !== undefined) return pairOf(JSON.parse(kept), file)
  const { issueServerCertificate } = await import('@scop/mesh/authority')
  const { keyPem, certificatePem } = await issueServerCertificate([hostname], { nowMs })
  const pair = { key: keyPem, cert: certificatePem }
  await writeFile(file, JSON.stringify(pair), { mode: 0o600 })
  return pair
}

function pairOf(value: unknown, file: string): TlsPair {
  if (typeof value === 'object' && value !== null && 'key' in value && 'cert' in value) {
    const { key, cert } = value
    if (typeof key === 'string' && typeof cert === 'string') return { key, cert }
  }
  throw new Error(`Cannot read "${file}": it is damaged; without it a new certificate is made`)
}
