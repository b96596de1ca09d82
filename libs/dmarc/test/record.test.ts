// RFC 9989 §4.7, §4.8, §4.10.1, App. B.2; RFC 7489 §6.3
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatMailbox, parseMailbox } from '@scop/identifiers'
import { encodeAscii } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  chooseRecord,
  DMARC_LIMITS,
  type DmarcRecord,
  formatRecord,
  parseRecord,
  parseReportUris,
  reportUriTo,
} from '../src/index.ts'

const read = (text: string) => expectOk(parseRecord(text), text)
const policies = ({ policy, subdomainPolicy, nonexistentPolicy }: DmarcRecord) =>
  [policy, subdomainPolicy, nonexistentPolicy].map((one) => one ?? '-').join(' ')
const addresses = (uris: DmarcRecord['aggregateUris']) => uris.map(({ mailbox }) => mailbox && formatMailbox(mailbox))

test("reads the RFC's own records", () => {
  const monitoring = read(
    'v=DMARC1; p=none; rua=mailto:dmarc-feedback@example.com; ruf=mailto:auth-reports@example.com',
  )
  assert.deepEqual(monitoring.badTags, [])
  assert.equal(policies(monitoring.record), 'none - -')
  assert.deepEqual(addresses(monitoring.record.aggregateUris), ['dmarc-feedback@example.com'])
  assert.deepEqual(addresses(monitoring.record.failureUris), ['auth-reports@example.com'])
  const { record } = read(
    'v=DMARC1; p=quarantine; rua=mailto:dmarc-feedback@example.com,mailto:tld-test@thirdparty.example.net; t=y',
  )
  assert.equal(record.testing, true)
  assert.deepEqual(addresses(record.aggregateUris), ['dmarc-feedback@example.com', 'tld-test@thirdparty.example.net'])
})

test('reads every tag', () => {
  const { record, badTags } = read(
    'v=DMARC1;p=reject;sp=quarantine;np=reject;adkim=s;aspf=s;psd=n;fo=1:d:s;rf=afrf;ri=3600;pct=20;rua=mailto:a@b.example!10m',
  )
  assert.deepEqual(badTags, [])
  assert.equal(policies(record), 'reject quarantine reject')
  assert.deepEqual([record.dkimAlignment, record.spfAlignment, record.publicSuffix], ['strict', 'strict', 'n'])
  assert.deepEqual(record.failureOptions, ['1', 'd', 's'])
  assert.deepEqual([record.failureFormats, record.intervalSeconds, record.percent], [['afrf'], 3600, 20])
  assert.equal(record.aggregateUris[0]?.maxOctets, 10 * 1024 * 1024)
})

test('a record is one by its first tag alone', () => {
  for (const text of ['v=DMARC1', 'v=DMARC1;', 'v = DMARC1 ;p=none', 'V=DMARC1; p=none', 'v=DMARC1;;;', 'v=DMARC1; x'])
    assert.equal(parseRecord(text).ok, true, text)
  for (const text of [
    '',
    'p=none; v=DMARC1',
    ' v=DMARC1; p=none',
    'v=dmarc1; p=none',
    'v=DMARC2; p=none',
    'v=DMARC1 p=none',
    'v=DMARC1, p=none',
    'v=DMARC10; p=none',
    'v=spf1 -all',
    '"v=DMARC1; p=none"',
  ])
    assert.deepEqual(parseRecord(text), { ok: false, error: { kind: 'not-a-dmarc-record' } }, text)
})

test('joins the strings of one record', () => {
  const strings = ['v=DMA', 'RC1; p=rej', 'ect'].map(encodeAscii)
  assert.equal(expectOk(parseRecord(strings), 'read').record.policy, 'reject')
})

test('a missing or wrong policy: none with reports, nothing without', () => {
  const rua = 'rua=mailto:a@b.example'
  for (const [text, expected, bad = ''] of [
    [`v=DMARC1; ${rua}`, 'none - -'],
    ['v=DMARC1', '- - -'],
    [`v=DMARC1; p=block; sp=reject; ${rua}`, 'none - -', 'p'],
    ['v=DMARC1; p=block; sp=reject', '- - -', 'p'],
    [`v=DMARC1; p=reject; sp=block; ${rua}`, 'none - -', 'sp'],
    ['v=DMARC1; p=reject; np=block', '- - -', 'np'],
    ['v=DMARC1; p=reject; np=block; rua=nonsense', '- - -', 'np rua'],
    [`v=DMARC1; p=reject; p=none; ${rua}`, 'none - -', 'p'],
    ['v=DMARC1; p=reject; p=reject', 'reject - -'],
    ['v=DMARC1; P=Reject; SP=NONE', 'reject none -'],
    ['v=DMARC1; p = reject ;', 'reject - -'],
    ['v=DMARC1; p=reject; sp=', '- - -', 'sp'],
  ] as const) {
    const { record, badTags } = read(text)
    assert.deepEqual([policies(record), badTags.join(' ')], [expected, bad], text)
  }
})

