import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONTRACTS } from '@scop/bottle'
import { parseConfiguration } from '@scop/bottle/configuration'
import {
  decodeMessage,
  decodeRdata,
  EMPTY_MESSAGE,
  encodeMessage,
  formatName,
  makeRecord,
  NS,
  NSEC,
  RCODE,
  RRSIG,
  TXT,
} from '@scop/dns'
import { PipeRefusal } from '@scop/mesh/node'
import { expectOk } from '@scop/result'
import { privileges } from '../privileges.ts'
import { signerKey } from '../src/signer-key.ts'
import { configuredKeys } from '../src/tsig-keys.ts'
import { BASE, BECAUSE, nameOf, SECRET, startPrimary, temporary } from './primary-fixture.ts'

const TEXT = '$TTL 60\n@ SOA ns root 7 7200 900 1209600 300\n@ NS ns\nns A 127.0.0.1\n'
const refusal = (kind: string, reason?: RegExp) => (error: unknown) =>
  error instanceof PipeRefusal && error.kind === kind && (reason?.test(error.message) ?? true)
const txt = (owner: string) => makeRecord(TXT, nameOf(owner), 60, { strings: [new Uint8Array(2)] })

test('adds, shows, lists and removes zones that it does not sign', async (t) => {
  const { ask, lines, figures } = startPrimary(t, { yaml: 'dnssec: off' })
  const { serial } = await ask('add-zone', { zone: 'one.example', text: TEXT, ...BECAUSE })
  assert.equal(serial, 7)
  const { zones } = await ask('list-zones', {})
  assert.deepEqual(zones, [{ zone: 'one.example', serial: 7, records: 3, role: 'primary', dnssec: 'off', ds: [] }])
  const shown = await ask('show-zone', { zone: 'One.Example.', records: 'all' })
  assert.match(shown.text, /^\$ORIGIN one\.example\.\n@\t60\tIN\tSOA\t/)
  assert.equal((await ask('remove-zone', { zone: 'one.example', ...BECAUSE })).removed, true)
  assert.equal((await ask('remove-zone', { zone: 'one.example', ...BECAUSE })).removed, false)
  assert.equal((await ask('show-zone', { zone: 'one.example', records: 'own' })).serial, undefined)
  assert.equal((await ask('add-zone', { zone: 'one.example', ...BECAUSE }, shown.text)).serial, 7)
  assert.equal(lines.filter((line) => line.includes('"author":"root"')).length, 3)
  assert.equal(figures.snapshot()['zones_added_total'], 2)
})

test('signs what is brought in, and shows it with and without what signing adds', async (t) => {
  const { ask } = startPrimary(t)
  const brought = `${TEXT}@ DNSKEY 257 3 13 AAAA\nns RRSIG A 13 3 60 20300101000000 20260101000000 1 one.example. AAAA\n`
  await ask('add-zone', { zone: 'one.example', text: brought, ...BECAUSE })
  const all = (await ask('show-zone', { zone: 'one.example', records: 'all' })).text
  const own = (await ask('show-zone', { zone: 'one.example', records: 'own' })).text
  assert.doesNotMatch(own, /DNSKEY|RRSIG|NSEC/)
  assert.equal([...all.matchAll(/\tDNSKEY\t257 3 13 /g)].length, 1)
  assert.doesNotMatch(all, / AAAA\n/)
  // SOA, NS, DNSKEY, NSEC at the apex; A and NSEC at ns.
  assert.equal([...all.matchAll(/\tRRSIG\t/g)].length, 6)
  const [listed] = (await ask('list-zones', {})).zones
  assert.equal(listed?.dnssec, 'nsec')
  assert.equal(listed?.ds.length, 1)
})

