// RFC 5782
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { A, CLASS, decodeMessage, EMPTY_MESSAGE, encodeMessage, RCODE } from '@scop/dns'
import { expectOk } from '@scop/result'
import { parseReputationEntry } from '../src/reputation-zone.ts'
import { nameOf, startPrimary, type Started } from './primary-fixture.ts'

const ENTRIES = '*.2.0.192.bl 127.0.0.2 score -80 of 20 events: forged 20\ntest.dbl 127.0.0.2 a test entry\n'
const OWN = { more: 'reputation: { dns-list: own }\nfirewall: { trusted: ["198.51.100.0/24"] }\n' }

async function ask(started: Started, name: string, from = '127.0.0.1'): Promise<string> {
  const questions = [{ name: nameOf(name), type: A.code, class: CLASS.IN }]
  const { octets } = encodeMessage({ ...EMPTY_MESSAGE, id: 7, questions })
  const incoming = { octets, transport: 'udp', peer: { address: from, port: 9 }, now: 1_800_000_000 } as const
  const reply = started.reputation.refusal(incoming) ?? (await started.primary.handle(incoming))
  const message = expectOk(decodeMessage(reply instanceof Uint8Array ? reply : new Uint8Array(0)), 'decode')
  assert.equal(message.id, 7)
  const address = message.answers.find(({ type }) => type === A.code)?.rdata.join('.')
  return message.rcode === RCODE.NOERROR ? (address ?? 'nothing') : message.rcode === RCODE.REFUSED ? 'refused' : 'none'
}

test('what the verifier publishes is served, and replaced as a whole', async (t) => {
  const started = startPrimary(t, OWN)
  const first = await started.ask('publish-reputation', {}, ENTRIES)
  assert.equal(first.entries, 2)
  assert.equal(await ask(started, '99.2.0.192.bl.reputation.mx.one.example'), '127.0.0.2')
  assert.equal(await ask(started, '99.3.0.192.bl.reputation.mx.one.example'), 'none')
  assert.equal(await ask(started, 'test.dbl.reputation.mx.one.example'), '127.0.0.2')
  const same = await started.ask('publish-reputation', {}, ENTRIES)
  assert.equal(same.serial, first.serial, 'nothing has changed')
  const second = await started.ask('publish-reputation', {}, 'test.dbl 127.0.0.2 a test entry')
  assert.notEqual(second.serial, first.serial)
  assert.equal(await ask(started, '99.2.0.192.bl.reputation.mx.one.example'), 'none')
})

test('strangers are refused all of it, unless it is for the world', async (t) => {
  const started = startPrimary(t, OWN)
  await started.ask('publish-reputation', {}, ENTRIES)
  for (const name of [
    'test.dbl.reputation.mx.one.example',
    'reputation.mx.one.example',
    'TEST.dbl.Reputation.mx.ONE.example',
  ])
    assert.equal(await ask(started, name, '192.0.2.1'), 'refused', name)
  for (const own of ['::1', '::ffff:127.0.0.1', '198.51.100.7'])
    assert.equal(await ask(started, 'test.dbl.reputation.mx.one.example', own), '127.0.0.2', own)
  const world = startPrimary(t, { more: 'reputation: { dns-list: world }\n' })
  await world.ask('publish-reputation', {}, ENTRIES)
  assert.equal(await ask(world, 'test.dbl.reputation.mx.one.example', '192.0.2.1'), '127.0.0.2')
})

test('off, as it is by default: nothing is taken', async (t) => {
  await assert.rejects(startPrimary(t).ask('publish-reputation', {}, ENTRIES), /off/)
})

const BAD: readonly string[] = [
  '',
  'test.dbl',
  'test.dbl 127.0.0.2',
  'test.dbl 127.0.0.2 ',
  'test.dbl 127.0.1.2 x',
  'test.dbl 127.0.0.256 x',
  'test.dbl 192.0.2.1 x',
  'test.dbl. 127.0.0.2 x',
  'a..b 127.0.0.2 x',
  `${'a'.repeat(64)} 127.0.0.2 x`,
  'test.dbl 127.0.0.2 \x01',
  `test.dbl 127.0.0.2 ${'x'.repeat(256)}`,
  '$INCLUDE 127.0.0.2 x',
]
for (const line of BAD) {
  test(`refuses the entry ${JSON.stringify(line.slice(0, 40))}`, async (t) => {
    assert.equal(parseReputationEntry(line, nameOf('reputation.mx.one.example')), undefined)
    const started = startPrimary(t, OWN)
    await assert.rejects(started.ask('publish-reputation', {}, `${ENTRIES}${line}\n`), /line 3 is no entry/)
    assert.equal(started.primary.zone(nameOf('reputation.mx.one.example')), undefined)
  })
}
