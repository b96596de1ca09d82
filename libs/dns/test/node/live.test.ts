import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { encodeBase64 } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  A,
  absent,
  deleteName,
  exists,
  formatRecord,
  makeRecord,
  MX,
  readAnswer,
  rrsetRecords,
  TXT,
  type TsigKey,
  type UpdateGrant,
} from '../../src/index.ts'
import { askServer, createPrimary, openZoneStore, type Primary, sendUpdate, serveDns } from '../../src/node/index.ts'
import { exampleZone, KEY, name } from '../example-zone.ts'

const GRANTS: readonly UpdateGrant[] = [
  { key: KEY.name, names: { kind: 'below-label', label: '_domainkey' }, types: [TXT.code] },
]
const BECAUSE = { author: 'test', reason: 'a test', atMs: 0 }

type Live = { readonly primary: Primary; readonly port: number; readonly path: string }

/** A server on loopback with the example zone, closed when `work` ends. */
async function withServer(work: (live: Live) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'scop-dns-'))
  const path = join(directory, 'zones.sqlite')
  const store = openZoneStore(path)
  const primary = expectOk(createPrimary({ store, keys: [KEY], grants: GRANTS }), 'load')
  primary.addZone(exampleZone(), BECAUSE)
  const server = await serveDns({ address: '127.0.0.1', port: 0, handle: (incoming) => primary.handle(incoming) })
  try {
    await work({ primary, port: server.port, path })
  } finally {
    await server.close()
    store.close()
    rmSync(directory, { recursive: true })
  }
}

function run(
  program: string,
  args: readonly string[],
  input = '',
): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr })
    })
    child.stdin?.end(input)
  })
}

const DIG = '/usr/bin/dig'
const NSUPDATE = '/usr/bin/nsupdate'

test('dig reads our answers', { skip: existsSync(DIG) ? false : 'dig absent' }, async () => {
  await withServer(async ({ port }) => {
    const dig = async (...args: readonly string[]): Promise<string> => {
      return (await run(DIG, ['@127.0.0.1', '-p', String(port), '+tries=1', '+timeout=5', ...args])).output
    }
    assert.equal(await dig('+short', 'example.org', 'MX'), '10 mail.example.org.\n20 mail.elsewhere.example.\n')
    assert.equal(await dig('+short', '+tcp', 'x.wild.example.org', 'TXT'), '"from the wildcard"\n')
    assert.match(await dig('absent.example.org'), /status: NXDOMAIN/)
    assert.match(await dig('elsewhere.example'), /status: REFUSED/)
    assert.match(await dig('ent.example.org', 'A'), /status: NOERROR[\s\S]*ANSWER: 0/)
    // Larger than 1232 octets by UDP: dig sees TC and asks again by TCP.
    const big = await dig('big.example.org', 'TXT')
    assert.match(big, /Truncated, retrying in TCP mode/)
    assert.match(big, /ANSWER: 1/)
    assert.match(await dig('+edns=1', '+noednsnegotiation', 'example.org', 'SOA'), /status: BADVERS/)
    assert.match(await dig('+bufsize=512', '+ignore', 'big.example.org', 'TXT'), /flags: qr aa tc/)
    assert.match(await dig('example.org', 'AXFR'), /Transfer failed/)
    assert.match(await dig('sub.example.org', 'A'), /AUTHORITY: 2, ADDITIONAL: 2/)
  })
})

test('nsupdate adds a record with the right key only', {
  skip: existsSync(NSUPDATE) ? false : 'nsupdate absent',
}, async () => {
  await withServer(async ({ primary, port, path }) => {
    const nsupdate = (key: string, lines: readonly string[], ...args: readonly string[]) =>
      run(
        NSUPDATE,
        ['-y', key, ...args],
        ['server 127.0.0.1 ' + port, 'zone example.org', ...lines, 'send', ''].join('\n'),
      )
    const right = `hmac-sha256:signer.key:${encodeBase64(KEY.secret)}`
    const wrong = `hmac-sha256:signer.key:${encodeBase64(new Uint8Array(32))}`
    const add = 'update add s1._domainkey.example.org 300 TXT "v=DKIM1; k=ed25519; p=abc"'
    assert.equal((await nsupdate(right, [add])).code, 0)
    assert.equal((await nsupdate(right, ['prereq yxrrset s1._domainkey.example.org TXT', add], '-v')).code, 0)
    assert.equal(primary.zone(name('example.org'))?.soa.serial, 101)
    const refusals = [
      await nsupdate(wrong, [add]),
      await nsupdate(right.replace('signer.key', 'another.key'), [add]),
      await nsupdate(right, ['update add www.example.org 300 A 192.0.2.66']),
      await nsupdate(right, ['update add s2._domainkey.example.org 300 CNAME example.net.']),
      await nsupdate(right, ['prereq nxrrset s1._domainkey.example.org TXT', add]),
    ]
    const expected = [/BADSIG|NOTAUTH/, /BADKEY|NOTAUTH/, /REFUSED/, /REFUSED/, /YXRRSET/]
    for (const [i, refusal] of refusals.entries()) assert.match(refusal.output, expected[i] ?? /^$/)
    assert.equal(primary.zone(name('example.org'))?.soa.serial, 101)
    // What was acknowledged is on disk.
    const again = openZoneStore(path)
    const [zone] = expectOk(again.load(), 'load')
    again.close()
    assert.equal(zone?.soa.serial, 101)
  })
})

