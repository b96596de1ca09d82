import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { parseIpAddress } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { freePorts } from '../src/node/home.ts'
import { type ListenerOptions, listenTcp } from '../src/node/listener.ts'

const address = expectOk(parseIpAddress('127.0.0.1'), 'parse')

async function listenerWith(options: Partial<ListenerOptions>) {
  const { smtp: port } = await freePorts([address])
  const turnedAway: string[] = []
  const listener = await listenTcp({
    endpoint: { address, port },
    sessions: 2,
    sessionsPerAddress: 2,
    turnedAway: '421 too many\r\n',
    onTurnedAway: (client) => turnedAway.push(client),
    serve: async (socket, client, signal) => {
      const closed = new Promise((resolve) => socket.once('close', resolve))
      const asked = new Promise((resolve) => {
        socket.once('end', resolve)
        signal.addEventListener('abort', resolve, { once: true })
      })
      socket.on('error', () => undefined)
      socket.resume()
      socket.write(`hello ${client.address}\r\n`)
      await Promise.race([asked, closed])
      if (socket.writable) socket.end('bye\r\n')
      await closed
    },
    ...options,
  })
  const open = (): Promise<{ socket: Socket; said: Promise<string> }> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, address)
      socket.once('error', reject)
      socket.once('data', (first) => {
        let text = String(first)
        socket.on('data', (more) => {
          text += String(more)
        })
        resolve({ socket, said: once(socket, 'close').then(() => text) })
      })
    })
  return { listener, open, turnedAway, port }
}

test('turns away who is one too many, and takes the next when one has left', async () => {
  const { listener, open, turnedAway } = await listenerWith({})
  const [first, second] = [await open(), await open()]
  const third = await open()
  assert.equal(await third.said, '421 too many\r\n')
  assert.deepEqual(turnedAway, ['127.0.0.1'])
  first.socket.end()
  assert.equal(await first.said, 'hello 127.0.0.1\r\n')
  const fourth = await open()
  assert.equal(listener.sessions, 2)
  second.socket.end()
  fourth.socket.end()
  await listener.drain(new AbortController().signal)
})

test('a drain asks the sessions to end and waits for them', async () => {
  const { listener, open, port } = await listenerWith({})
  const { said } = await open()
  await listener.drain(new AbortController().signal)
  assert.equal(await said, 'hello 127.0.0.1\r\nbye\r\n')
  await assert.rejects(once(connect(port, address), 'connect'))
})

test('a drain does not wait for ever', async () => {
  const { listener, open } = await listenerWith({
    serve: async (socket) => {
      socket.on('error', () => undefined)
      socket.resume()
      socket.write('stays\r\n')
      await once(socket, 'close')
    },
  })
  const { said } = await open()
  const deadline = new AbortController()
  const drained = listener.drain(deadline.signal)
  deadline.abort()
  await drained
  await said
})

test('an address that is taken is said in words', async () => {
  const { listener, port } = await listenerWith({})
  await assert.rejects(
    listenTcp({
      endpoint: { address, port },
      sessions: 1,
      sessionsPerAddress: 1,
      turnedAway: '',
      onTurnedAway: () => undefined,
      serve: async () => undefined,
    }),
    /Cannot listen at 127\.0\.0\.1:[0-9]+: .*EADDRINUSE/,
  )
  await listener.drain(new AbortController().signal)
})
