// RFC 9990 §3.1, App. A and B; RFC 7489 App. C
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDomainName } from '@scop/identifiers'
import { encodeUtf8 } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  formatAggregateReport,
  isReportId,
  messageCount,
  parseAggregateReport,
  REPORT_LIMITS,
  type ReportLimits,
  reportFileName,
  reportSubject,
} from '../src/index.ts'

const METADATA = `<report_metadata><org_name>Sample Reporter</org_name><email>report_sender@example-reporter.com</email>
<report_id>3v98abbp8ya9n3va8yr8oa3ya</report_id><date_range><begin>302832000</begin><end>302918399</end></date_range>
<generator>Reporter v1.2</generator></report_metadata>`
const POLICY = `<policy_published><domain>example.com</domain><p>quarantine</p><sp>none</sp><np>none</np><testing>n</testing>
<discovery_method>treewalk</discovery_method></policy_published>`
const RECORD = `<record><row><source_ip>192.0.2.123</source_ip><count>123</count><policy_evaluated><disposition>pass</disposition>
<dkim>pass</dkim><spf>fail</spf></policy_evaluated></row><identifiers><envelope_from>example.com</envelope_from>
<header_from>example.com</header_from></identifiers><auth_results><dkim><domain>example.com</domain><result>pass</result>
<selector>abc123</selector></dkim><spf><domain>example.com</domain><result>fail</result></spf></auth_results></record>`
const SAMPLE = `<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0"><version>1.0</version>${METADATA}${POLICY}${RECORD}</feedback>`

const parse = (text: string, limits: ReportLimits = REPORT_LIMITS) => parseAggregateReport(encodeUtf8(text), limits)
const read = (text: string) => expectOk(parse(text), 'read')
const refusal = (text: string, limits?: ReportLimits) => {
  const parsed = parse(text, limits)
  return parsed.ok ? 'read' : parsed.error.kind
}

test("reads the RFC's sample", () => {
  const { report, defects } = read(SAMPLE)
  assert.deepEqual(defects, [])
  assert.equal(messageCount(report), 123)
  assert.deepEqual(report.policy, {
    domain: 'example.com',
    policy: 'quarantine',
    subdomainPolicy: 'none',
    nonexistentPolicy: 'none',
    dkimAlignment: undefined,
    spfAlignment: undefined,
    testing: false,
    discoveryMethod: 'treewalk',
    failureOptions: undefined,
    percent: undefined,
  })
  assert.deepEqual(report.records, [
    {
      sourceIp: '192.0.2.123',
      count: 123,
      disposition: 'pass',
      dkim: 'pass',
      spf: 'fail',
      reasons: [],
      headerFrom: 'example.com',
      envelopeFrom: 'example.com',
      envelopeTo: undefined,
      dkimResults: [{ domain: 'example.com', selector: 'abc123', result: 'pass', humanResult: undefined }],
      spfResults: [{ domain: 'example.com', scope: undefined, result: 'fail', humanResult: undefined }],
      extensions: [],
    },
  ])
})

test('reads habits of other programs, and notes them', () => {
  for (const [from, to, defect] of [
    ['<dkim>pass</dkim>', '<dkim>Pass</dkim>', 'upper-case-word record/row/policy_evaluated/dkim'],
    ['<dkim>pass</dkim>', '<dkim>yes</dkim>', 'unknown-word record/row/policy_evaluated/dkim'],
    ['192.0.2.123', 'unknown', 'bad-address record/row/source_ip'],
    ['<org_name>Sample Reporter</org_name>', '<org_name/>', 'missing-element report_metadata/org_name'],
    ['<header_from>example.com</header_from>', '', 'missing-element record/identifiers/header_from'],
    [RECORD, '', 'no-record '],
    ['<end>302918399</end>', '<end>1</end>', 'reversed-date-range report_metadata/date_range'],
    ['<p>quarantine</p>', '<p>quarantine</p><p>none</p>', 'repeated-element policy_published/p'],
    ['Sample Reporter', 'x'.repeat(REPORT_LIMITS.textCharacters + 1), 'text-cut report_metadata/org_name'],
    ['<count>123</count>', '<count> 123.0\n</count>', undefined],
    ['<disposition>pass</disposition>', '<disposition/>', undefined],
    ['<feedback', '<schema xmlns="x">\n<feedback', undefined],
    ['</feedback>', '</feedback><<< no XML any more', undefined],
    ['<feedback', '\n\n<?xml version="1.0"?><feedback', undefined],
    ['</policy_evaluated>', '<reason><type/><comment/></reason></policy_evaluated>', undefined],
  ] as const) {
    const text = SAMPLE.replace(from, to)
    assert.notEqual(text, SAMPLE, from)
    const found = read(text).defects.map(({ kind, element }) => `${kind} ${element}`)
    assert.deepEqual(found, defect === undefined ? [] : [defect], to)
  }
  assert.deepEqual(read(SAMPLE.replaceAll('identifiers>', 'identities>')), read(SAMPLE))
  const prefixed = SAMPLE.replaceAll(/<(\/?)/g, '<$1dmarc:').replace('xmlns=', 'xmlns:dmarc=')
  assert.deepEqual(read(prefixed), read(SAMPLE))
  const root = SAMPLE.replace('<feedback xmlns=', '<ns1:feedback xmlns:ns1=').replace('</feedback', '</ns1:feedback')
  assert.deepEqual(read(root), read(SAMPLE))
  const damaged = parseAggregateReport(
    new Uint8Array([...encodeUtf8(SAMPLE)].map((octet) => (octet === 0x53 ? 0xe9 : octet))),
  )
  assert.deepEqual(expectOk(damaged, 'read').defects, [{ kind: 'damaged-text', element: '' }])
})

