import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseName, ROOT } from '@scop/dns'
import { expectOk } from '@scop/result'
import { zoneFilePath } from '../src/index.ts'

for (const [origin, path] of [
  ['example.org', 'example.org.zone'],
  ['EXAMPLE.org', 'example.org.zone'],
  ['.', '%.zone'],
  ['0/25.2.0.192.in-addr.arpa', '0%2f25.2.0.192.in-addr.arpa.zone'],
  ['-x.test', '%2dx.test.zone'],
  ['a\\.b.test', 'a%5c.b.test.zone'],
  ['_x.test', '_x.test.zone'],
] as const) {
  test(`the file of ${origin} is ${path}`, () =>
    assert.equal(zoneFilePath(expectOk(parseName(origin, ROOT), 'read')), path))
}
