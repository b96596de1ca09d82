// What strangers may do to the authority: packets that break others, requests that spoof, peers that read and write slowly.

import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  AnswerPackets,
  decodeMessage,
  EMPTY_MESSAGE,
  encodeMessage,
  findOption,
  handleMessage,
  type Message,
  OPTION,
  parseName,
  parseRecords,
  parseZone,
  RateLimiter,
  RCODE,
  ROOT,
  SOA,
  zoneSet,
} from '@scop/dns'
import { serveDns } from '@scop/dns/node'
import { expectOk } from '@scop/result'
import { vectorFiles } from '../harness/vectors.ts'

const CORPUS = vectorFiles('dns/dns-fuzzing', '9774.tar.gz')?.[0]
const ORIGIN = expectOk(parseName('abuse.example', ROOT), 'read')
const query = (more: Partial<Message> = {}): Uint8Array =>
  encodeMessage({ ...EMPTY_MESSAGE, id: 77, questions: [{ name: ORIGIN, type: SOA.code, class: 1 }], ...more }).octets
const framed = (octets: Uint8Array): Uint8Array => {
  const whole = new Uint8Array(2 + octets.length)
  whole[0] = octets.length >>> 8
  whole[1] = octets.length
  whole.set(octets, 2)
  return whole
}

const directory = mkdtempSync(path.join(tmpdir(), 'scop-abuse-dns-'))
let child: ChildProcess
let port = 0
before(async () => {
  ;({ child, port } = await startServer('zones.sqlite'))
})
after(() => {
  child.stdin?.end()
  rmSync(directory, { recursive: true, force: true })
})

/** `answers`: so many a second to one network. */
async function startServer(store: string, answers?: number): Promise<{ child: ChildProcess; port: number }> {
  const script = path.join(import.meta.dirname, '../harness/dns-server.ts')
  const arguments_ = ['--disable-warning=ExperimentalWarning', script, path.join(directory, store)]
  if (answers !== undefined) arguments_.push(String(answers))
  const started = spawn(process.execPath, arguments_, { stdio: ['pipe', 'pipe', 'inherit'] })
  const listening = await new Promise<number>((resolve, reject) => {
    started.stdout?.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())))
    started.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
  })
  return { child: started, port: listening }
}

/** Resident memory of the server, in MiB. */
const resident = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024

async function answersByUdp(): Promise<boolean> {
  const socket = createSocket('udp4')
  try {
    for (let attempt = 0; attempt < 20; attempt++) {
      socket.send(query(), port, '127.0.0.1')
      const reply = await Promise.race([once(socket, 'message'), sleep(250)])
      if (reply !== undefined) return true
    }
    return false
  } finally {
    socket.close()
  }
}

test('9,774 packets that were made to break name servers, by UDP and TCP: it answers on, and does not grow', {
  timeout: 120_000,
}, async (t) => {
  if (CORPUS === undefined) return t.skip('vectors absent')
  execFileSync('tar', ['xzf', CORPUS, '-C', directory])
  const folder = path.join(directory, 'packet')
  const packets = readdirSync(folder).map((file) => readFileSync(path.join(folder, file)))
  assert.ok(packets.length > 9000)
  const sizes: number[] = []
  let replies = 0
  for (let pass = 0; pass < 4; pass++) {
    const udp = createSocket('udp4')
    udp.on('message', (octets) => {
      replies++
      assert.ok(decodeMessage(octets).ok, `a reply that cannot be read: ${octets.toString('hex')}`)
    })
    for (const [i, packet] of packets.entries()) {
      if (packet.length > 0 && packet.length < 65_000) udp.send(packet, port, '127.0.0.1')
      if (i % 50 === 0) await sleep(1)
    }
    assert.ok(await answersByUdp())
    udp.close()
    for (let i = 0; i < packets.length; i += 500) await sendByTcp(packets.slice(i, i + 500))
    assert.ok(await answersByUdp())
    sizes.push(resident())
  }
  t.diagnostic(
    `${replies} replies by UDP; resident after each pass: ${sizes.map((size) => size.toFixed(0)).join(', ')} MiB`,
  )
  assert.ok(replies > 1000)
  assert.ok((sizes[3] ?? 0) < (sizes[1] ?? 0) + 30, 'the server grows')
})

