import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import {
  type DecodeError,
  decodeMessage,
  EMPTY_MESSAGE,
  encodeMessage,
  handleMessage,
  makeRecord,
  type Message,
  SOA,
  TXT,
  zoneSet,
} from '../../src/index.ts'
import { askServer, type DnsEndpoint, type DnsServer, type ServeDnsLimits, serveDns } from '../../src/node/index.ts'
import { exampleZone, name } from '../example-zone.ts'

const STATE = { zones: zoneSet([exampleZone()]), keys: [], grants: [] }
const start = (limits: Partial<ServeDnsLimits> = {}): Promise<DnsServer> =>
  serveDns({
    address: '127.0.0.1',
    port: 0,
    limits,
    handle: (incoming) => {
      const reaction = handleMessage(STATE, incoming)
      return reaction.kind === 'reply' ? reaction.octets : undefined
    },
  })
const query = encodeMessage({
  ...EMPTY_MESSAGE,
  id: 3,
  questions: [{ name: name('example.org'), type: SOA.code, class: 1 }],
}).octets
const framed = (octets: Uint8Array): Uint8Array =>
  new Uint8Array([octets.length >>> 8, octets.length & 0xff, ...octets])

/** What the server sends until it closes, or until `until` octets came. */
function converse(port: number, chunks: readonly Uint8Array[], until: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1', () => {
      for (const chunk of chunks) socket.write(chunk)
    })
    const received: number[] = []
    socket.on('data', (chunk: Uint8Array) => {
      received.push(...chunk)
      if (received.length >= until) socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(Uint8Array.from(received)))
  })
}

test('TCP: pipelined messages are answered in order, cut anywhere', async () => {
  const server = await start()
  try {
    const reaction = handleMessage(STATE, {
      octets: query,
      transport: 'tcp',
      peer: { address: '127.0.0.1', port: 1 },
      now: 0,
    })
    const replyLength = reaction.kind === 'reply' ? reaction.octets.length : 0
    const three = new Uint8Array([...framed(query), ...framed(query), ...framed(query)])
    const whole = await converse(server.port, [three], 3 * (2 + replyLength))
    const octets = await converse(
      server.port,
      [...three].map((octet) => Uint8Array.of(octet)),
      whole.length,
    )
    assert.deepEqual(octets, whole)
    const length = ((whole[0] ?? 0) << 8) | (whole[1] ?? 0)
    assert.equal(whole.length, 3 * (2 + length))
    assert.equal(expectOk(decodeMessage(whole.subarray(2, 2 + length)), 'decode').answers.length, 1)
  } finally {
    await server.close()
  }
})

test('TCP: limits on connections, per address, on messages, on idle time', async () => {
  const few = await start({ connections: 1, messagesPerConnection: 2, idleMs: 150, firstMessageMs: 150 })
  try {
    const holder = connect(few.port, '127.0.0.1')
    await new Promise((resolve) => holder.once('connect', resolve))
    // The second connection is closed at once; the first, which says nothing, after its idle time.
    assert.equal((await converse(few.port, [], 1)).length, 0)
    await new Promise((resolve) => holder.resume().once('close', resolve))
    const two = await converse(few.port, [framed(query), framed(query), framed(query)], Number.POSITIVE_INFINITY)
    assert.equal(two.length, 2 * (2 + (((two[0] ?? 0) << 8) | (two[1] ?? 0))))
    // Half a message is no message: its sender is idle.
    assert.equal((await converse(few.port, [Uint8Array.of(0)], 1)).length, 0)
  } finally {
    await few.close()
  }
  const onePerAddress = await start({ connectionsPerAddress: 1 })
  const holder = connect(onePerAddress.port, '127.0.0.1')
  await new Promise((resolve) => holder.once('connect', resolve))
  assert.equal((await converse(onePerAddress.port, [], 1)).length, 0)
  holder.destroy()
  await onePerAddress.close()
})