test('sendUpdate and questions agree with the server', async () => {
  await withServer(async ({ port }) => {
    const server = { address: '127.0.0.1', port }
    const owner = name('s3._domainkey.example.org')
    const record = makeRecord(TXT, owner, 60, { strings: [new TextEncoder().encode('v=DKIM1; p=one')] })
    const send = (
      updates: Parameters<typeof sendUpdate>[0]['updates'],
      key: TsigKey = KEY,
      prerequisites = [absent(owner, TXT.code)],
    ) => sendUpdate({ server, zone: name('example.org'), prerequisites, updates, key })
    const texts = async (): Promise<readonly string[]> => {
      const reply = expectOk(await askServer({ server, name: owner, type: TXT.code }), 'ask')
      return reply.answers.map(formatRecord)
    }
    assert.deepEqual(await texts(), [])
    assert.deepEqual(await send([record]), { ok: true, value: undefined })
    const twice = await send([record])
    assert.ok(!twice.ok && twice.error.kind === 'refused' && twice.error.reason === 'YXRRSET' && twice.error.signed)
    const forged = await send([record], { ...KEY, secret: new Uint8Array(32) })
    assert.ok(!forged.ok && forged.error.kind === 'refused' && !forged.error.signed)
    const everything = await send([deleteName(owner)], KEY, [exists(owner, TXT.code)])
    assert.ok(!everything.ok && everything.error.kind === 'refused' && everything.error.reason === 'REFUSED')
    assert.deepEqual(await texts(), ['s3._domainkey.example.org. 60 IN TXT "v=DKIM1; p=one"'])
  })
})

test('one question gets what one server says, by TCP where that is long', async () => {
  await withServer(async ({ port }) => {
    const server = { address: '127.0.0.1', port }
    const said = async (text: string, type: number): Promise<string> => {
      const reply = expectOk(await askServer({ server, name: name(text), type }), 'ask')
      return readAnswer(reply, name(text), type).kind
    }
    assert.equal(await said('example.org', MX.code), 'records')
    assert.equal(await said('absent.example.org', MX.code), 'nxdomain')
    assert.equal(await said('web.example.org', MX.code), 'nodata')
    assert.equal(await said('sub.example.org', MX.code), 'failed') // a referral is no answer
    assert.equal(await said('elsewhere.example', MX.code), 'failed')
    assert.equal(await said('big.example.org', TXT.code), 'records')
  })
})

test('a change that the disk does not take is answered SERVFAIL and is not seen', async () => {
  const store = {
    load: () => ({ ok: true, value: [exampleZone()] }) as const,
    create: () => {},
    append: () => {
      throw new Error('disk full')
    },
    remove: () => {},
    replace: () => {},
    heard: () => undefined,
    heardAtMs: () => undefined,
    changesSince: () => undefined,
    close: () => {},
  }
  const events: string[] = []
  const primary = expectOk(
    createPrimary({ store, keys: [KEY], grants: GRANTS, onEvent: (event) => events.push(event.kind) }),
    'load',
  )
  const server = await serveDns({ address: '127.0.0.1', port: 0, handle: (incoming) => primary.handle(incoming) })
  const record = makeRecord(TXT, name('s._domainkey.example.org'), 60, { strings: [new Uint8Array(1)] })
  const result = await sendUpdate({ server, zone: name('example.org'), updates: [record], key: KEY })
  await server.close()
  assert.deepEqual(result, { ok: false, error: { kind: 'temporary', reason: 'SERVFAIL' } })
  assert.deepEqual(events, ['not-kept'])
  assert.equal(primary.zone(name('example.org'))?.soa.serial, 100)
})

test('a record found by name prints as a zone file line', () => {
  const node = exampleZone().nodes.get(name('web.example.org').key)
  const rrset = node?.rrsets.get(A.code)
  assert.ok(node !== undefined && rrset !== undefined)
  assert.deepEqual(rrsetRecords(node.name, rrset).map(formatRecord), ['web.example.org. 3600 IN A 192.0.2.80'])
})
