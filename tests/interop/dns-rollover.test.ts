// Keys that replace themselves under the eyes of a validating Unbound: it is asked all the time, and nothing it is told is
// ever bogus. The bottle signs and rolls; the parent takes what BIND's dnssec-cds makes of the CDS.
// RFC 7583 (timing), RFC 7344 §6 (the parent), RFC 6781 §4.1.4 (algorithms)

import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CLASS,
  DNSKEY,
  EMPTY_MESSAGE,
  encodeMessage,
  encodeRdata,
  formatRdata,
  matchReply,
  parseType,
  type TsigKey,
} from '@scop/dns'
import { exchangeTcp } from '@scop/dns/node'
import { expectOk } from '@scop/result'
import { startTestBottle, type TestBottle } from '../harness/bottle.ts'
import { inPeerLab, LAB, until } from './peer-lab/lab.ts'
import { serveOurs } from './peer-lab/ours.ts'
import { startUnbound } from './peer-lab/peers.ts'
import { delegation, labName, signing, signLabZone } from './peer-lab/signed.ts'
import { toolOrFail } from './peer-lab/tool.ts'

const TRACE = { trace: '0000000000000000' }
const BECAUSE = { author: 'lab', reason: 'lab' }
const KEY: TsigKey = { name: labName('lab.key'), algorithm: 'hmac-sha256', secret: new Uint8Array(32).fill(7) }
const SECRET = Buffer.from(KEY.secret).toString('base64')
const ZONES = ['csk.test', 'split.test', 'three.test'] as const
type ZoneName = (typeof ZONES)[number]
const CONTENT = `$TTL 2
@ SOA ns root 1 3600 600 86400 2
@ NS ns
ns A ${LAB.ours}
www A 127.0.0.1
*.wild TXT "any"
`
/** Seconds where the world has hours. */
const QUICK = {
  'dnskey-ttl-seconds': 2,
  'propagation-seconds': 0,
  'safety-seconds': 1,
  'parent-ds-ttl-seconds': 2,
  'parent-propagation-seconds': 0,
  'parent-check-seconds': 1,
  'parent-servers': [`${LAB.parent}:53`],
  zones: { 'split.test': { keys: 'ksk-zsk' }, 'three.test': { dnssec: 'nsec3', keys: 'ksk-zsk' } },
}

