import { parseAddressPrefix } from '@scop/identifiers'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeUtf8 } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  applyUpdate,
  CLASS,
  decodeMessage,
  DEFAULT_LIMITS,
  EMPTY_MESSAGE,
  encodeMessage,
  encodeTransferRequest,
  exists,
  formatRcode,
  formatZone,
  makeRecord,
  type Message,
  type NotifyEvent,
  parseZone,
  type ResourceRecord,
  signMessage,
  SOA,
  TXT,
  TYPE_AXFR,
  updateMessage,
  type Zone,
  zoneSet,
} from '../../src/index.ts'
import {
  createNotifySender,
  createPrimary,
  createSecondary,
  fetchZone,
  openZoneStore,
  type Primary,
  type PrimaryOptions,
  type SecondaryNews,
  type SecondaryOptions,
  serveDns,
  type StoredChange,
  type ZoneStore,
} from '../../src/node/index.ts'
import { exampleZone, KEY, name } from '../example-zone.ts'

const ORIGIN = name('example.org')
const BECAUSE = { author: 'test', reason: 'a test', atMs: 0 }
const LOOPBACK = expectOk(parseAddressPrefix('127.0.0.0/8'), 'read')
const txt = (owner: string, text = owner): ResourceRecord =>
  makeRecord(TXT, name(`${owner}.example.org`), 60, { strings: [encodeUtf8(text)] })

type Ours = {
  readonly primary: Primary
  readonly store: ZoneStore
  readonly port: number
  /** Changes of each transaction. */
  readonly groups: number[]
}

async function withOurs(options: Partial<PrimaryOptions>, work: (ours: Ours) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'scop-transfer-'))
  const file = openZoneStore(join(directory, 'zones.sqlite'))
  const groups: number[] = []
  const store: ZoneStore = {
    ...file,
    append: (changes: readonly StoredChange[]) => {
      groups.push(changes.length)
      file.append(changes)
    },
  }
  const primary = expectOk(
    createPrimary({
      store,
      keys: [KEY],
      grants: [{ key: KEY.name, names: { kind: 'any' }, types: 'any' }],
      transfers: [{ from: LOOPBACK }],
      ...options,
    }),
    'open',
  )
  const server = await serveDns({ address: '127.0.0.1', port: 0, handle: (incoming) => primary.handle(incoming) })
  try {
    await work({ primary, store, port: server.port, groups })
  } finally {
    await server.close()
    file.close()
    rmSync(directory, { recursive: true })
  }
}

const signedUpdate = (id: number, records: readonly ResourceRecord[], before: readonly ResourceRecord[] = []) =>
  signMessage(encodeMessage(updateMessage(id, ORIGIN, before, records)).octets, KEY, {
    now: Math.floor(Date.now() / 1000),
  }).octets
const peer = { address: '127.0.0.1', port: 5353 }
async function tell(primary: Primary, octets: Uint8Array): Promise<string> {
  const reply = await primary.handle({ octets, transport: 'udp', peer, now: Math.floor(Date.now() / 1000) })
  if (!(reply instanceof Uint8Array)) return 'silence'
  return formatRcode(expectOk(decodeMessage(reply), 'decode').rcode)
}

test('updates of one moment: one transaction, a version each, in their order', async () => {
  await withOurs({}, async ({ primary, groups, store }) => {
    primary.addZone(exampleZone(), BECAUSE)
    const replies = Array.from({ length: 50 }, (_, i) => tell(primary, signedUpdate(i, [txt(`u${i}`)])))
    // Nobody sees what the disk does not have.
    assert.equal(primary.zone(ORIGIN)?.soa.serial, 100)
    assert.deepEqual(new Set(await Promise.all(replies)), new Set(['NOERROR']))
    assert.deepEqual(groups, [50])
    assert.equal(primary.zone(ORIGIN)?.soa.serial, 150)
    const changes = store.changesSince(ORIGIN, 100)
    assert.deepEqual(
      changes?.map(({ diff }) => diff.toSerial),
      Array.from({ length: 50 }, (_, i) => 101 + i),
    )
  })
})

