// What a policy may do to the shell: refuse early, read slowly, throw, lie; and what it hears when a message breaks off.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { test } from 'node:test'
import { parseMailbox } from '@scop/identifiers'
import { encodeAscii } from '@scop/octets'
import { expectOk } from '@scop/result'
import { accept, ContentAborted, ContentRefused, mailboxPath, refuse, reply, type ServerPolicy } from '../src/index.ts'
import { connect } from '../src/node/index.ts'
import { recordingPolicy, startLoopback } from './loopback.ts'

const path = mailboxPath(expectOk(parseMailbox('a@x.example'), 'read'))
const LINE = encodeAscii(`${'x'.repeat(998)}\r\n`)

async function replyTo(message: ServerPolicy['message'], lines: number): Promise<string> {
  const server = await startLoopback({ policy: { ...recordingPolicy([]), message } })
  try {
    const client = expectOk(
      await connect({ host: '127.0.0.1', port: server.port, hostname: 'c', tls: 'none' }),
      'connect',
    )
    const octets = async function* (): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < lines; i++) yield LINE
    }
    const codes: (number | undefined)[] = []
    for (let round = 0; round < 2; round++) {
      const outcome = expectOk(await client.send({ sender: path, recipients: [path] }, octets), 'send')
      codes.push(outcome.data?.code)
    }
    await client.quit()
    const failed = server.events.filter(({ kind }) => kind === 'policy-failed').length
    return `${codes.join(' ')} failed ${failed}`
  } finally {
    await server.close()
  }
}

const tooBad = refuse(reply(554, '5.7.1', 'no'))
const rows: readonly (readonly [string, string, ServerPolicy['message']])[] = [
  ['refuses before the first octet', '554 554 failed 0', async () => tooBad],
  [
    'refuses after the first chunk',
    '554 554 failed 0',
    async (_, octets) => {
      for await (const _chunk of octets) return tooBad
      return accept()
    },
  ],
  ['accepts without reading', '451 451 failed 2', async () => accept()],
  [
    'throws',
    '451 451 failed 2',
    async () => {
      throw new Error('disk full')
    },
  ],
  [
    'reads slowly',
    '250 250 failed 0',
    async (_, octets) => {
      for await (const _chunk of octets) await new Promise((resolve) => setImmediate(resolve))
      return accept()
    },
  ],
]
for (const [name, expected, message] of rows) {
  test(`a policy that ${name}: ${expected}`, async () => assert.equal(await replyTo(message, 500), expected))
}

for (const [name, last, error] of [
  ['is malformed', 'x\ny\r\n', ContentRefused],
  ['loses its connection', 'x\r\n', ContentAborted],
] as const) {
  test(`a message that ${name} throws at the policy, which keeps nothing`, async () => {
    const thrown = Promise.withResolvers<unknown>()
    const message: ServerPolicy['message'] = async (_, octets) => {
      try {
        for await (const _chunk of octets);
        thrown.resolve(undefined)
      } catch (caught) {
        thrown.resolve(caught)
        throw caught
      }
      return accept()
    }
    const server = await startLoopback({ policy: { ...recordingPolicy([]), message } })
    try {
      const socket = connectTcp(server.port, '127.0.0.1')
      socket.write('EHLO c\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\nhello\r\n')
      await once(socket, 'data')
      socket.end(last)
      assert.ok((await thrown.promise) instanceof error)
      socket.destroy()
    } finally {
      await server.close()
    }
  })
}

test('a refused greeting is the last word', async () => {
  const policy: ServerPolicy = {
    ...recordingPolicy([]),
    greeting: async () => refuse(reply(554, undefined, 'Not you')),
  }
  const server = await startLoopback({ policy })
  try {
    const refused = await connect({ host: '127.0.0.1', port: server.port, hostname: 'c', tls: 'none' })
    assert.ok(!refused.ok && refused.error.kind === 'refused')
    assert.equal(refused.error.reply.code, 554)
  } finally {
    await server.close()
  }
})

test('connect and a session end when their signal says so', async () => {
  const server = await startLoopback({
    policy: { ...recordingPolicy([]), greeting: () => new Promise(() => undefined) },
  })
  try {
    const stop = new AbortController()
    const pending = connect({ host: '127.0.0.1', port: server.port, hostname: 'c', tls: 'none', signal: stop.signal })
    setImmediate(() => stop.abort())
    assert.deepEqual(await pending, { ok: false, error: { kind: 'aborted' } })
  } finally {
    await server.close()
  }
})