/** All on one connection, and the end; resolves when the server has closed. */
function sendByTcp(packets: readonly Uint8Array[]): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.on('close', () => resolve())
    socket.resume()
    for (const packet of packets) if (packet.length <= 0xffff) socket.write(framed(packet))
    socket.end()
  })
}

test('400 connections that send an octet now and then, or read nothing: others are answered', {
  timeout: 60_000,
}, async () => {
  const slow: Socket[] = []
  for (let i = 0; i < 400; i++) {
    // Addresses of their own, as from many hosts.
    const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.${1 + (i >>> 6)}.${1 + (i & 63)}` })
    socket.on('error', () => {})
    if (i % 2 === 0) socket.pause()
    slow.push(socket)
  }
  const many = framed(query())
  for (const [i, socket] of slow.entries()) {
    if (i % 2 === 0) for (let n = 0; n < 200; n++) socket.write(many)
    else socket.write(Uint8Array.of(0))
  }
  const before_ = resident()
  for (let i = 0; i < 10; i++) assert.ok(await answersByUdp())
  assert.ok(resident() < before_ + 60)
  // Those without a whole message are closed, and there is room again.
  const limit = performance.now() + 20_000
  while (slow.filter((socket, i) => i % 2 === 1 && !socket.destroyed).length > 0 && performance.now() < limit)
    await sleep(100)
  assert.equal(slow.filter((socket, i) => i % 2 === 1 && !socket.destroyed).length, 0)
  const again = connect(port, '127.0.0.1')
  again.write(many)
  await once(again, 'data')
  for (const socket of [...slow, again]) socket.destroy()
})

const ZONE = expectOk(
  parseZone('$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 127.0.0.1\nbig TXT ' + '"x" '.repeat(60) + '\n', ORIGIN),
  'read',
)
const STATE = { zones: zoneSet([ZONE]), keys: [], grants: [], packets: new AnswerPackets() }
const PEER = { address: '192.0.2.1', port: 4000 }
const NOW = 1_700_000_000

test('two servers told to answer each other stop at once', async () => {
  let messages = 0
  const start = (): ReturnType<typeof serveDns> =>
    serveDns({
      address: '127.0.0.1',
      port: 0,
      handle: (incoming) => {
        messages++
        const reaction = handleMessage(STATE, incoming)
        return reaction.kind === 'reply' ? reaction.octets : undefined
      },
    })
  const [one, two] = [await start(), await start()]
  try {
    // What one server would send to the other whose address was forged: its answer, its FORMERR, its refusal.
    const replies = [query(), query().subarray(0, 20), query({ opcode: 2 }), query({ questions: [] })].map((octets) => {
      const reaction = handleMessage(STATE, { octets, transport: 'udp', peer: PEER, now: NOW })
      assert.ok(reaction.kind === 'reply')
      return reaction.octets
    })
    const forger = createSocket('udp4')
    for (const reply of replies) for (const { port: to } of [one, two]) forger.send(reply, to, '127.0.0.1')
    await sleep(200)
    assert.equal(messages, 2 * replies.length)
    forger.close()
    for (const octets of replies)
      assert.equal(handleMessage(STATE, { octets, transport: 'udp', peer: PEER, now: NOW }).kind, 'silence')
  } finally {
    await Promise.all([one.close(), two.close()])
  }
})

test('reflection: 100,000 forged questions in a second send a network no more than its share', () => {
  const kinds = ['abuse.example', 'big.abuse.example', 'none.abuse.example', 'elsewhere.test']
  const rateLimiter = new RateLimiter(1)
  let [asked, sent, whole] = [0, 0, 0]
  for (let i = 0; i < 100_000; i++) {
    const owner = kinds[i % kinds.length] ?? ''
    const octets = query({
      questions: [{ name: expectOk(parseName(owner, ROOT), 'read'), type: 16, class: 1 }],
      edns: { udpOctets: 4096, version: 0, dnssecOk: true, options: [] },
    })
    const peer = { address: `192.0.2.${i % 256}`, port: 1024 + (i % 60_000) }
    const reaction = handleMessage({ ...STATE, rateLimiter }, { octets, transport: 'udp', peer, now: NOW })
    asked += octets.length
    if (reaction.kind !== 'reply') continue
    sent += reaction.octets.length
    if (((reaction.octets[2] ?? 0) & 2) === 0) whole++
  }
  assert.ok(whole <= 200 + 100 + 50, `${whole} whole answers`)
  assert.ok(sent < asked, `${sent} octets sent for ${asked}`)
})

/** All that comes back by UDP for `times` questions at once. */
async function flood(to: number, octets: Uint8Array, times: number): Promise<readonly Message[]> {
  const socket = createSocket('udp4')
  const replies: Message[] = []
  socket.on('message', (reply) => replies.push(expectOk(decodeMessage(reply), 'read a reply')))
  for (let i = 0; i < times; i++) {
    socket.send(octets, to, '127.0.0.1')
    if (i % 50 === 49) await sleep(5) // the socket's buffer holds no more
  }
  for (let before = -1; replies.length > before; await sleep(300)) before = replies.length
  socket.close()
  return replies
}

const withCookie = (cookie: Uint8Array): Uint8Array =>
  query({ edns: { udpOctets: 1232, version: 0, dnssecOk: false, options: [{ code: OPTION.COOKIE, octets: cookie }] } })

test('reflection, through sockets: a flood gets its share and TC; a cookie, or TCP, gets the answer', async (t) => {
  const limited = await startServer('limited.sqlite', 5)
  t.after(() => limited.child.stdin?.end())
  const startedMs = Date.now()
  const plain = await flood(limited.port, query(), 400)
  const seconds = Math.ceil((Date.now() - startedMs) / 1000) + 1
  const whole = plain.filter(({ answers }) => answers.length > 0)
  assert.ok(whole.length >= 1 && whole.length <= 5 * (seconds + 1), `${whole.length} whole answers in ${seconds} s`)
  assert.ok(plain.length <= 200 + 5 * (seconds + 1), `${plain.length} replies to 400 questions`)
  for (const { answers, truncated } of plain) assert.equal(truncated, answers.length === 0)

  const unproven = await flood(limited.port, withCookie(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)), 100)
  const bad = unproven.find(({ rcode }) => rcode === RCODE.BADCOOKIE)
  const cookie = findOption(bad?.edns, OPTION.COOKIE)
  assert.ok(cookie !== undefined && bad?.answers.length === 0)
  const proven = await flood(limited.port, withCookie(cookie), 100)
  assert.equal(proven.length, 100)
  assert.ok(proven.every(({ answers, rcode }) => answers.length > 0 && rcode === RCODE.NOERROR))
  const forged = cookie.slice()
  forged.set([0xff ^ (forged[20] ?? 0)], 20)
  assert.ok((await flood(limited.port, withCookie(forged), 100)).length < 100)

  const socket = connect(limited.port, '127.0.0.1')
  socket.write(framed(query()))
  const [octets] = (await once(socket, 'data')) as [Buffer] // as: one small reply is one piece
  socket.destroy()
  assert.ok(expectOk(decodeMessage(octets.subarray(2)), 'read a reply').answers.length > 0)
})

test('a message of 64 KiB costs no more to write than its length allows: compression looks at a bounded number of names', () => {
  const labels = (i: number): string => Array.from({ length: 40 }, (_, n) => `l${(i * 7 + n) % 97}`).join('.')
  const answers = expectOk(
    parseRecords(Array.from({ length: 900 }, (_, i) => `${labels(i)}.x. 1 A 192.0.2.1`).join('\n'), ROOT),
    'read',
  )
  const time = (): number => {
    const from = process.cpuUsage()
    for (let i = 0; i < 20; i++) encodeMessage({ ...EMPTY_MESSAGE, answers })
    const { user, system } = process.cpuUsage(from)
    return (user + system) / 20_000
  }
  time()
  const ms = Math.min(time(), time(), time())
  assert.ok(ms < 20, `${ms.toFixed(1)} ms of CPU`)
})