test('what an update found in a change that is on its way is not said before that is on the disk', async () => {
  await withOurs({}, async ({ primary }) => {
    primary.addZone(exampleZone(), BECAUSE)
    const done: string[] = []
    const note = (what: string) => (rcode: string) => done.push(`${what} ${rcode}`)
    await Promise.all([
      tell(primary, signedUpdate(1, [txt('new')])).then(note('first')),
      tell(primary, signedUpdate(1, [txt('new')])).then(note('again')),
      tell(primary, signedUpdate(2, [txt('more')], [exists(name('new.example.org'), TXT.code)])).then(note('needs')),
      tell(primary, signedUpdate(3, [txt('more')], [exists(name('no.example.org'), TXT.code)])).then(note('fails')),
    ])
    assert.deepEqual(done.toSorted(), ['again NOERROR', 'fails NXRRSET', 'first NOERROR', 'needs NOERROR'])
    assert.equal(primary.zone(ORIGIN)?.soa.serial, 102)
  })
})

test('a disk that takes nothing: every update of that moment fails, and the next one starts from what is there', async () => {
  let full = true
  const directory = mkdtempSync(join(tmpdir(), 'scop-transfer-'))
  const file = openZoneStore(join(directory, 'zones.sqlite'))
  const store: ZoneStore = {
    ...file,
    append: (changes) => {
      if (full) throw new Error('disk full')
      file.append(changes)
    },
  }
  const primary = expectOk(
    createPrimary({ store, keys: [KEY], grants: [{ key: KEY.name, names: { kind: 'any' }, types: 'any' }] }),
    'open',
  )
  primary.addZone(exampleZone(), BECAUSE)
  const replies = await Promise.all([1, 2, 3].map((i) => tell(primary, signedUpdate(i, [txt(`u${i}`)]))))
  assert.deepEqual(replies, ['SERVFAIL', 'SERVFAIL', 'SERVFAIL'])
  assert.equal(primary.zone(ORIGIN)?.soa.serial, 100)
  full = false
  assert.equal(await tell(primary, signedUpdate(4, [txt('u4')])), 'NOERROR')
  assert.equal(primary.zone(ORIGIN)?.soa.serial, 101)
  file.close()
  rmSync(directory, { recursive: true })
})

test('a key that sends too many updates is told SERVFAIL, until time has passed; another key is not', async () => {
  let now = Date.now()
  const other = { ...KEY, name: name('other.key') }
  const limits = { updatesPerSecond: 2, updateBurst: 3 }
  const grants = [KEY, other].map((key) => ({ key: key.name, names: { kind: 'any' }, types: 'any' }) as const)
  await withOurs({ keys: [KEY, other], grants, primaryLimits: limits, now: () => now }, async ({ primary }) => {
    primary.addZone(exampleZone(), BECAUSE)
    const send = (key: typeof KEY): Promise<string> => {
      const octets = encodeMessage(updateMessage(1, ORIGIN, [], [])).octets
      return tell(primary, signMessage(octets, key, { now: Math.floor(Date.now() / 1000) }).octets)
    }
    const all = async (count: number): Promise<readonly string[]> => {
      const said: string[] = []
      for (let i = 0; i < count; i++) said.push(await send(KEY))
      return said
    }
    assert.deepEqual(await all(5), ['NOERROR', 'NOERROR', 'NOERROR', 'SERVFAIL', 'SERVFAIL'])
    assert.equal(await send(other), 'NOERROR')
    now += 1000
    assert.deepEqual(await all(3), ['NOERROR', 'NOERROR', 'SERVFAIL'])
    now -= 5000
    assert.deepEqual(await all(1), ['SERVFAIL'])
  })
})

/** A request for the whole zone by TCP, of which nothing more is read than `take` says. */
function slowReader(port: number): Promise<Socket> {
  const question = { name: ORIGIN, type: TYPE_AXFR, class: CLASS.IN }
  const { octets } = encodeMessage({ ...EMPTY_MESSAGE, questions: [question] })
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.on('connect', () => {
      socket.write(Uint8Array.of(octets.length >>> 8, octets.length, ...octets))
      socket.once('readable', () => resolve(socket))
    })
  })
}
const bigZone = (): Zone => {
  const lines = Array.from({ length: 60_000 }, (_, i) => `h${i} TXT "${'x'.repeat(200)}"`)
  return expectOk(parseZone(`$TTL 60\n@ SOA ns root 1 2 3 4 5\n@ NS ns\n${lines.join('\n')}\n`, ORIGIN), 'read')
}
const fetched = (port: number, more: object = {}) =>
  fetchZone({
    server: { address: '127.0.0.1', port },
    sent: encodeTransferRequest({ id: 7, zone: ORIGIN, transport: 'tcp' }, Math.floor(Date.now() / 1000)),
    now: Date.now,
    ...more,
  })

