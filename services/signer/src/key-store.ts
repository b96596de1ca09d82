// The signer's keys: made at a domain's first use, two for each (RSA-2048 and Ed25519, RFC 8463 §3), never leaving
// this service. A key signs only when it has been published: a signature that nobody can check is worth nothing.

import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import path from 'node:path'
import { promisify } from 'node:util'
import { formatKeyRecord, keyName, parseSelector, type Selector, type SigningKey } from '@scop/dkim'
import { GroupCommit, openDatabase } from '@scop/group-commit/node'
import { type DomainName, parseDomainName } from '@scop/identifiers'
import { expectOk } from '@scop/result'

export type DomainKey = SigningKey & {
  /** Where the record stands in the DNS. */
  readonly name: string
  /** The TXT record's text. */
  readonly record: string
  readonly publishedAtMs: number | undefined
}

export type KeyStore = {
  keysOf(domain: DomainName): readonly DomainKey[]
  all(): readonly DomainKey[]
  /** Makes the keys of a domain that has none, durably; answers those that it has. */
  create(domain: DomainName, nowMs: number): Promise<readonly DomainKey[]>
  published(domain: DomainName, selector: Selector, atMs: number): Promise<void>
  close(): void
}

export function openKeyStore(directory: string): KeyStore {
  const database = openDatabase(path.join(directory, 'keys.sqlite'))
  database.exec(SCHEMA)
  const group = new GroupCommit(database)
  const insert = database.prepare(
    'INSERT INTO key (domain, selector, algorithm, private_key, created_at) VALUES (?, ?, ?, ?, ?)',
  )
  const publish = database.prepare('UPDATE key SET published_at = ? WHERE domain = ? AND selector = ?')
  const rows = database.prepare('SELECT * FROM key ORDER BY domain, created_at, selector')
  let keys = new Map<DomainName, readonly DomainKey[]>()
  const reload = (): void => {
    keys = Map.groupBy(rows.all().map(readKey), ({ domain }) => domain)
  }
  reload()
  return {
    keysOf: (domain) => keys.get(domain) ?? [],
    all: () => [...keys.values()].flat(),
    create: async (domain, nowMs) => {
      const there = keys.get(domain)
      if (there !== undefined) return there
      const made = await Promise.all([rsaKey(), ed25519Key()])
      const committed = await group.commit(() => {
        if (keys.has(domain)) return
        for (const { algorithm, pem } of made) {
          insert.run(domain, `${selectorPrefix(nowMs)}${algorithm === 'rsa-sha256' ? 'r' : 'e'}`, algorithm, pem, nowMs)
        }
        reload()
      })
      expectOk(committed, `keep the keys of ${domain}`)
      return keys.get(domain) ?? []
    },
    published: async (domain, selector, atMs) => {
      const committed = await group.commit(() => void publish.run(atMs, domain, selector))
      expectOk(committed, `note the publication of ${selector} of ${domain}`)
      reload()
    },
    close: () => database.close(),
  }
}

/** `s20261120`: the day the key was made, and a letter for its kind. */
const selectorPrefix = (nowMs: number): string => `s${new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '')}`

type MadeKey = { readonly algorithm: SigningKey['algorithm']; readonly pem: string }
const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()

async function rsaKey(): Promise<MadeKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: RSA_BITS })
  return { algorithm: 'rsa-sha256', pem: pemOf(privateKey) }
}

async function ed25519Key(): Promise<MadeKey> {
  const { privateKey } = await promisify(generateKeyPair)('ed25519')
  return { algorithm: 'ed25519-sha256', pem: pemOf(privateKey) }
}

function readKey(row: Record<string, unknown>): DomainKey {
  const domain = expectOk(parseDomainName(String(row['domain'])), 'read back a domain')
  const selector = expectOk(parseSelector(String(row['selector'])), 'read back a selector')
  const privateKey = createPrivateKey(String(row['private_key']))
  const name = keyName(selector, domain)
  if (name === undefined) throw new Error(`Cannot publish a key of "${domain}": the name is too long`)
  return {
    domain,
    selector,
    algorithm: row['algorithm'] === 'rsa-sha256' ? 'rsa-sha256' : 'ed25519-sha256', // the column's CHECK allows these only
    privateKey,
    name,
    record: formatKeyRecord(createPublicKey(privateKey)),
    publishedAtMs: typeof row['published_at'] === 'number' ? row['published_at'] : undefined,
  }
}

const RSA_BITS = 2048 // RFC 8301 §3.2: signers should use at least this
const SCHEMA = `
CREATE TABLE IF NOT EXISTS key (
  domain TEXT NOT NULL,
  selector TEXT NOT NULL,
  algorithm TEXT NOT NULL CHECK (algorithm IN ('rsa-sha256', 'ed25519-sha256')),
  private_key TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  published_at INTEGER,
  PRIMARY KEY (domain, selector)
) WITHOUT ROWID;
`
