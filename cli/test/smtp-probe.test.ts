import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:net'
import { test, type TestContext } from 'node:test'
import { parseIpAddress } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { openProbe, type Probe } from '../src/smtp-probe.ts'

const ADDRESS = expectOk(parseIpAddress('127.0.0.1'), 'read an address')

/** A server that says `greeting`, then one of `answers` to each line. */
async function probeOf(t: TestContext, greeting: string, ...answers: string[]): Promise<Probe> {
  const server: Server = createServer((socket) => {
    socket.write(greeting)
    socket.on('data', () => {
      const next = answers.shift()
      if (next === undefined) socket.end()
      else socket.write(next)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, ADDRESS, resolve))
  t.after(() => server.close())
  const bound = server.address()
  const probe = await openProbe({ address: ADDRESS, port: typeof bound === 'object' && bound ? bound.port : 0 })
  t.after(() => probe.close())
  return probe
}

test('reads replies of one line and of several', async (t) => {
  const probe = await probeOf(
    t,
    '220 mx.one.example ESMTP\r\n',
    '250-mx.one.example\r\n250-SIZE 10\r\n250 PIPELINING\r\n',
    '550\r\n',
  )
  assert.deepEqual(probe.greeting, { code: 220, text: 'mx.one.example ESMTP' })
  assert.deepEqual(await probe.say('EHLO a'), { code: 250, text: 'mx.one.example\nSIZE 10\nPIPELINING' })
  assert.deepEqual(await probe.say('RCPT TO:<a@b.example>'), { code: 550, text: '' })
})

test('says so when the server closes', async (t) => {
  const probe = await probeOf(t, '220 x\r\n')
  await assert.rejects(probe.say('EHLO a'), /closed the connection/)
})

test('says so when the answer is no reply', async (t) => {
  await assert.rejects(probeOf(t, 'HTTP/1.1 400 Bad Request\r\n'), /The server answered "HTTP/)
})

test('says so when nobody listens', async () => {
  await assert.rejects(openProbe({ address: ADDRESS, port: 1 }), /ECONNREFUSED/)
})
