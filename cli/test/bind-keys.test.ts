import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { parseName, ROOT } from '@scop/dns'
import { expectOk } from '@scop/result'
import { readBindKey } from '../src/bind-keys.ts'
import { Failure } from '../src/failure.ts'

// RFC 8080 §6.1
const PRIVATE = `Private-key-format: v1.2
Algorithm: 15 (ED25519)
PrivateKey: ODIyNjAzODQ2MjgwODAxMjI2NDUxOTAyMDQxNDIyNjI=
`
const PUBLIC = 'example.com. 3600 IN DNSKEY 257 3 15 ( l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4= )\n'
const ORIGIN = expectOk(parseName('example.com', ROOT), 'read')
const directory = mkdtempSync(path.join(tmpdir(), 'scop-keys-'))
after(() => rmSync(directory, { recursive: true }))

function files(privateText: string, publicText: string, name = 'Kexample.com.+015+03613.private'): string {
  writeFileSync(path.join(directory, name), privateText)
  writeFileSync(path.join(directory, name.replace(/private$/, 'key')), publicText)
  return path.join(directory, name)
}

test('reads the key of RFC 8080 §6.1', async () => {
  const key = await readBindKey(files(PRIVATE, PUBLIC), ORIGIN)
  assert.deepEqual([key.algorithm, key.flags, key.keyTag], [15, 257, 3613])
  assert.match(key.pem, /^-----BEGIN PRIVATE KEY-----/)
})

for (const [what, privateText, publicText, expected] of [
  ['no key', 'x', PUBLIC, /not-a-private-key/],
  ['a field that is missing', PRIVATE.replace(/PrivateKey.*/, ''), PUBLIC, /field-missing \(PrivateKey\)/],
  ['no DNSKEY beside it', PRIVATE, '', /has no DNSKEY/],
  ['another zone', PRIVATE, PUBLIC.replace('.com', '.org'), /another zone/],
  ['another key beside it', PRIVATE, PUBLIC.replace('l02W', 'l02X'), /of another key/],
] as const) {
  test(`refuses ${what}`, async () => {
    await assert.rejects(readBindKey(files(privateText, publicText), ORIGIN), (error: unknown) => {
      assert.ok(error instanceof Failure)
      assert.match(error.message, expected)
      return true
    })
  })
}

test('refuses a file of another name', async () => {
  await assert.rejects(readBindKey(path.join(directory, 'x.key'), ORIGIN), /ends in \.private/)
})
