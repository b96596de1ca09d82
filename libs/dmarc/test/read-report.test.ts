// RFC 9990 §3.5.2, §7; RFC 1952; APPNOTE 6.3.10
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { concatOctets, encodeAscii, encodeBase64 } from '@scop/octets'
import { readReport, readReportMail, REPORT_LIMITS, type ReportLimits } from '../src/index.ts'
import { unfold } from '../src/node/index.ts'
import { zipOf } from './zip-archive.ts'

const xmlOf = (domain: string): Uint8Array =>
  encodeAscii(`<feedback><report_metadata><date_range><begin>1</begin><end>2</end></date_range></report_metadata>
<policy_published><domain>${domain}</domain></policy_published><record><row><source_ip>192.0.2.1</source_ip><count>1</count>
</row></record></feedback>`)
const xml = xmlOf('example.com')
const gzip: Uint8Array = gzipSync(xml)
const tls = encodeAscii('{"organization-name": "Company-X", "policies": []}')

/** What is found: the domains, or why not. */
function found(octets: Uint8Array, limits: ReportLimits = REPORT_LIMITS): string {
  const read = readReport(octets, unfold, limits)
  if (!read.ok) return read.error.kind
  const refused = read.value.refused.map(({ kind }) => `!${kind}`)
  return [...read.value.aggregates.map(({ report }) => report.policy.domain), ...refused].join(' ')
}

type Attached = { readonly type: string; readonly body: Uint8Array; readonly plain?: boolean }

function mail(...parts: readonly Attached[]): Uint8Array {
  const written = parts.map(({ type, body, plain }) => {
    const head = `--b\r\nContent-Type: ${type}\r\nContent-Transfer-Encoding: ${plain === true ? '7bit' : 'base64'}\r\n\r\n`
    const text = plain === true ? body : encodeAscii(encodeBase64(body).replace(/.{76}/g, '$&\r\n'))
    return concatOctets([encodeAscii(head), text, encodeAscii('\r\n')])
  })
  const head = encodeAscii(
    'From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n',
  )
  return concatOctets([head, ...written, encodeAscii('--b--\r\n')])
}

test('tells what octets are by themselves', () => {
  const trailing = (octets: Uint8Array, text: string) => concatOctets([octets, encodeAscii(text)])
  for (const [octets, expected] of [
    [xml, 'example.com'],
    [concatOctets([encodeAscii('\r\n '), xml]), 'example.com'],
    [gzip, 'example.com'],
    [gzipSync(gzip), 'example.com'],
    [trailing(gzip, '\r\n'), 'example.com'],
    [trailing(gzip, 'garbage'), 'example.com'],
    [concatOctets([gzipSync(xml.subarray(0, 100)), gzipSync(xml.subarray(100))]), 'example.com'],
    [zipOf([{ name: 'a.xml', body: xml }]), 'example.com'],
    [zipOf([{ name: 'a.xml', body: xml, stored: true }]), 'example.com'],
    [
      zipOf([
        { name: 'd/', body: xml },
        { name: '__MACOSX/._a', body: xml },
        { name: 'a', body: xml },
      ]),
      'example.com',
    ],
    [
      zipOf([
        { name: 'a', body: xml },
        { name: 'b', body: xmlOf('b.example') },
      ]),
      'example.com b.example',
    ],
    [
      zipOf([
        { name: 'a.txt', body: encodeAscii('hi') },
        { name: 'b', body: xml },
      ]),
      'example.com !not-a-document',
    ],
    [zipOf([{ name: 'a.gz', body: gzip }]), 'example.com'],
    [zipOf([{ name: 'a', body: xml }], 'a comment'), 'example.com'],
    [mail({ type: 'application/gzip', body: gzip }), 'example.com'],
  ] as const)
    assert.equal(found(octets), expected)
})

test('refuses what is none, each for its own reason', () => {
  const wrongCrc = gzip.with(-5, (gzip.at(-5) ?? 0) ^ 1)
  for (const [octets, expected] of [
    [new Uint8Array(0), 'empty'],
    [encodeAscii(' \r\n'), 'empty'],
    [gzipSync(''), 'empty'],
    [gzip.subarray(0, -20), 'bad-gzip'],
    [gzip.subarray(0, 5), 'bad-gzip'],
    [wrongCrc, 'bad-gzip'],
    [zipOf([]), 'no-report-in-mail'],
    [zipOf([{ name: 'a', body: xml }]).subarray(0, -30), 'bad-zip'],
    [zipOf([{ name: 'a', body: xml, encrypted: true }]), 'encrypted-zip'],
    [zipOf([{ name: 'a', body: xml, method: 12 }]), 'bad-zip'],
    [zipOf([{ name: 'd/', body: xml }]), 'nothing-inside'],
    [tls, 'tls-report'],
    [gzipSync(tls), 'tls-report'],
    [encodeAscii('{}'), 'not-a-document'],
    [encodeAscii('<html></html>'), 'not-a-dmarc-report'],
    [encodeAscii('no report at all'), 'no-report-in-mail'],
    [mail({ type: 'text/plain', body: encodeAscii('hello') }), 'no-report-in-mail'],
    [mail({ type: 'text/html', body: encodeAscii('<html><feedback></feedback></html>') }), 'no-report-in-mail'],
    [mail({ type: 'application/tlsrpt+gzip', body: gzipSync(tls) }), 'tls-report'],
    [mail({ type: 'application/json', body: tls }), 'tls-report'],
  ] as const)
    assert.equal(found(octets), expected)
})