test('refuses with a kind, and says where a zone file is wrong', async (t) => {
  const { ask } = startPrimary(t)
  const add = (zone: string, text: string) => ask('add-zone', { zone, text, ...BECAUSE })
  await assert.rejects(
    add('one.example', `${TEXT}x A 1.2.3\n`),
    refusal('bad-zone', /one\.example\.:5:5: not-an-address "1\.2\.3"/),
  )
  await assert.rejects(add('one.example', ''), refusal('bad-zone', /no-soa/))
  await assert.rejects(add('a..b', TEXT), refusal('bad-request'))
  await add('one.example', TEXT)
  await assert.rejects(add('ONE.example', TEXT), refusal('exists'))
  await assert.rejects(ask('show-zone', { zone: 'x'.repeat(64), records: 'own' }), refusal('bad-request'))
})

test('an update that would break the zone is refused, and the log says why', async (t) => {
  const { ask, update, lines, figures } = startPrimary(t)
  await ask('add-zone', { zone: 'one.example', text: TEXT, ...BECAUSE })
  const server = makeRecord(NS, nameOf('one.example'), 60, { name: nameOf('none.one.example') })
  assert.equal(await update('one.example', [server]), RCODE.REFUSED)
  assert.equal(figures.snapshot()['updates_refused_total'], 1)
  const refused = lines.filter((line) => line.startsWith('update refused '))
  assert.equal(refused.length, 1)
  assert.match(refused[0] ?? '', /"zone":"one\.example\.","key":"signer\._update\.one\./)
})

test('a zone that never was has no history, and one that is gone still has', async (t) => {
  const { ask } = startPrimary(t)
  const history = (zone: string) => ask('zone-history', { zone, limit: 5 })
  await assert.rejects(history('one.example'), refusal('no-such-zone'))
  await ask('add-zone', { zone: 'one.example', text: TEXT, ...BECAUSE })
  await ask('remove-zone', { zone: 'one.example', ...BECAUSE })
  assert.equal((await history('one.example')).changes.length, 2)
})

test('an edit is told before it is done, and refused where the zone has moved on', async (t) => {
  const { ask, primary } = startPrimary(t)
  const { serial } = await ask('add-zone', { zone: 'one.example', text: TEXT, ...BECAUSE })
  const edit = (text: string, of: number, apply: boolean) =>
    ask('change-zone', { zone: 'one.example', serial: of, apply, ...BECAUSE }, text)
  const own = (await ask('show-zone', { zone: 'one.example', records: 'own' })).text
  const told = await edit(`${own}www 60 A 127.0.0.2\n`, serial, false)
  assert.deepEqual([told.serial, told.removed, told.added], [serial, 1, 2])
  assert.match(
    told.text,
    /^-one\.example\. 60 IN SOA .*\n\+one\.example\. 60 IN SOA .*\n\+www\.one\.example\. 60 IN A 127\.0\.0\.2\n$/,
  )
  assert.equal(primary.zone(nameOf('one.example'))?.soa.serial, serial)
  const done = await edit(`${own}www 60 A 127.0.0.2\n`, serial, true)
  assert.equal(done.serial, serial + 1)
  assert.match(
    (await ask('show-zone', { zone: 'one.example', records: 'all' })).text,
    /^www\t60\tIN\tA\t127\.0\.0\.2\n\t60\tIN\tRRSIG\tA .*\n\t60\tIN\tNSEC\t/m,
  )
  await assert.rejects(edit(own, serial, true), refusal('changed'))
  await assert.rejects(edit(`${own}www 60 CNAME ns\nwww 60 A 127.0.0.1\n`, serial + 1, true), refusal('bad-zone'))
  await assert.rejects(
    ask('change-zone', { zone: 'two.example', serial: 1, apply: true, ...BECAUSE }, TEXT),
    refusal('no-such-zone'),
  )
  const same = await edit((await ask('show-zone', { zone: 'one.example', records: 'own' })).text, serial + 1, true)
  assert.deepEqual([same.serial, same.removed, same.added, same.text], [serial + 1, 0, 0, ''])
})

test('the signer changes keys and nothing else; what it changed is signed, and there after a restart', async (t) => {
  const directory = temporary(t)
  const first = startPrimary(t, { directory })
  const { ask, update, lines, figures } = first
  const { serial } = await ask('add-zone', { zone: 'one.example', text: TEXT, ...BECAUSE })
  assert.equal(await update('one.example', [txt('s1._domainkey.one.example')]), 0)
  assert.equal(await update('one.example', [txt('_domainkey.one.example')]), 5)
  assert.equal(await update('one.example', [txt('one.example')]), 5)
  assert.equal(await update('two.example', [txt('s1._domainkey.two.example')]), 9)
  const { text } = await ask('show-zone', { zone: 'one.example', records: 'all' })
  assert.match(text, /^s1\._domainkey\t60\tIN\tTXT\t.*\n\t60\tIN\tRRSIG\tTXT .*\n\t60\tIN\tNSEC\t/m)
  await first.stop()
  const again = startPrimary(t, { directory })
  assert.equal((await again.ask('list-zones', {})).zones[0]?.serial, serial + 1)
  assert.equal((await again.ask('show-zone', { zone: 'one.example', records: 'all' })).text, text)
  assert.ok(lines.some((line) => line.startsWith('zone updated') && line.includes('s1._domainkey.one.example. TXT')))
  assert.deepEqual([figures.snapshot()['updates_total'], figures.snapshot()['answers_refused_total']], [1, 2])
})

test('what a zone was can be looked at and made so again, with new signatures', async (t) => {
  const { ask } = startPrimary(t)
  const { serial } = await ask('add-zone', { zone: 'one.example', text: TEXT, ...BECAUSE })
  const { changes: first } = await ask('zone-history', { zone: 'one.example', limit: 10 })
  const own = (await ask('show-zone', { zone: 'one.example', records: 'own' })).text
  const request = { zone: 'one.example', serial, apply: true, author: 'ann', reason: 'www moves' }
  await ask('change-zone', request, `${own}www 60 A 127.0.0.2\n`)
  const { changes } = await ask('zone-history', { zone: 'one.example', limit: 10 })
  assert.deepEqual([first.length, changes.length], [1, 2])
  assert.deepEqual([changes[0]?.author, changes[0]?.reason], ['ann', `${serial + 1}: www moves`])
  const commit = first[0]?.commit.slice(0, 12) ?? ''
  const restore = (of: string, apply: boolean) =>
    ask('restore-zone', { zone: 'one.example', commit: of, apply, ...BECAUSE })
  const told = await restore(commit, false)
  assert.match(told.text, /^-www\.one\.example\. 60 IN A 127\.0\.0\.2$/m)
  assert.equal((await restore(commit, true)).serial, serial + 2)
  assert.doesNotMatch((await ask('show-zone', { zone: 'one.example', records: 'all' })).text, /www/)
  assert.deepEqual((await ask('verify-zone', { zone: 'one.example' })).errors, [])
  await assert.rejects(restore('0123456789ab', true), refusal('no-such-commit'))
  await assert.rejects(
    ask('restore-zone', { zone: 'two.example', commit, apply: true, ...BECAUSE }),
    refusal('no-such-zone'),
  )
})

for (const dnssec of ['nsec', 'nsec3', 'online'] as const) {
  test(`${dnssec}: a zone is verified as a validator would, and what is wrong is named`, async (t) => {
    const { ask, primary, clock } = startPrimary(t, { yaml: `dnssec: ${dnssec}` })
    await ask('add-zone', { zone: 'one.example', text: TEXT, ...BECAUSE })
    const good = await ask('verify-zone', { zone: 'one.example' })
    assert.deepEqual(good.errors, [])
    assert.ok(good.signed && good.signatures >= 4)
    const shown = (await ask('show-zone', { zone: 'one.example', records: 'all' })).text
    assert.equal(/\tNSEC\t/.test(shown), dnssec === 'nsec')
    assert.equal(/\tNSEC3\t/.test(shown), dnssec === 'nsec3')
    clock.now += 15 * 86_400_000
    const late = await ask('verify-zone', { zone: 'one.example' })
    assert.match(late.errors.join('\n'), /^ns\.one\.example\. A: signature-refused \(expired\)$/m)
    assert.equal(primary.zones().length, 1)
  })
}

test('online: a denial is signed for each question, by the keys of the zone, and shows no other name', async (t) => {
  const { ask, primary, clock } = startPrimary(t, { yaml: 'dnssec: online' })
  await ask('add-zone', { zone: 'one.example', text: TEXT, ...BECAUSE })
  const tag = (await ask('list-keys', {})).keys[0]?.keyTag
  for (const asked of ['a.one.example', 'b.one.example', 'ns.one.example']) {
    const edns = { udpOctets: 1232, version: 0, dnssecOk: true, options: [] }
    const questions = [{ name: nameOf(asked), type: 28, class: 1 }]
    const { octets } = encodeMessage({ ...EMPTY_MESSAGE, id: 1, questions, edns })
    const peer = { address: '127.0.0.1', port: 9999 }
    const reply = await primary.handle({ octets, transport: 'udp', peer, now: clock.now / 1000 })
    const message = expectOk(decodeMessage(reply instanceof Uint8Array ? reply : new Uint8Array(0)), 'decode')
    const nsec = message.authorities.filter(({ type }) => type === NSEC.code)
    assert.deepEqual(
      nsec.map(({ name, rdata }) => [formatName(name), formatName(expectOk(decodeRdata(NSEC, rdata), 'read').next)]),
      [[`${asked}.`, `\\000.${asked}.`]],
    )
    const signatures = message.authorities.filter(({ type }) => type === RRSIG.code)
    const signers = signatures.map(({ rdata }) => expectOk(decodeRdata(RRSIG, rdata), 'read').keyTag)
    assert.deepEqual([...new Set(signers)], [tag])
    assert.equal(signers.length, 2) // SOA, NSEC
  }
})

test('an unsigned zone has nothing to verify', async (t) => {
  const { ask } = startPrimary(t, { yaml: 'dnssec: off' })
  await ask('add-zone', { zone: 'one.example', text: TEXT, ...BECAUSE })
  const { signed, errors } = await ask('verify-zone', { zone: 'one.example' })
  assert.deepEqual([signed, errors], [false, []])
})

test('a zone that was signed elsewhere is served and changed as it is', async (t) => {
  const elsewhere = startPrimary(t)
  await elsewhere.ask('add-zone', { zone: 'one.example', text: TEXT, ...BECAUSE })
  const show = async ({ ask }: typeof elsewhere) =>
    (await ask('show-zone', { zone: 'one.example', records: 'all' })).text
  const text = await show(elsewhere)
  const here = startPrimary(t, { yaml: 'dnssec: off' })
  const { serial } = await here.ask('add-zone', { zone: 'one.example', text, ...BECAUSE })
  assert.equal(await show(here), text)
  await elsewhere.update('one.example', [txt('s1._domainkey.one.example')])
  const later = await show(elsewhere)
  const request = { zone: 'one.example', serial, apply: true, ...BECAUSE }
  await here.ask('change-zone', request, later)
  assert.equal(await show(here), later)
  await assert.rejects(
    here.ask('change-zone', { ...request, serial: serial + 1 }, text),
    refusal('bad-zone', /signed SOA/),
  )
})

const octets = (count: number): string => new Uint8Array(count).toBase64()

test('a key that cannot be one stops the start', () => {
  for (const bad of [{ name: 'a..b' }, { secret: '!' }, { secret: new Uint8Array(31).toBase64() }]) {
    assert.equal(signerKey({ ...SECRET, ...bad }).ok, false)
  }
})

test('keys and grants of the configuration', () => {
  const secret = new Uint8Array(32).toBase64()
  const good = { 'tsig-keys': { 'acme.one': { algorithm: 'hmac-sha256', secret } } } as const
  const grant = { key: 'acme.one', names: 'any', types: ['TXT'] }
  for (const names of ['any', 'exact a.example', 'below a.example', 'below-label _acme-challenge']) {
    assert.ok(configuredKeys({ ...good, grants: [{ ...grant, names }] }).ok, names)
  }
  const bad: readonly (readonly [object, RegExp])[] = [
    [{ grants: [{ ...grant, key: 'other' }] }, /no TSIG key "other"/],
    [{ grants: [{ ...grant, types: ['NONE'] }] }, /no type "NONE"/],
    [{ grants: [{ ...grant, names: 'exact a..b' }] }, /names nothing/],
    [{ 'tsig-keys': { 'a..b': { algorithm: 'hmac-sha256', secret } } }, /is no name/],
    [{ 'tsig-keys': { a: { algorithm: 'hmac-sha256', secret: 'AAAA' } } }, /3 octets of 32/],
    [{ 'tsig-keys': { a: { algorithm: 'hmac-sha1', secret: octets(19) } } }, /19 octets of 20/],
    [{ 'tsig-keys': { a: { algorithm: 'hmac-sha224', secret: octets(27) } } }, /27 octets of 28/],
    [{ 'tsig-keys': { a: { algorithm: 'hmac-sha512', secret: octets(31) } } }, /31 octets of 32/],
    [{ 'tsig-keys': { a: { algorithm: 'hmac-sha256', secret, 'least-mac-octets': 15 } } }, /16 to 32 octets/],
    [{ 'tsig-keys': { a: { algorithm: 'hmac-sha256', secret, 'least-mac-octets': 33 } } }, /16 to 32 octets/],
    [{ 'tsig-keys': { a: { algorithm: 'hmac-sha256-128', secret, 'least-mac-octets': 17 } } }, /16 to 16 octets/],
    [{ 'tsig-keys': { a: { algorithm: 'hmac-sha1', secret, 'least-mac-octets': 21 } } }, /10 to 20 octets/],
  ]
  for (const [change, expected] of bad) {
    const read = configuredKeys({ ...good, grants: [], ...change })
    assert.match(read.ok ? '' : read.error, expected)
  }
})

test('keys of every algorithm, and MACs as short as the key allows', () => {
  for (const [algorithm, secretOctets, least] of [
    ['hmac-sha1', 20, 10],
    ['hmac-sha224', 28, 14],
    ['hmac-sha256', 32, 16],
    ['hmac-sha256', 32, undefined],
    ['hmac-sha384', 32, 48],
    ['hmac-sha512-256', 32, 32],
  ] as const) {
    const key = { algorithm, secret: octets(secretOctets), 'least-mac-octets': least }
    const read = configuredKeys({ 'tsig-keys': { a: key }, grants: [] })
    const [made] = read.ok ? read.value.keys : []
    assert.deepEqual([made?.algorithm, made?.minimumMacOctets], [algorithm, least])
  }
  const known = ['sha1', 'sha224', 'sha256', 'sha256-128', 'sha384', 'sha384-192', 'sha512', 'sha512-256']
  for (const [algorithm, good] of [
    ...known.map((hash) => [`hmac-${hash}`, true] as const),
    ['hmac-md5', false],
    ['hmac-md5.sig-alg.reg.int', false],
    ['hmac-sha1-96', false],
    ['HMAC-SHA256', false],
    ['sha256', false],
  ] as const) {
    const yaml = `${BASE}dns-primary: { tsig-keys: { a: { algorithm: ${algorithm}, secret: "${octets(64)}" } } }\n`
    assert.equal(parseConfiguration(yaml).ok, good, algorithm)
  }
})

test('every operation that may be called is in the contract', () => {
  const accepted = privileges.accepts.flatMap(({ operations }) => operations)
  for (const operation of accepted) assert.ok(operation in CONTRACTS['dns-primary'])
})