test('no more transfers at once than the limit; who goes away makes room', async () => {
  await withOurs({ primaryLimits: { transfersAtOnce: 2 } }, async ({ primary, port }) => {
    primary.addZone(bigZone(), BECAUSE)
    const [one, two] = [await slowReader(port), await slowReader(port)]
    const busy = await fetched(port)
    assert.deepEqual(busy, { ok: false, error: { kind: 'bad-transfer', error: { kind: 'refused', rcode: 2 } } })
    one.destroy()
    for (let left = 100; ; left--) {
      const got = await fetched(port)
      if (got.ok) {
        assert.equal(got.value.kind === 'zone' && got.value.zone.recordCount, 60_002)
        break
      }
      assert.ok(left > 0, JSON.stringify(got.error))
      await sleep(20)
    }
    two.destroy()
  })
})

/** A primary that says whatever `speak` makes it say, message after message, as fast as it is read. */
async function withFalsePrimary(
  speak: (request: Message, socket: Socket) => Generator<Message, void, void>,
  work: (port: number, sent: () => number) => Promise<void>,
): Promise<void> {
  let octetsSent = 0
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', (chunk: Uint8Array) => {
      const messages = speak(expectOk(decodeMessage(chunk.subarray(2)), 'decode'), socket)
      const next = (): void => {
        for (const message of { [Symbol.iterator]: () => messages }) {
          const { octets } = encodeMessage(message)
          octetsSent += octets.length
          if (!socket.write(Buffer.concat([Uint8Array.of(octets.length >>> 8, octets.length), octets]))) {
            socket.once('drain', next)
            return
          }
        }
      }
      next()
    })
  })
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  try {
    await work(port, () => octetsSent)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}
const soaOf = (serial: number): ResourceRecord => makeRecord(SOA, ORIGIN, 60, { ...exampleZone().soa, serial })

test('an endless transfer ends at the limits, and what came of it is not kept', async () => {
  const endless = function* (request: Message): Generator<Message, void, void> {
    const reply = { ...EMPTY_MESSAGE, id: request.id, response: true, questions: request.questions }
    yield { ...reply, answers: [soaOf(500)] }
    for (let i = 0; ; i++) yield { ...reply, answers: Array.from({ length: 200 }, (_, j) => txt(`x${i}-${j}`)) }
  }
  await withFalsePrimary(endless, async (port, sent) => {
    const CASES = [
      [{ zoneRecords: 5000 }, 'bad-zone'],
      [{ transferOctets: 200_000 }, 'too-many-octets'],
      [{ transferMessages: 20 }, 'too-many-messages'],
    ] as const
    for (const [limits, expected] of CASES) {
      const before = sent()
      const got = await fetched(port, { limits: { ...DEFAULT_LIMITS, ...limits } })
      assert.ok(!got.ok && got.error.kind === 'bad-transfer')
      assert.equal(got.error.error.kind, expected)
      assert.ok(sent() - before < 5_000_000, `${sent() - before} octets were read`)
    }
    const late = await fetched(port, { timeouts: { totalMs: 150 } })
    assert.equal(!late.ok && late.error.kind, 'timeout')
    // A secondary keeps what it has.
    await withOurs({}, async ({ primary }) => {
      primary.addZone(exampleZone(), BECAUSE)
      const news = await followUntil(
        primary,
        { from: [{ server: { address: '127.0.0.1', port } }], limits: { ...DEFAULT_LIMITS, transferMessages: 10 } },
        'failed',
      )
      assert.equal(news.kind, 'failed')
      assert.equal(formatZone(primary.zone(ORIGIN) ?? bigZone()), formatZone(exampleZone()))
    })
  })
})