test('a bad attachment beside a good one is said and passed over', () => {
  const good = { type: 'application/octet-stream', body: gzip }
  for (const [parts, expected] of [
    [[{ type: 'application/gzip', body: gzip.subarray(0, 50) }, good], 'example.com !bad-gzip'],
    [[good, { type: 'text/xml', body: encodeAscii('<a>') }], 'example.com !not-well-formed'],
    [[good, { type: 'application/tlsrpt+json', body: tls }], 'example.com !tls-report'],
    [[{ type: 'text/plain', body: encodeAscii('<b>not a report</b>'), plain: true }, good], 'example.com'],
    [[{ type: 'text/plain', body: xml, plain: true }], 'example.com'],
    [[good, { type: 'image/png', body: encodeAscii('\x01PNG') }], 'example.com'],
  ] as const)
    assert.equal(found(mail(...parts)), expected)
  const forwarded = concatOctets([encodeAscii('Content-Type: message/rfc822\r\n\r\n'), mail(good)])
  assert.equal(found(forwarded), 'example.com')
})

test('ten megabytes that unfold to ten gigabytes stop at the limit', () => {
  const block: Uint8Array = gzipSync(new Uint8Array(20_000_000))
  const bomb = concatOctets(Array.from({ length: 512 }, () => block))
  assert.ok(bomb.length < 10.5e6)
  const before = process.memoryUsage().rss
  for (const octets of [
    bomb,
    gzipSync(bomb),
    zipOf([{ name: 'a', body: new Uint8Array(200_000_000) }]),
    mail({ type: 'application/gzip', body: bomb }),
  ])
    assert.equal(found(octets), 'unfolds-too-far')
  assert.ok(process.memoryUsage().rss - before < 400e6)
})

test('stops at its limits', () => {
  const small: ReportLimits = {
    ...REPORT_LIMITS,
    reportOctets: 1000,
    zipEntries: 2,
    attachments: 2,
    mailOctets: 20_000,
  }
  const zeros = new Uint8Array(1001)
  assert.equal(found(gzipSync(zeros), small), 'unfolds-too-far')
  assert.equal(found(gzipSync(zeros.subarray(1)), small), 'empty')
  const files = (count: number) => Array.from({ length: count }, (_, n) => ({ name: `f${n}`, body: xml }))
  assert.equal(found(zipOf(files(2)), small), 'example.com example.com')
  assert.equal(found(zipOf(files(3)), small), 'too-many-entries')
  assert.equal(
    found(
      zipOf([
        { name: 'a', body: zeros.subarray(500) },
        { name: 'b', body: zeros.subarray(400) },
      ]),
      small,
    ),
    'unfolds-too-far',
  )
  const folded = (times: number): Uint8Array => (times === 0 ? xml : gzipSync(folded(times - 1)))
  assert.equal(found(folded(REPORT_LIMITS.folds)), 'example.com')
  assert.equal(found(folded(REPORT_LIMITS.folds + 1)), 'folded-too-often')
  const report = { type: 'text/xml', body: xml }
  assert.equal(found(mail(report, report, report), small), 'example.com example.com')
  assert.equal(found(mail(...Array.from({ length: 60 }, () => report)), small), 'report-too-long')
  // all attachments of a mail share one budget
  const padded = gzipSync(concatOctets([xml, encodeAscii(' '.repeat(900 - xml.length))]))
  const both = mail({ type: 'application/gzip', body: padded }, { type: 'application/gzip', body: gzip })
  assert.equal(found(both, small), 'example.com !unfolds-too-far')
  const members = concatOctets(Array.from({ length: 1001 }, () => gzipSync('')))
  assert.equal(found(members), 'unfolds-too-far')
})

test('a zip whose directory lies is refused', () => {
  const archive = zipOf([{ name: 'a', body: xml }])
  const central = archive.findLastIndex(
    (octet, at) => octet === 0x50 && archive[at + 1] === 0x4b && archive[at + 2] === 1,
  )
  for (const [at, value] of [
    [central, 0],
    [central + 20, 0xff],
    [central + 42, 0xff],
    [archive.length - 22 + 16, 0xff],
    [archive.length - 22 + 10, 9],
  ] as const) {
    const lying = archive.with(at + (at === central + 20 ? 2 : 0), value)
    assert.equal(found(lying), 'bad-zip', `octet ${at}`)
  }
  assert.equal(readReportMail(deflateRawSync(xml), unfold).ok, false)
})