test('a peer that takes nothing holds neither memory nor the end', async () => {
  let handled = 0
  const server = await serveDns({
    address: '127.0.0.1',
    port: 0,
    limits: { closingMs: 50, messagesPerConnection: 1_000_000 },
    handle: () => {
      handled++
      return new Uint8Array(60_000)
    },
  })
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.pause()
  const many = new Uint8Array(2000 * 14)
  for (let i = 0; i < 2000; i++) many.set(framed(new Uint8Array(12)), 14 * i)
  await new Promise((resolve) => socket.write(many, resolve))
  for (let before = -1; handled === 0 || before !== handled; ) {
    before = handled
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await server.close()
  assert.ok(handled < 1000, `${handled} replies were made for one who reads none`)
  socket.destroy()
})

test('TCP: a late reply is overtaken, and holds up no more than the bound', async () => {
  const late: (() => void)[] = []
  const server = await serveDns({
    address: '127.0.0.1',
    port: 0,
    limits: { outstandingPerConnection: 2 },
    handle: ({ octets }) =>
      octets[0] === 1 ? new Promise((resolve) => late.push(() => resolve(octets))) : Uint8Array.of(octets[0] ?? 0, 9),
  })
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
  const received: number[] = []
  socket.on('data', (chunk: Uint8Array) => received.push(...chunk))
  const soon = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 30))
  for (const first of [1, 2, 1, 3]) socket.write(framed(Uint8Array.of(first, 0)))
  socket.end() // says no more, and still waits
  await soon()
  assert.deepEqual(received, [0, 2, 2, 9]) // 3 is not read while two wait
  late[1]?.()
  await soon()
  assert.deepEqual(received.slice(4), [0, 2, 1, 0, 0, 2, 3, 9])
  late[0]?.()
  await new Promise((resolve) => socket.once('close', resolve))
  assert.deepEqual(received.slice(12), [0, 2, 1, 0])
  await server.close()
})

test('TCP: replies of many messages are made as they are taken, and others come between; by UDP only the first', async () => {
  let made = 0
  let returned = 0
  const messages = function* (): Generator<Uint8Array, void, void> {
    try {
      for (let i = 0; i < 1000; i++) {
        made++
        yield new Uint8Array(60_000).fill(7)
      }
    } finally {
      returned++
    }
  }
  const server = await serveDns({
    address: '127.0.0.1',
    port: 0,
    handle: ({ octets }) => (octets[0] === 1 ? { messages: messages() } : octets),
  })
  const slow = connect(server.port, '127.0.0.1').pause()
  slow.on('error', () => {})
  slow.write(framed(Uint8Array.of(1)))
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.ok(made < 500, `${made} messages were made for one who takes none`)
  slow.destroy()
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(returned, 1)
  made = 0
  const whole = 1000 * 60_002 + 3
  const octets = await converse(server.port, [framed(Uint8Array.of(1)), framed(Uint8Array.of(2))], whole)
  assert.equal(octets.length, whole)
  assert.equal(made, 1000)
  const at = octets.indexOf(2)
  assert.ok(at > 0 && at < whole - 1, 'the short reply came between')
  const udp = createSocket('udp4')
  udp.send(Uint8Array.of(1), server.port, '127.0.0.1')
  const reply = await new Promise<Uint8Array>((resolve) => udp.once('message', resolve))
  assert.equal(reply.length, 60_000)
  assert.equal(returned, 3)
  udp.close()
  await server.close()
})

test('UDP: late replies are sent when they come, more than the bound are dropped', async () => {
  let handled = 0
  const late: (() => void)[] = []
  const server = await serveDns({
    address: '127.0.0.1',
    port: 0,
    limits: { outstandingDatagrams: 2 },
    handle: ({ octets }) => {
      handled++
      return new Promise((resolve) => late.push(() => resolve(octets)))
    },
  })
  const udp = createSocket('udp4')
  for (const octet of [1, 2, 3]) udp.send(Uint8Array.of(octet), server.port, '127.0.0.1')
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(handled, 2)
  const reply = new Promise<Uint8Array>((resolve) => udp.once('message', resolve))
  late[1]?.()
  assert.deepEqual([...(await reply)], [2])
  await server.close()
  late[0]?.() // after the end: nobody is told, nothing breaks
  udp.close()
})

test('closes by signal', async () => {
  const controller = new AbortController()
  const server = await serveDns({ address: '127.0.0.1', port: 0, handle: () => undefined, signal: controller.signal })
  controller.abort()
  await server.close()
  await assert.rejects(converse(server.port, [], 1))
})

type Script = (request: Message, octets: Uint8Array) => readonly Uint8Array[]