test('a primary that falls silent, closes, or is not there', async () => {
  const once = function* (request: Message): Generator<Message, void, void> {
    yield { ...EMPTY_MESSAGE, id: request.id, response: true, questions: request.questions, answers: [soaOf(5)] }
  }
  await withFalsePrimary(once, async (port) => {
    const silent = await fetched(port, { timeouts: { idleMs: 60 } })
    assert.equal(!silent.ok && silent.error.kind, 'timeout')
  })
  const closing = function* (request: Message, socket: Socket): Generator<Message, void, void> {
    yield* once(request)
    socket.end()
  }
  let unused = 0
  await withFalsePrimary(closing, async (port) => {
    unused = port
    const closed = await fetched(port)
    assert.equal(!closed.ok && closed.error.kind, 'unreachable')
    const aborted = await fetched(port, { signal: AbortSignal.abort() })
    assert.equal(!aborted.ok && aborted.error.kind, 'aborted')
  })
  const nobody = await fetched(unused)
  assert.equal(!nobody.ok && nobody.error.kind, 'unreachable')
})

function followUntil(
  primary: Primary,
  options: Pick<SecondaryOptions, 'from'> & Partial<SecondaryOptions>,
  kind: SecondaryNews['kind'],
): Promise<SecondaryNews> {
  return new Promise((resolve) => {
    const secondary = createSecondary({
      primary,
      origin: ORIGIN,
      ...options,
      onEvent: (event) => {
        if (event.kind !== kind) return
        // After the event has been dealt with.
        setImmediate(() => {
          secondary.close()
          resolve(event)
        })
      },
    })
  })
}

test('a secondary of ours: the whole, then changes, told by NOTIFY; changes that do not fit are fetched whole', async () => {
  await withOurs({}, async (source) => {
    source.primary.addZone(exampleZone(), BECAUSE)
    await withOurs({ transfers: [] }, async ({ primary, port, store }) => {
      const told: NotifyEvent[] = []
      const sender = createNotifySender({
        targets: () => [{ address: '127.0.0.1', port }],
        sources: ['127.0.0.1'],
        onEvent: (event) => told.push(event),
      })
      const news: string[] = []
      const secondary = createSecondary({
        primary,
        origin: ORIGIN,
        from: [{ server: { address: '127.0.0.1', port: source.port } }],
        onEvent: (event) =>
          news.push(event.kind === 'installed' ? `${event.style} ${event.zone.soa.serial}` : event.kind),
      })
      const until = async (what: string): Promise<void> => {
        for (let left = 200; !news.includes(what); left--) {
          assert.ok(left > 0, `${what}: ${news.join()}`)
          await sleep(10)
        }
      }
      await until('whole 100')
      assert.equal(await tell(source.primary, signedUpdate(1, [txt('new')])), 'NOERROR')
      sender.changed(source.primary.zone(ORIGIN) ?? exampleZone())
      await until('changes 101')
      assert.equal(formatZone(primary.zone(ORIGIN) ?? bigZone()), formatZone(source.primary.zone(ORIGIN) ?? bigZone()))
      for (let left = 200; told.length === 0 && left > 0; left--) await sleep(10)
      assert.equal(told[0]?.kind, 'told')
      assert.equal(store.changesSince(ORIGIN, 100)?.length, 1)
      // An update of a zone that is not ours to change.
      assert.equal(await tell(primary, signedUpdate(2, [txt('x')])), 'NOTAUTH')
      // The same serial on another ground: the next change does not fit, and the whole comes.
      const mine = applyUpdate(zoneSet([exampleZone()]), updateMessage(1, ORIGIN, [], [txt('other')]), () => true)
      assert.ok(mine.kind === 'changed')
      primary.follow(ORIGIN, { peers: [], notified: () => undefined }).install(mine.zone, undefined, BECAUSE)
      source.primary.change(ORIGIN, BECAUSE, (zone) => {
        const next = applyUpdate(
          zoneSet([zone]),
          updateMessage(1, ORIGIN, [], [{ ...txt('new'), class: CLASS.NONE, ttlSeconds: 0 }]),
          () => true,
        )
        return next.kind === 'changed' ? { ok: true, value: next } : { ok: false, error: { kind: next.kind } }
      })
      secondary.refresh()
      await until('whole 102')
      assert.equal(formatZone(primary.zone(ORIGIN) ?? bigZone()), formatZone(source.primary.zone(ORIGIN) ?? bigZone()))
      secondary.close()
      sender.close()
    })
  })
})