inPeerLab(import.meta.filename, ['dig', 'unbound', 'dnssec-cds', 'nsupdate'], () => {
  test('rollovers of CSK, KSK, ZSK and algorithm never turn bogus', { timeout: 270_000 }, async (t) => {
    const bottle = await startTestBottle({
      domain: 'mail.test',
      name: 'alice',
      address: LAB.ours,
      ports: { submissions: 465, submission: 587, smtp: 25, dns: 53, resolver: 3053 },
      settings: Object.entries(QUICK).map(([key, value]) => [['dns-primary', key], value] as const),
    })
    t.after(() => bottle.stop())
    for (const zone of ZONES) {
      expectOk(
        await bottle.calls.call('dns-primary', 'add-zone', { zone, text: CONTENT, ...BECAUSE }, TRACE),
        `add ${zone}`,
      )
    }
    const cuts = ZONES.map((zone) => delegation(zone, LAB.ours).replaceAll(' 60 ', ' 2 ')).join('')
    const head = '$TTL 2\n@ SOA ns hostmaster 1 3600 600 86400 2\n@ NS ns\n'
    const parent = signLabZone('test', `${head}ns A ${LAB.parent}\n${cuts}`)
    const root = signLabZone(
      '.',
      `${head.replaceAll('ns', 'ns.lab.')}ns.lab. A ${LAB.root}\n${delegation('test', LAB.parent, parent.ds)}`,
    )
    await serveOurs(t, { address: LAB.root, zones: {}, signed: [root] })
    const grants = [{ key: KEY.name, names: { kind: 'any' }, types: 'any' }] as const
    await serveOurs(t, {
      address: LAB.parent,
      zones: {},
      signed: [parent],
      options: { keys: [KEY], grants, onChange: signing([parent]) },
    })
    const unbound = await startUnbound(t, {
      address: LAB.unbound,
      rootAddress: LAB.root,
      anchors: `. 3600 IN DNSKEY ${formatRdata(DNSKEY.code, encodeRdata(DNSKEY, root.entry.dnskey))}`,
      server: 'harden-algo-downgrade: yes\nval-bogus-ttl: 60',
    })

    // The first DS, when the bottle says that it may be: before, the zones are insecure, and answered.
    const secure = new Set<ZoneName>()
    const watch = startWatching(unbound.address, secure)
    t.after(() => watch.stop())
    for (const zone of ZONES) {
      await until(async () => (await dsOf(bottle, zone)).every(({ ready }) => ready), `the keys of ${zone} are known`)
      await update(
        `update add ${(await dsOf(bottle, zone)).map(({ record }) => record.replace(' IN ', ' ')).join('\nupdate add ')}`,
      )
    }
    for (const zone of ZONES) await until(() => isSettled(bottle, zone), `${zone} is secure`)
    await sleep(4000) // what Unbound knew of the zones without DS is over
    for (const zone of ZONES) secure.add(zone)
    const parentWork = takeCds()
    t.after(() => parentWork.stop())

    const roll = async (zone: ZoneName, role: 'csk' | 'ksk' | 'zsk' | 'all', algorithm?: number): Promise<void> => {
      const before = new Set((await keysOf(bottle, zone)).map(({ keyTag }) => keyTag))
      const request = { zone, role, ...(algorithm !== undefined && { algorithm }), ...BECAUSE }
      const begun = expectOk(await bottle.calls.call('dns-primary', 'roll-key', request, TRACE), `roll ${zone}`)
      const gone = role === 'all' ? before.size : begun.response.started.length
      await until(
        async () => {
          watch.check()
          parentWork.check()
          const now = await keysOf(bottle, zone)
          return (
            now.length === before.size &&
            now.filter(({ keyTag }) => before.has(keyTag)).length === before.size - gone &&
            isSettled(bottle, zone)
          )
        },
        `${zone} has rolled ${role} ${algorithm ?? ''}`,
        90_000,
      )
      t.diagnostic(`${zone}: ${role} ${algorithm ?? ''} rolled; ${watch.asked()} questions until now, none bogus`)
    }
    await Promise.all([roll('csk.test', 'csk'), roll('split.test', 'zsk'), roll('three.test', 'ksk')])
    await Promise.all([roll('csk.test', 'all', 15), roll('split.test', 'ksk'), roll('three.test', 'all', 15)])
    await roll('csk.test', 'all', 8)
    watch.check()
    assert.ok(watch.asked() > 200, `${watch.asked()}`)
  })
})

/** Asks for one name after the other, and remembers what was not as it should be. */
function startWatching(
  address: string,
  secure: ReadonlySet<ZoneName>,
): { check(): void; asked(): number; stop(): Promise<void> } {
  const wrong: string[] = []
  let asked = 0
  let open = true
  const one = async (zone: ZoneName): Promise<void> => {
    const fresh = `n${randomInt(1e9)}`
    const questions = [
      ['www', 'A', 0],
      [`${fresh}.wild`, 'TXT', 0],
      [fresh, 'A', 3],
      ['www', 'AAAA', 0],
    ] as const
    const mustBeSecure = secure.has(zone) // when the question was asked
    const [below, type, rcode] = questions[randomInt(questions.length)] ?? questions[0]
    const got = await ask(address, `${below}.${zone}`, type)
    asked++
    if (got.rcode !== rcode || (mustBeSecure && !got.secure))
      wrong.push(`${below}.${zone} ${type}: ${JSON.stringify(got)}`)
  }
  const loops = ZONES.map(async (zone) => {
    while (open) {
      await one(zone)
      await sleep(40)
    }
  })
  return {
    check: () => assert.deepEqual(wrong.slice(0, 5), []),
    asked: () => asked,
    stop: async () => {
      open = false
      await Promise.all(loops)
    },
  }
}

