// The key files of BIND: `K<zone>+<algorithm>+<tag>.private`, and the public part beside it in a file that ends in `.key`.
// RFC 4034 §2 (what the `.key` file has)

import { readFile } from 'node:fs/promises'
import { decodeRdata, DNSKEY, type Name, parseRecords } from '@scop/dns'
import { formatPrivateKey, keyTag, parseBindPrivateKey, signingKey } from '@scop/dnssec'
import { Failure } from './failure.ts'
import { printable } from './printable.ts'

export type BindKey = {
  readonly pem: string
  readonly algorithm: number
  readonly flags: number
  readonly keyTag: number
}

/** Throws `Failure` where the two files do not fit, or are no keys of this zone. */
export async function readBindKey(file: string, origin: Name): Promise<BindKey> {
  const fail = (reason: string): Failure => new Failure('bad-key-file', `${printable(file)}: ${reason}`)
  if (!file.endsWith('.private')) throw fail('expected a file that ends in .private')
  const read = parseBindPrivateKey(await readFile(file, 'utf8'))
  if (!read.ok) throw fail(`${read.error.kind}${read.error.field === undefined ? '' : ` (${read.error.field})`}`)
  const records = parseRecords(await readFile(file.replace(/private$/, 'key'), 'latin1'), origin)
  const record = records.ok ? records.value.find(({ type }) => type === DNSKEY.code) : undefined
  const dnskey = record === undefined ? undefined : decodeRdata(DNSKEY, record.rdata)
  if (record === undefined || dnskey?.ok !== true) throw fail('the .key file beside it has no DNSKEY')
  if (record.name.key !== origin.key) throw fail('it is a key of another zone')
  const { algorithm, privateKey } = read.value
  const key = signingKey(privateKey, algorithm, dnskey.value.flags)
  if (!key.ok) throw fail(key.error.kind)
  if (key.value.keyTag !== keyTag(dnskey.value)) throw fail('the .key file beside it is of another key')
  return { pem: formatPrivateKey(privateKey), algorithm, flags: dnskey.value.flags, keyTag: key.value.keyTag }
}