test('a zone whose primary is gone expires: SERVFAIL, until it is heard of again', async () => {
  await withOurs({}, async (source) => {
    source.primary.addZone(exampleZone(), BECAUSE)
    await withOurs({}, async ({ primary }) => {
      primary.addZone(exampleZone(), BECAUSE)
      const question = { name: name('web.example.org'), type: 1, class: CLASS.IN }
      const ask = (): Promise<string> =>
        tell(primary, encodeMessage({ ...EMPTY_MESSAGE, questions: [question] }).octets)
      assert.equal(await ask(), 'NOERROR')
      // Expired ten years ago; asked of nobody.
      const nobody = { server: { address: '127.0.0.1', port: 1 } }
      const follower = primary.follow(ORIGIN, { peers: [], notified: () => undefined })
      follower.expire()
      assert.equal(await ask(), 'SERVFAIL')
      follower.unfollow()
      const kept = primary.follow(ORIGIN, { peers: [], notified: () => undefined })
      kept.confirm(0)
      kept.unfollow()
      const expired = await followUntil(primary, { from: [nobody] }, 'expired')
      assert.equal(expired.kind, 'expired')
      assert.equal(await ask(), 'NOERROR') // no longer followed
      primary.follow(ORIGIN, { peers: [], notified: () => undefined }).expire()
      const news = await followUntil(
        primary,
        { from: [{ server: { address: '127.0.0.1', port: source.port } }] },
        'up-to-date',
      )
      assert.equal(news.kind, 'up-to-date')
      assert.equal(await ask(), 'NOERROR')
    })
  })
})

test('when a zone was last heard of outlives the process: restarts do not make it last longer', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'scop-secondary-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'zones.sqlite')
  const { expireSeconds } = exampleZone().soa
  let nowMs = Date.UTC(2026, 0, 1)
  const nobody = [{ server: { address: '127.0.0.1', port: 1 } }]
  /** A process with its store; what the secondary said until it has settled. */
  const restart = async (from: SecondaryOptions['from'], wanted: SecondaryNews['kind']): Promise<string[]> => {
    const store = openZoneStore(path)
    const primary = expectOk(createPrimary({ store, keys: [], grants: [], now: () => nowMs }), 'open')
    const news: string[] = []
    const secondary = createSecondary({
      primary,
      origin: ORIGIN,
      from,
      now: () => nowMs,
      onEvent: ({ kind }) => news.push(kind),
    })
    for (let left = 300; !news.includes(wanted); left--) {
      assert.ok(left > 0, `${wanted}: ${news.join()}`)
      await sleep(10)
    }
    await sleep(0) // what follows the news
    secondary.close()
    store.close()
    return news
  }
  await withOurs({}, async (source) => {
    source.primary.addZone(exampleZone(), BECAUSE)
    const there = [{ server: { address: '127.0.0.1', port: source.port } }]
    assert.deepEqual(await restart(there, 'installed'), ['installed'])
    const heardMs = nowMs
    // Restarted again and again: the time goes on from when the zone came.
    for (const share of [0.3, 0.6, 0.99]) {
      nowMs = heardMs + expireSeconds * 1000 * share
      assert.deepEqual(await restart(nobody, 'failed'), ['failed'], `${share}`)
    }
    nowMs = heardMs + expireSeconds * 1000
    assert.equal((await restart(nobody, 'failed'))[0], 'expired')
    // The primary is there again, and has nothing newer: the time begins anew.
    assert.ok((await restart(there, 'up-to-date')).includes('up-to-date'))
    nowMs += expireSeconds * 1000 - 1000
    assert.deepEqual(await restart(nobody, 'failed'), ['failed'])
    // A clock that was wrong and is put right.
    nowMs = heardMs
    assert.deepEqual(await restart(nobody, 'failed'), ['failed'])
    nowMs = heardMs + expireSeconds * 2000 + 1000
    assert.equal((await restart(nobody, 'failed'))[0], 'expired')
  })
})