test('another wrong tag stands at its default, an unknown one is not seen', () => {
  const { record, badTags } = read(
    'v=DMARC1; p=reject; adkim=strict; aspf=; psd=x; t=maybe; fo=9; rf=?; ri=day; pct=101; new=1; =; ;junk; x=;',
  )
  assert.equal(badTags.join(' '), 'adkim aspf fo pct psd rf ri t')
  assert.deepEqual(record, read('v=DMARC1; p=reject').record)
})

test('pct counts only where t is not written', () => {
  assert.equal(read('v=DMARC1; p=reject; pct=0').record.percent, 0)
  assert.equal(read('v=DMARC1; p=reject; pct=0; t=n').record.percent, undefined)
  for (const pct of ['-1', '1000', '5%', '', '1.5'])
    assert.deepEqual(read(`v=DMARC1; pct=${pct}`).badTags, ['pct'], pct)
})

test('reads addresses for reports, passes over what is none', () => {
  for (const [list, expected] of [
    ['mailto:a@b.example', 'a@b.example'],
    ['mailto:a@b.example , MAILTO:c@d.example!50k', 'a@b.example c@d.example'],
    ['mailto:%22a%2Cb%21%22@b.example', 'a,b!@b.example'],
    ['mailto:a@b.example,mailto:a@b.example', 'a@b.example'],
    ['mailto:a@b.example?subject=x', 'a@b.example'],
    ['https://b.example/reports', '?'],
    ['mailto:, mailto:@, mailto:%, mailto:%ff@b.example, a@b.example, mailto:a, ,', ''],
    ['mailto:a@b.example, mailto:a b@c.example', 'a@b.example'],
    ['mailto:a@bücher.example', ''],
  ] as const) {
    const found = parseReportUris(list).map(({ mailbox }) =>
      mailbox ? formatMailbox(mailbox).replaceAll('"', '') : '?',
    )
    assert.equal(found.join(' '), expected, list)
  }
  assert.deepEqual(
    parseReportUris(
      'mailto:a@b.example!1,mailto:b@b.example!2K,mailto:c@b.example!x,mailto:d@b.example!9999999999t',
    ).map(({ maxOctets }) => maxOctets),
    [1, 2048, undefined, undefined],
  )
})

test('writes an address so that it reads the same', () => {
  for (const text of ['a@b.example', '"a,b;c!d%e?f"@b.example', '"x@y"@b.example', 'ü@b.example', 'a+b=c@b.example']) {
    const mailbox = expectOk(parseMailbox(text, { utf8: true }), text)
    const uri = reportUriTo(mailbox)
    assert.deepEqual(parseReportUris(uri.uri), [uri], text)
  }
})

test('prints what it reads', () => {
  for (const text of [
    'v=DMARC1',
    'v=DMARC1; p=reject; sp=quarantine; np=none; adkim=s; aspf=s; psd=y; t=y; rua=mailto:a@b.example!10',
    'v=DMARC1; p=none; pct=5; ruf=mailto:a@b.example,https://b.example/x; fo=1:d; rf=afrf:iodef; ri=60',
  ])
    assert.equal(formatRecord(read(text).record), text)
})

test('of several records under one name none counts; what is no record is not counted', () => {
  const choose = (...texts: readonly string[]) => {
    const found = chooseRecord({ kind: 'texts', texts })
    return typeof found === 'string' ? found : found.record.policy
  }
  assert.equal(choose('v=DMARC1; p=reject'), 'reject')
  assert.equal(choose('v=spf1 -all', 'v=DMARC1; p=reject', 'v=DMARC2; p=none'), 'reject')
  assert.equal(choose('v=DMARC1; p=reject', 'v=DMARC1; p=reject'), 'several')
  assert.equal(choose('v=DMARC1; p=reject', 'v=DMARC1'), 'several')
  assert.equal(choose('v=spf1 -all'), 'none')
  assert.equal(choose(), 'none')
  assert.equal(chooseRecord({ kind: 'no-such-record' }), 'none')
  assert.equal(chooseRecord({ kind: 'temporary-failure' }), 'temporary-failure')
})

test('stops at its limits', () => {
  const { recordCharacters, recordTags, reportUris, records } = DMARC_LIMITS
  const long = `v=DMARC1; p=reject; x=${'x'.repeat(recordCharacters)}`
  assert.deepEqual(parseRecord(long), { ok: false, error: { kind: 'record-too-long', limit: recordCharacters } })
  assert.equal(parseRecord(long.slice(0, recordCharacters)).ok, true)
  assert.equal(read(`v=DMARC1;${'x=1;'.repeat(recordTags - 1)}p=reject`).record.policy, 'reject')
  assert.equal(read(`v=DMARC1;${'x=1;'.repeat(recordTags)}p=reject`).record.policy, undefined)
  const many = Array.from({ length: reportUris + 1 }, (_, n) => `mailto:a${n}@b.example`).join(',')
  assert.equal(read(`v=DMARC1; rua=${many}`).record.aggregateUris.length, reportUris)
  const texts = [...Array.from({ length: records }, () => 'x'), 'v=DMARC1; p=reject']
  assert.equal(chooseRecord({ kind: 'texts', texts }), 'none')
})