test('reasons, old words, extensions', () => {
  const reason = '<reason><type>sampled_out</type><comment>luck</comment></reason><reason><type>new</type></reason>'
  const text = SAMPLE.replace('</policy_evaluated>', `${reason}</policy_evaluated>`)
    .replace('<result>fail</result>', '<scope>helo</scope><result>hardfail</result><human_result>no</human_result>')
    .replace('</auth_results>', '</auth_results><e:record xmlns:e="urn:e"><row><count>999</count></row></e:record>')
    .replace('<record>', '<extensions><extension name="n" definition="https://d"><x/></extension></extensions><record>')
  const { report } = read(text)
  const [record] = report.records
  assert.deepEqual(record?.reasons, [
    { type: 'sampled_out', comment: 'luck' },
    { type: 'other', comment: undefined },
  ])
  assert.deepEqual(record?.spfResults, [{ domain: 'example.com', scope: 'helo', result: 'fail', humanResult: 'no' }])
  assert.deepEqual(record?.extensions, [{ name: 'e:record', definition: undefined }])
  assert.deepEqual(report.extensions, [{ name: 'n', definition: 'https://d' }])
  assert.equal(messageCount(report), 123)
})

test('refuses what has no certain numbers, or is hostile', () => {
  for (const [from, to, kind] of [
    [SAMPLE, '', 'not-well-formed'],
    [SAMPLE, '{"organization-name": "Company-X"}', 'not-well-formed'],
    [SAMPLE, '<html><body/></html>', 'not-a-dmarc-report'],
    ['<count>123</count>', '', 'bad-count'],
    ['<count>123</count>', '<count>-1</count>', 'bad-count'],
    ['<count>123</count>', '<count>many</count>', 'bad-count'],
    ['<count>123</count>', '<count>9999999999999</count>', 'bad-count'],
    ['<row>', '<line>', 'not-well-formed'],
    ['<end>302918399</end>', '', 'no-date-range'],
    ['<begin>302832000</begin>', '<begin>1979-08-07</begin>', 'no-date-range'],
    ['<domain>example.com</domain>', '', 'no-policy-domain'],
    [POLICY, '', 'no-policy-domain'],
    ['<feedback', '<!DOCTYPE feedback [<!ENTITY a "aaaa">]><feedback', 'not-well-formed'],
    ['Sample Reporter', '&reporter;', 'not-well-formed'],
    ['Sample Reporter', '<bad@xml>', 'not-well-formed'],
  ] as const)
    assert.equal(refusal(SAMPLE.replace(from, to)), kind, to)
})

test('stops at its limits', () => {
  const few = { ...REPORT_LIMITS, records: 2, recordElements: 40, reportOctets: 4000, results: 2 }
  const records = (count: number) => SAMPLE.replace(RECORD, RECORD.repeat(count))
  assert.equal(refusal(records(2), few), 'read')
  assert.equal(refusal(records(3), few), 'too-many-records')
  assert.equal(refusal(records(10), few), 'report-too-long')
  assert.equal(refusal(SAMPLE.replace('<row>', `<row>${'<x/>'.repeat(40)}`), few), 'too-many-elements')
  assert.equal(refusal(SAMPLE.replace('<count>123', '<count>1000000000001')), 'bad-count')
  const dkim = '<dkim><domain>a.example</domain></dkim>'.repeat(2)
  const { report, defects } = expectOk(parse(SAMPLE.replace('<auth_results>', `<auth_results>${dkim}`), few), 'read')
  assert.deepEqual([report.records[0]?.dkimResults.length, defects[0]?.kind], [2, 'too-many-results'])
})

test('writes what it reads, and text can end no element', () => {
  const { report } = read(SAMPLE)
  const hostile = '</org_name>]]>&x;<!DOCTYPE\r\n\0"'
  for (const one of [report, { ...report, organization: hostile, reportId: 'a', errors: ['x', hostile] }]) {
    const again = expectOk(parseAggregateReport(formatAggregateReport(one)), 'read')
    const clean = (text: string) => text.replace('\0', '\ufffd')
    assert.deepEqual(again.report, { ...one, organization: clean(one.organization), errors: one.errors.map(clean) })
  }
})

test('names the file and the subject', () => {
  const name = (text: string) => expectOk(parseDomainName(text), text)
  const { report } = read(SAMPLE.replace('302832000', '1013662812').replace('302918399', '1013749130'))
  const receiver = name('mail.receiver.example')
  assert.equal(
    reportFileName(receiver, report, 'xml.gz'),
    'mail.receiver.example!example.com!1013662812!1013749130.xml.gz',
  )
  assert.equal(
    reportFileName(receiver, report, 'xml', 'a1'),
    'mail.receiver.example!example.com!1013662812!1013749130!a1.xml',
  )
  assert.throws(() => reportFileName(receiver, report, 'xml', '../x'))
  assert.equal(
    reportSubject(receiver, name('example.com'), 'sample-ridtxt@example.com'),
    'Report Domain: example.com Submitter: mail.receiver.example Report-ID: <sample-ridtxt@example.com>',
  )
  for (const id of ['a', 'a.b', 'a@b.example', '2024-01-01.x']) assert.equal(isReportId(id), true, id)
  for (const id of ['', 'a b', 'a@', '@a', 'a@b@c', '.a', 'a..b', 'a>', 'ü', 'a\r\nX: y'])
    assert.equal(isReportId(id), false, id)
})
