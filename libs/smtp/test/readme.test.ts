import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { accept, type ServerPolicy } from '../src/index.ts'
import { recordingPolicy } from './loopback.ts'
import { PureSession } from './pure-session.ts'
import { xclient } from './xclient.example.ts'

test('README shows the XCLIENT extension as it is tested', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  assert.ok(readme.includes(readFileSync(new URL('xclient.example.ts', import.meta.url), 'utf8')))
})

test('an extension from outside the library changes what policy sees', async () => {
  const seen: string[] = []
  const policy: ServerPolicy = {
    ...recordingPolicy([]),
    mail: async (_, { client }) => {
      seen.push(`${client.address}:${client.port}`)
      return accept()
    },
  }
  const pure = new PureSession(policy, { extensions: [xclient((address) => address === '192.0.2.1')] })
  assert.match(await pure.say('XCLIENT ADDR=198.51.100.7 PORT=99\r\n'), /\r\n503 /)
  assert.match(await pure.say('EHLO proxy\r\n'), /XCLIENT ADDR PORT/)
  assert.match(await pure.say('XCLIENT ADDR=nowhere\r\n'), /^501 /)
  assert.match(await pure.say('XCLIENT ADDR=198.51.100.7 PORT=99\r\n'), /^220 /)
  assert.match(await pure.say('MAIL FROM:<a@x.example>\r\n'), /^503 /)
  assert.doesNotMatch(await pure.say('EHLO c\r\n'), /XCLIENT/)
  assert.match(await pure.say('XCLIENT ADDR=192.0.2.1\r\n'), /^550 /)
  assert.match(await pure.say('MAIL FROM:<a@x.example>\r\n'), /^250 /)
  assert.deepEqual(seen, ['198.51.100.7:99'])
})
