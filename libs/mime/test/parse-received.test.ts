// RFC 5321 §4.4
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseDomainName, parseIpAddress, parseMailbox } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { formatReceived, parseHeaderSection, parseReceived, RECEIVED_LIMITS } from '../src/index.ts'

const vectors = process.env['SCOP_VECTORS'] ?? fileURLToPath(new URL('../../../../shared/vectors', import.meta.url))

test('reads what we write', () => {
  const by = expectOk(parseDomainName('mx.example.org'), 'read')
  const written = formatReceived({
    from: {
      helo: 'c.example.net',
      address: expectOk(parseIpAddress('2001:db8::7'), 'read'),
      name: expectOk(parseDomainName('ptr.example.net'), 'read'),
    },
    by,
    with: 'ESMTPS',
    id: 'q-1',
    for: expectOk(parseMailbox('"a;b (c"@example.com'), 'read'),
    tlsCipher: 'TLS_AES_256_GCM_SHA384',
    epochMilliseconds: 1_000_000_000_000,
    offsetMinutes: 120,
  })
  const [field] = expectOk(parseHeaderSection(written), 'read').header.fields
  assert.ok(field !== undefined)
  const value = new TextDecoder().decode(field.value)
  assert.deepEqual(parseReceived(value), {
    from: { name: 'c.example.net', address: '2001:db8::7', comments: ['ptr.example.net [IPv6:2001:db8::7]'] },
    by: { name: 'mx.example.org', address: undefined, comments: [] },
    via: undefined,
    with: 'ESMTPS',
    id: 'q-1',
    for: '"a;b (c"@example.com',
    tls: 'TLS_AES_256_GCM_SHA384',
    date: { epochMilliseconds: 1_000_000_000_000, offsetMinutes: 120, zoneUnknown: false, quirks: [] },
    defects: [],
  })
})

const date = '; 1 Jan 2000 00:00 +0000'
const rows: readonly [
  value: string,
  expected: Readonly<Record<string, string | undefined>>,
  defects: readonly string[],
][] = [
  [`from x ([192.0.2.1]:25) by y${date}`, { from: 'x', address: '192.0.2.1', by: 'y' }, []],
  [`from [192.0.2.1] by y${date}`, { from: '[192.0.2.1]', address: '192.0.2.1' }, []],
  [`from x (u@[192.0.2.1]) by y${date}`, { address: '192.0.2.1' }, []],
  [`from x (192.0.2.1:25) by y${date}`, { address: '192.0.2.1' }, []],
  [`from x ([fe80::1%3]) by y${date}`, { address: 'fe80::1' }, []],
  [`from x (999.0.2.1) by y${date}`, { address: undefined }, []],
  [`from by by id id for for${date}`, { from: undefined, by: 'by', id: 'id', for: 'for' }, []],
  [`from a by b with Microsoft SMTP Server id <c>${date}`, { with: 'SMTP', id: 'c' }, []],
  [`from a by b with Microsoft SMTPSVC(5.0)${date}`, { with: 'Microsoft SMTPSVC' }, []],
  [`from a by b with HTTP for <"x;y"@z>${date}`, { with: 'HTTP', for: '"x;y"@z' }, []],
  [`from a from b by c${date}`, { from: 'a', by: 'c' }, ['duplicate-clause']],
  [`x from a${date}`, { from: 'a' }, ['text-before-clause']],
  ['from a by b', { from: 'a', by: 'b' }, ['no-date']],
  ['from a by b; yesterday', { from: 'a', by: 'b' }, ['bad-date']],
  ['from a (b; 1 Jan 2000 00:00 +0000', { from: 'a' }, ['unclosed-comment', 'no-date']],
  ['', { from: undefined }, ['no-date']],
]
for (const [value, expected, defects] of rows) {
  test(`reads ${JSON.stringify(value)}`, () => {
    const parsed = parseReceived(value)
    const found: Readonly<Record<string, string | undefined>> = {
      from: parsed.from?.name,
      address: parsed.from?.address,
      by: parsed.by?.name,
      with: parsed.with,
      id: parsed.id,
      for: parsed.for,
    }
    for (const [key, text] of Object.entries(expected)) assert.equal(found[key], text, key)
    assert.deepEqual(
      parsed.defects.map(({ kind }) => kind),
      defects,
    )
  })
}

test('limits: characters, comments, defects', () => {
  const long = parseReceived(`from a ${'x '.repeat(RECEIVED_LIMITS.characters)}${date}`)
  assert.deepEqual(
    long.defects.map(({ kind }) => kind),
    ['too-long', 'no-date'],
  )
  const comments = parseReceived(`from a ${'(c)'.repeat(RECEIVED_LIMITS.comments + 9)}${date}`)
  assert.equal(comments.from?.comments.length, RECEIVED_LIMITS.comments)
  assert.deepEqual(
    comments.defects.map(({ kind }) => kind),
    ['too-many-comments'],
  )
  const words = parseReceived(`${'x '.repeat(200)}${date}`)
  assert.equal(words.defects.length, RECEIVED_LIMITS.defects)
})

type Host = { readonly Name?: string; readonly IpAddr?: string }
type Vector = {
  readonly header: string
  readonly expected: {
    readonly from?: Host
    readonly by?: Host
    readonly from_ip?: string
    readonly for_?: string
    readonly id?: string
    readonly via?: string
  } | null
}

test('Received of stalwart mail-parser: at least 95 of 100 of each clause agree', (t) => {
  const file = join(vectors, 'mail/mime/stalwart-mail-parser/received.json')
  if (!existsSync(file)) return t.skip('vectors mail/mime/stalwart-mail-parser absent')
  const cases = JSON.parse(readFileSync(file, 'utf8')) as readonly Vector[] // as: the file's form
  const bare = (name: string | undefined): string | undefined => name?.replace(/^[[<]|[\]>]$/g, '')
  const counts = new Map<string, { same: number; all: number }>()
  for (const { header, expected } of cases) {
    const parsed = parseReceived(header)
    const pairs: readonly [string, string | undefined, string | undefined][] = [
      ['from', expected?.from?.Name ?? expected?.from?.IpAddr, bare(parsed.from?.name)],
      ['by', expected?.by?.Name ?? expected?.by?.IpAddr, bare(parsed.by?.name)],
      ['address', expected?.from_ip, parsed.from?.address],
      ['for', expected?.for_, parsed.for],
      ['id', expected?.id, parsed.id],
      ['via', expected?.via, parsed.via],
    ]
    for (const [name, theirs, ours] of pairs) {
      if (theirs === undefined) continue
      const count = counts.get(name) ?? { same: 0, all: 0 }
      counts.set(name, { same: count.same + (theirs === ours ? 1 : 0), all: count.all + 1 })
    }
  }
  assert.equal(cases.length, 181)
  for (const [name, { same, all }] of counts) assert.ok(same >= 0.95 * all, `${name}: ${same} of ${all}`)
})
