// RFC 5782
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseIpAddress } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { dnsListEntries, type EventClass, parseSubject, ReputationBook, reversedAddress } from '../src/index.ts'

const T0 = 1_700_000_000_000

function entriesOf(known: readonly (readonly [string, EventClass, number])[]): readonly string[] {
  const book = new ReputationBook()
  for (const [text, eventClass, count] of known) {
    const subject = expectOk(parseSubject(text), `read ${text}`)
    for (let i = 0; i < count; i++) book.record({ subject, class: eventClass }, T0)
  }
  return [...dnsListEntries(book.standings(T0))].map(
    ({ name, list, address, reason }) => `${name}.${list} ${address} ${reason}`,
  )
}

test('every list has the entries by which it is tested, and not those that must not be there (RFC 5782 §5)', () => {
  const test6 = '2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0'
  assert.deepEqual(entriesOf([]), [
    '2.0.0.127.bl 127.0.0.2 a test entry',
    `${test6}.bl 127.0.0.2 a test entry`,
    '2.0.0.127.wl 127.0.0.2 a test entry',
    `${test6}.wl 127.0.0.2 a test entry`,
    'test.dbl 127.0.0.2 a test entry',
    'test.dwl 127.0.0.2 a test entry',
  ])
})

const ROWS: readonly (readonly [string, EventClass, number, readonly string[]])[] = [
  ['192.0.2.0/24', 'forged', 20, ['*.2.0.192.bl 127.0.0.2 score -80 of 20 events: forged 20']],
  ['192.0.2.0/24', 'forged', 10, ['*.2.0.192.bl 127.0.0.3 score -67 of 10 events: forged 10']],
  ['192.0.2.0/24', 'forged', 9, []],
  ['192.0.2.0/24', 'unknown-recipient', 15, ['*.2.0.192.bl 127.0.0.4 score -33 of 10 events: unknown-recipient 10']],
  ['2001:db8:1::/48', 'ham', 10, ['*.1.0.0.0.8.b.d.0.1.0.0.2.wl 127.0.0.10 score 67 of 10 events']],
  ['a.example', 'spam', 10, ['a.example.dbl 127.0.0.4 score -67 of 10 events: spam 10']],
  ['a.example', 'ham', 10, ['a.example.dwl 127.0.0.10 score 67 of 10 events']],
  ['a.example', 'pass', 100, []],
  ['helo:a.example', 'spam', 100, []],
]
for (const [subject, eventClass, count, expected] of ROWS) {
  test(`${count} × ${eventClass} of ${subject}: ${expected.join(' ') || 'not listed'}`, () => {
    assert.deepEqual(entriesOf([[subject, eventClass, count]]).slice(6), expected)
  })
}

const REVERSED: readonly (readonly [string, string])[] = [
  ['192.0.2.99', '99.2.0.192'],
  ['2001:db8:1:2:3:4:567:89ab', 'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2'], // RFC 5782 §2.4
]
for (const [text, expected] of REVERSED) {
  test(`asks for ${text} at ${expected}`, () => {
    assert.equal(reversedAddress(expectOk(parseIpAddress(text), 'read')), expected)
  })
}
