import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfiguration } from '@scop/bottle/configuration'
import { homeAt } from '@scop/bottle/home'
import { expectOk } from '@scop/result'
import { withAbsolutePaths } from '../src/supervise.ts'

const TEXT = `bottle: one
hostname: mx.one.example
public-address: 127.0.0.1
listen: { submissions: "127.0.0.1:465", submission: "127.0.0.1:587", smtp: "127.0.0.1:25", dns: "127.0.0.1:53" }
`

for (const [written, meant] of [
  ['relay: { authorities: authorities.pem }', '/somewhere/home/authorities.pem'],
  ['relay: { authorities: /etc/ssl/all.pem }', '/etc/ssl/all.pem'],
  ['', undefined],
] as const) {
  test(`${written || 'no path'} means ${meant}`, () => {
    const configuration = expectOk(parseConfiguration(`${TEXT}${written}\n`), 'parse')
    assert.equal(withAbsolutePaths(configuration, homeAt('/somewhere/home')).relay.authorities, meant)
  })
}
