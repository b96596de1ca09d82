// The files of the repository: one small readable file per domain, account and alias, each at the one path it may have.
//   directory.json
//   domains/one.example.json
//   accounts/one.example/al/alice.json
//   aliases/one.example/in/info.json

import { type DomainName, formatMailbox, type Mailbox, parseDomainName, parseMailbox } from '@scop/identifiers'
import { decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import type { ScramCredentials } from '@scop/sasl'
import { type AccountName, type Address, parseAddress, splitAddress } from './address.ts'
import type { Limits } from './limits.ts'
import { formatPasswordHash, type PasswordHash, parsePasswordHash } from './password-hash.ts'
import { formatJson, parseStrictJson } from './strict-json.ts'

/** What the server keeps of a password. */
export type Credentials = { readonly scram: ScramCredentials; readonly argon2id: PasswordHash }

export type Account = { readonly account: AccountName; readonly createdAtMs: number; readonly credentials: Credentials }

export type Alias = { readonly alias: Address; readonly targets: readonly Mailbox[] }

export type DirectoryRecord =
  /** Once, since the first commit. The secret makes salts for names that do not exist. */
  | { readonly kind: 'directory'; readonly fakeSaltSecret: Uint8Array }
  | { readonly kind: 'domain'; readonly domain: DomainName }
  | ({ readonly kind: 'account' } & Account)
  | ({ readonly kind: 'alias' } & Alias)

export type RecordError =
  | { readonly kind: 'too-long'; readonly octets: number; readonly limit: number }
  | { readonly kind: 'not-utf8' }
  | { readonly kind: 'bad-json' }
  /** `field` is missing, unknown or not what it should be. */
  | { readonly kind: 'bad-field'; readonly field: string }
  /** Not where `recordPath` puts it. */
  | { readonly kind: 'misplaced'; readonly expected: string }
  | { readonly kind: 'unknown-file' }

/** Where the record's file stands. */
export function recordPath(record: DirectoryRecord): string {
  switch (record.kind) {
    case 'directory':
      return 'directory.json'
    case 'domain':
      return domainPath(record.domain)
    case 'account':
      return accountPath(record.account)
    case 'alias':
      return aliasPath(record.alias)
  }
}

export const domainPath = (domain: DomainName): string => `domains/${domain}.json`
export const accountPath = (account: AccountName): string => `accounts/${addressPath(account)}`
export const aliasPath = (alias: Address): string => `aliases/${addressPath(alias)}`

/** `octets` as found at `path`. */
export function parseRecord(path: string, octets: Uint8Array, limits: Limits): Result<DirectoryRecord, RecordError> {
  if (octets.length > limits.fileOctets)
    return err({ kind: 'too-long', octets: octets.length, limit: limits.fileOctets })
  const parse = path === 'directory.json' ? parseDirectory : PARSERS.get(path.slice(0, path.indexOf('/')))
  if (parse === undefined) return err({ kind: 'unknown-file' })
  const text = decodeUtf8(octets)
  if (!text.ok) return err({ kind: 'not-utf8' })
  const json = parseStrictJson(text.value)
  if (!json.ok) return json
  if (typeof json.value !== 'object' || json.value === null || Array.isArray(json.value))
    return err({ kind: 'bad-json' })
  const record = parse(new Map(Object.entries(json.value)), limits)
  if (!record.ok) return record
  const expected = recordPath(record.value)
  return expected === path ? record : err({ kind: 'misplaced', expected })
}

export function formatRecord(record: DirectoryRecord): Uint8Array {
  return encodeUtf8(formatJson(fieldsOf(record)))
}

function fieldsOf(record: DirectoryRecord): object {
  switch (record.kind) {
    case 'directory':
      return { format: 1, 'fake-salt-secret': encodeBase64(record.fakeSaltSecret) }
    case 'domain':
      return { domain: record.domain }
    case 'account': {
      const { scram, argon2id } = record.credentials
      return {
        account: record.account,
        created: new Date(record.createdAtMs).toISOString(),
        'scram-sha-256': {
          iterations: scram.iterations,
          salt: encodeBase64(scram.salt),
          'stored-key': encodeBase64(scram.storedKey),
          'server-key': encodeBase64(scram.serverKey),
        },
        argon2id: formatPasswordHash(argon2id),
      }
    }
    case 'alias':
      return { alias: record.alias, targets: record.targets.map(formatMailbox) }
  }
}

type Fields = ReadonlyMap<string, unknown>
type Parsed<T> = Result<T, RecordError>

function parseDirectory(fields: Fields): Parsed<DirectoryRecord> {
  const unknown = unknownField(fields, ['format', 'fake-salt-secret'])
  if (unknown !== undefined) return unknown
  if (fields.get('format') !== 1) return badField('format')
  const fakeSaltSecret = octetsField(fields, 'fake-salt-secret', 32, 32)
  return fakeSaltSecret.ok ? ok({ kind: 'directory', fakeSaltSecret: fakeSaltSecret.value }) : fakeSaltSecret
}

function parseDomain(fields: Fields): Parsed<DirectoryRecord> {
  const unknown = unknownField(fields, ['domain'])
  if (unknown !== undefined) return unknown
  const domain = parseDomainName(textField(fields, 'domain'))
  if (!domain.ok || domain.value !== fields.get('domain')) return badField('domain')
  return ok({ kind: 'domain', domain: domain.value })
}

function parseAccount(fields: Fields): Parsed<DirectoryRecord> {
  const unknown = unknownField(fields, ['account', 'created', 'scram-sha-256', 'argon2id'])
  if (unknown !== undefined) return unknown
  const account = addressField(fields, 'account')
  if (!account.ok) return account
  const created = textField(fields, 'created')
  const createdAtMs = Date.parse(created)
  if (!ISO_TIME.test(created) || !Number.isFinite(createdAtMs)) return badField('created')
  if (new Date(createdAtMs).toISOString() !== created) return badField('created')
  const scram = parseScram(fields.get('scram-sha-256'))
  if (!scram.ok) return scram
  const argon2id = parsePasswordHash(textField(fields, 'argon2id'))
  if (!argon2id.ok) return badField('argon2id')
  const credentials = { scram: scram.value, argon2id: argon2id.value }
  return ok({ kind: 'account', account: account.value, createdAtMs, credentials })
}

function parseScram(value: unknown): Parsed<ScramCredentials> {
  if (typeof value !== 'object' || value === null) return badField('scram-sha-256')
  const fields = new Map<string, unknown>(Object.entries(value))
  const unknown = unknownField(fields, ['iterations', 'salt', 'stored-key', 'server-key'])
  if (unknown !== undefined) return unknown
  const iterations = fields.get('iterations')
  if (typeof iterations !== 'number' || !Number.isInteger(iterations)) return badField('iterations')
  if (iterations < 4096 || iterations > 10_000_000) return badField('iterations')
  const salt = octetsField(fields, 'salt', 8, 64)
  const storedKey = octetsField(fields, 'stored-key', 32, 32)
  const serverKey = octetsField(fields, 'server-key', 32, 32)
  if (!salt.ok) return salt
  if (!storedKey.ok) return storedKey
  if (!serverKey.ok) return serverKey
  return ok({ iterations, salt: salt.value, storedKey: storedKey.value, serverKey: serverKey.value })
}

function parseAlias(fields: Fields, limits: Limits): Parsed<DirectoryRecord> {
  const unknown = unknownField(fields, ['alias', 'targets'])
  if (unknown !== undefined) return unknown
  const alias = addressField(fields, 'alias')
  if (!alias.ok) return alias
  const texts = fields.get('targets')
  if (!Array.isArray(texts) || texts.length === 0 || texts.length > limits.aliasTargets) return badField('targets')
  const targets: Mailbox[] = []
  for (const text of texts) {
    const target = typeof text === 'string' ? parseMailbox(text, { utf8: true }) : undefined
    if (target?.ok !== true || formatMailbox(target.value) !== text) return badField('targets')
    targets.push(target.value)
  }
  return ok({ kind: 'alias', alias: alias.value, targets })
}

const PARSERS: ReadonlyMap<string, (fields: Fields, limits: Limits) => Parsed<DirectoryRecord>> = new Map([
  ['domains', parseDomain],
  ['accounts', parseAccount],
  ['aliases', parseAlias],
])

const badField = (field: string): Result<never, RecordError> => err({ kind: 'bad-field', field })

function unknownField(fields: Fields, known: readonly string[]): Result<never, RecordError> | undefined {
  for (const key of fields.keys()) if (!known.includes(key)) return badField(key)
  return undefined
}

function textField(fields: Fields, name: string): string {
  const value = fields.get(name)
  return typeof value === 'string' ? value : ''
}

function addressField(fields: Fields, name: string): Parsed<Address> {
  const address = parseAddress(textField(fields, name))
  return address.ok && address.value === fields.get(name) ? address : badField(name)
}

function octetsField(fields: Fields, name: string, least: number, most: number): Parsed<Uint8Array> {
  const octets = decodeBase64(textField(fields, name))
  if (!octets.ok || octets.value.length < least || octets.value.length > most) return badField(name)
  return octets
}

// Sharded by the first two characters of the file name, so that a person finds the file and no tree grows too long.
function addressPath(address: Address): string {
  const { localPart, domain } = splitAddress(address)
  const name = encodeUtf8(localPart).reduce((text, octet) => text + fileNameOctet(octet, text === ''), '')
  return `${domain}/${name.slice(0, 2).padEnd(2, '_')}/${name}.json`
}

/** Percent-encoded: all that a file system or Git could act on: `/`, `%`, capitals, `git~1`, a dot in front. */
function fileNameOctet(octet: number, first: boolean): string {
  const character = String.fromCharCode(octet)
  const plain = first ? FIRST_CHARACTER.test(character) : FILE_NAME_CHARACTER.test(character)
  return plain ? character : `%${octet.toString(16).padStart(2, '0')}`
}

const FIRST_CHARACTER = /[a-z0-9_]/
const FILE_NAME_CHARACTER = /[a-z0-9_.+=-]/
const ISO_TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/
