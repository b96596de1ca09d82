// Secrets: read by the supervisor, handed to the services whose privileges list them, and to no other.

import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Configuration, Privileges, Secrets } from '@scop/bottle'
import type { Home } from '@scop/bottle/home'

/** The secrets that `privileges` lists. Throws when a file cannot be read. */
export async function secretsFor(privileges: Privileges, home: Home, configuration: Configuration): Promise<Secrets> {
  const wants = new Set(privileges.secrets)
  return {
    ...(wants.has('tls-certificate') && { tlsCertificate: await tlsCertificate(home, configuration) }),
    ...(wants.has('tsig-key') && { tsigKey: await tsigKey(home) }),
  }
}

async function tlsCertificate(home: Home, { tls }: Configuration): Promise<NonNullable<Secrets['tlsCertificate']>> {
  const from = (own: string | undefined, made: string): string =>
    own === undefined ? made : path.resolve(home.directory, own)
  return {
    key: await readFile(from(tls.key, home.tlsKey), 'utf8'),
    certificate: await readFile(from(tls.certificate, home.tlsCertificate), 'utf8'),
  }
}

async function tsigKey(home: Home): Promise<NonNullable<Secrets['tsigKey']>> {
  const value: unknown = JSON.parse(await readFile(home.tsigKey, 'utf8'))
  if (typeof value === 'object' && value !== null && 'name' in value && 'secret' in value) {
    const { name, secret } = value
    if (typeof name === 'string' && typeof secret === 'string') return { name, algorithm: 'hmac-sha256', secret }
  }
  throw new Error(`Cannot read the TSIG key: ${home.tsigKey} has no name and secret`)
}