async function ask(
  address: string,
  name: string,
  type: string,
): Promise<{ readonly rcode: number; readonly secure: boolean }> {
  const question = { name: labName(name), type: parseType(type) ?? 0, class: CLASS.IN }
  const id = randomInt(0x10000)
  const edns = { udpOctets: 1232, version: 0, dnssecOk: true, options: [] }
  const { octets } = encodeMessage({ ...EMPTY_MESSAGE, id, recursionDesired: true, questions: [question], edns })
  const sent = { octets, id, ...question, mixedCase: false }
  const reply = await exchangeTcp({
    server: { address, port: 53 },
    octets,
    timeoutMs: 10_000,
    maxMismatches: 1,
    accept: (received) => matchReply(sent, received),
  })
  return reply.ok ? { rcode: reply.value.rcode, secure: reply.value.authenticData } : { rcode: -1, secure: false }
}

/** The parent as BIND's tool would have it: reads CDS, checks them against the DS that it has, and takes the new ones. */
function takeCds(): { check(): void; stop(): Promise<void> } {
  const failures: string[] = []
  let open = true
  const directory = mkdtempSync(path.join(tmpdir(), 'cds-'))
  const one = async (zone: ZoneName): Promise<void> => {
    const has = await toolOrFail('dig', [`@${LAB.parent}`, '+norecurse', '+noall', '+answer', zone, 'DS'])
    const cds = await toolOrFail('dig', [`@${LAB.ours}`, '+norecurse', '+short', zone, 'CDS'])
    if (cds.trim() === '') return
    const child = await Promise.all(
      ['DNSKEY', 'CDS', 'CDNSKEY'].map((type) =>
        toolOrFail('dig', [`@${LAB.ours}`, '+norecurse', '+dnssec', '+noall', '+answer', '+tcp', zone, type]),
      ),
    )
    writeFileSync(path.join(directory, `dsset-${zone}.`), has)
    writeFileSync(path.join(directory, `${zone}.child`), child.join(''))
    const script = await toolOrFail('dnssec-cds', [
      '-u',
      '-s',
      '-7200',
      '-T',
      '2',
      '-f',
      path.join(directory, `${zone}.child`),
      '-d',
      directory,
      zone,
    ])
    const lines = script.split('\n').filter((line) => line.startsWith('update '))
    if (lines.length > 0) await update(lines.join('\n'))
  }
  const loop = (async () => {
    while (open) {
      for (const zone of ZONES) await one(zone).catch((error: unknown) => void failures.push(String(error)))
      await sleep(300)
    }
  })()
  return {
    check: () => assert.deepEqual(failures.slice(0, 3), []),
    stop: async () => {
      open = false
      await loop
    },
  }
}

async function update(lines: string): Promise<void> {
  await toolOrFail('nsupdate', ['-y', `hmac-sha256:lab.key:${SECRET}`], {
    input: `server ${LAB.parent}\nzone test\n${lines}\nsend\n`,
  })
}

async function keysOf(bottle: TestBottle, zone: ZoneName) {
  return expectOk(await bottle.calls.call('dns-primary', 'list-keys', { zone }, TRACE), `keys of ${zone}`).response.keys
}

async function isSettled(bottle: TestBottle, zone: ZoneName): Promise<boolean> {
  return (await keysOf(bottle, zone)).every(({ states }) => states.every(({ state }) => state === 'omnipresent'))
}

async function dsOf(bottle: TestBottle, zone: ZoneName) {
  const request = { zone, digestTypes: [2] }
  return expectOk(await bottle.calls.call('dns-primary', 'zone-ds', request, TRACE), `DS of ${zone}`).response.wanted
}