/** A server that says what the test wants, by UDP and TCP; counts what it was asked. */
async function withScript(
  udpScript: Script,
  tcpScript: Script,
  work: (server: DnsEndpoint, counts: { udp: number; tcp: number }) => Promise<void>,
): Promise<void> {
  const counts = { udp: 0, tcp: 0 }
  const tcp = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (chunk: Uint8Array) => {
      counts.tcp++
      const octets = new Uint8Array(chunk.subarray(2))
      for (const reply of tcpScript(expectOk(decodeMessage(octets), 'decode'), octets)) socket.write(framed(reply))
    })
  })
  const port = await new Promise<number>((resolve) => {
    tcp.listen(0, '127.0.0.1', () => {
      const address = tcp.address()
      resolve(address !== null && typeof address === 'object' ? address.port : 0)
    })
  })
  const udp = createSocket('udp4')
  udp.on('message', (chunk, peer) => {
    counts.udp++
    const octets = new Uint8Array(chunk)
    for (const reply of udpScript(expectOk(decodeMessage(octets), 'decode'), octets))
      udp.send(reply, peer.port, peer.address)
  })
  await new Promise<void>((resolve) => udp.bind(port, '127.0.0.1', resolve))
  try {
    await work({ address: '127.0.0.1', port }, counts)
  } finally {
    udp.close()
    tcp.close()
  }
}

const reply = (request: Message, change: Partial<Message> = {}): Uint8Array =>
  encodeMessage({ ...request, response: true, ...change }).octets
const text = (request: Message): Uint8Array => {
  const question = request.questions[0]
  assert.ok(question !== undefined)
  return reply(request, { answers: [makeRecord(TXT, question.name, 60, { strings: [new Uint8Array([0x61])] })] })
}
const none: Script = () => []
const ask = (server: DnsEndpoint, timeoutMs = 500) =>
  askServer({ server, name: name('x.example'), type: TXT.code, timeoutMs })

test('false answers do not end the waiting: wrong id, wrong question, no response, noise', async () => {
  const script: Script = (request) => [
    reply(request, { id: request.id ^ 1 }),
    reply(request, { questions: [{ name: name('other.example'), type: TXT.code, class: 1 }] }),
    text(request),
  ]
  await withScript(script, none, async (server, counts) => {
    assert.ok((await ask(server)).ok)
    assert.deepEqual(counts, { udp: 1, tcp: 0 })
  })
})

test('after three false answers, and after TC, TCP is asked', async () => {
  const flood: Script = (request) => [1, 2, 3, 4].map((n) => reply(request, { id: request.id ^ n }))
  const cut: Script = (request) => [reply(request, { truncated: true })]
  for (const script of [flood, cut]) {
    await withScript(
      script,
      (request) => [text(request)],
      async (server, counts) => {
        assert.ok((await ask(server)).ok)
        assert.deepEqual(counts, { udp: 1, tcp: 1 })
      },
    )
  }
})

test('silence and closed ports are said as what they are', async () => {
  await withScript(none, none, async (server) => {
    const silent = await ask(server, 50)
    assert.ok(!silent.ok && silent.error.kind === 'timeout')
    const closed = await ask({ address: '127.0.0.1', port: 1 })
    assert.ok(!closed.ok && closed.error.kind === 'unreachable')
    const stopped = await askServer({
      server,
      name: name('x.example'),
      type: TXT.code,
      signal: AbortSignal.abort(),
    })
    assert.ok(!stopped.ok && stopped.error.kind === 'aborted')
  })
  await withScript(
    (request) => [reply(request, { truncated: true })],
    () => [new Uint8Array(20)],
    async (server) => {
      const broken = await ask(server)
      assert.ok(!broken.ok && broken.error.reason.startsWith('by TCP: not an answer'))
    },
  )
})

test('hostile record data are no answer, and break nothing', async () => {
  const kinds: (DecodeError['kind'] | undefined)[] = []
  for (const [type, rdata] of [
    [15, ''],
    [15, '00'],
    [15, '000a'],
    [33, '000000'],
    [52, ''],
    [52, '030101'],
    [16, ''],
  ] as const) {
    const hostile: Script = (request) => {
      const question = request.questions[0]
      assert.ok(question !== undefined)
      const record = { name: question.name, type, class: 1, ttlSeconds: 60, rdata: Uint8Array.fromHex(rdata) }
      const octets = reply(request, { answers: [record] })
      const decoded = decodeMessage(octets)
      kinds.push(decoded.ok ? undefined : decoded.error.kind)
      return [octets]
    }
    await withScript(hostile, hostile, async (server) => {
      const answer = await askServer({ server, name: name('x.example'), type, timeoutMs: 30 })
      assert.ok(!answer.ok, `${type} ${rdata}`)
    })
  }
  assert.ok(kinds.every((kind) => kind !== undefined))
})
