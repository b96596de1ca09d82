import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDomainName, parseIpAddress } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import {
  attribute,
  countsFor,
  EVENT_CLASS_NAMES,
  type EventClass,
  evidenceOf,
  fade,
  formatRow,
  formatSubject,
  networkSubject,
  parseRow,
  parseSubject,
  REPUTATION_LIMITS,
  REPUTATION_POLICY,
  ReputationBook,
  type Subject,
} from '../src/index.ts'

const T0 = 1_700_000_000_000
const HOUR = 3_600_000
const subject = (text: string): Subject => expectOk(parseSubject(text), `read ${text}`)
const address = (text: string) => expectOk(parseIpAddress(text), `read ${text}`)
const domain = (text: string) => expectOk(parseDomainName(text), `read ${text}`)
const BAD = subject('192.0.2.0/24')

function times(book: ReputationBook, count: number, eventClass: EventClass, who = BAD, nowMs = T0) {
  let last
  for (let i = 0; i < count; i++) last = book.record({ subject: who, class: eventClass }, nowMs) ?? last
  return last
}

const anyClass = fc.constantFrom(...EVENT_CLASS_NAMES)
const anySubject = fc.constantFrom(...['192.0.2.1', '2001:db8::1', 'a.example', 'helo:b.example'].map(subject))
const events = fc.array(fc.record({ subject: anySubject, class: anyClass, afterMs: fc.nat(20 * 24 * HOUR) }), {
  maxLength: 200,
})

function bookOf(all: readonly { subject: Subject; class: EventClass; afterMs: number }[]) {
  const book = new ReputationBook()
  let nowMs = T0
  for (const { afterMs, ...event } of all) book.record(event, (nowMs += afterMs))
  return { book, nowMs }
}

test('contributions sum to the score, and the score stays within its bounds', () => {
  fc.assert(
    fc.property(events, (all) => {
      const { book, nowMs } = bookOf(all)
      for (const { score, contributions, evidence } of book.standings(nowMs)) {
        assert.ok(Math.abs(contributions.reduce((sum, { points }) => sum + points, 0) - score) < 1e-9)
        assert.ok(Math.abs(contributions.reduce((sum, { count }) => sum + count, 0) - evidence) < 1e-6)
        assert.ok(score > -100 && score < 100)
      }
    }),
  )
})

test('counts only fade: monotone, halved by each half-life, twice is once', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 1e6, noNaN: true }), fc.nat(1e9), fc.nat(1e9), (count, a, b) => {
      const once = fade({ spam: count }, T0, T0 + a + b, 86_400)
      const twice = fade(fade({ spam: count }, T0, T0 + a, 86_400), T0 + a, T0 + a + b, 86_400)
      assert.ok(Math.abs(evidenceOf(once) - evidenceOf(twice)) <= 1e-6 + count * 1e-9)
      assert.ok(evidenceOf(once) <= count)
      const half = evidenceOf(fade({ spam: count }, T0, T0 + 86_400_000, 86_400))
      assert.ok(Math.abs(half - count / 2) < count * 1e-12)
    }),
  )
  assert.deepEqual(fade({ spam: 4 }, T0, T0 - 1, 1), { spam: 4 }, 'a clock that goes back')
  assert.deepEqual(fade({ spam: 4 }, T0, T0 + 40_000, 1), {}, 'at last nothing is left')
})

test('what is exported and imported is the same', () => {
  fc.assert(
    fc.property(events, (all) => {
      const { book, nowMs } = bookOf(all)
      const lines = [...book.rows()].map(formatRow)
      const other = new ReputationBook()
      for (const line of lines) other.load(expectOk(parseRow(line), 'read our own line'), nowMs)
      assert.deepEqual([...other.rows()].map(formatRow), lines)
      assert.deepEqual([...other.standings(nowMs)], [...book.standings(nowMs)])
    }),
  )
})

test('a ban comes with enough evidence, not before', () => {
  const book = new ReputationBook()
  assert.equal(times(book, 9, 'forged'), undefined)
  assert.equal(times(book, 1, 'forged')?.ban.measure, 'tarpit') // 10 of 15: -67, not yet evidence for a refusal
  const refused = times(book, 10, 'forged')
  assert.equal(refused?.ban.measure, 'refuse')
  assert.equal(refused?.ban.reason, 'score -80 of 20 events: forged 20')
  assert.equal(refused?.ban.repetition, 1)
  assert.equal(refused?.ban.untilMs, T0 + HOUR)
  assert.equal(book.bans(T0).length, 1)
  assert.equal(book.bans(T0 + HOUR).length, 0, 'it ends')
})

test('bans grow fourfold up to the longest, and are forgiven', () => {
  const book = new ReputationBook({ ...REPUTATION_POLICY, halfLifeSeconds: 1e9 })
  times(book, 30, 'forged')
  let nowMs = T0
  const lengths: number[] = []
  for (let i = 0; i < 7; i++) {
    const { ban } = book.standing(BAD, nowMs)
    assert.ok(ban)
    lengths.push((ban.untilMs - ban.sinceMs) / HOUR)
    nowMs = ban.untilMs
    assert.equal(book.standing(BAD, nowMs).ban, undefined)
    times(book, 1, 'forged', BAD, nowMs)
  }
  assert.deepEqual(lengths, [1, 4, 16, 64, 256, 720, 720])
  const { ban } = book.standing(BAD, nowMs)
  const later = (ban?.untilMs ?? 0) + REPUTATION_POLICY.forgivenAfterSeconds * 1000
  assert.equal(times(book, 1, 'forged', BAD, later)?.ban.repetition, 1)
})

test('undo forgets the ban and what led to it', () => {
  const book = new ReputationBook()
  times(book, 30, 'forged')
  assert.equal(book.pardon(BAD), true)
  assert.equal(book.pardon(BAD), false)
  assert.equal(book.standing(BAD, T0).ban, undefined)
  assert.equal(times(book, 5, 'forged'), undefined)
})

test('a weak sign alone never refuses', () => {
  for (const weak of ['dkim-fail', 'spf-softfail', 'unknown-recipient', 'spf-fail', 'dmarc-fail'] as const) {
    const book = new ReputationBook()
    times(book, 1000, weak)
    assert.notEqual(book.standing(BAD, T0).judgement, 'refuse', weak)
  }
})

test('a large network is not banned for one forger among its users', () => {
  const book = new ReputationBook()
  for (let i = 0; i < 40; i++) {
    times(book, 10, 'pass')
    times(book, 1, 'forged')
  }
  assert.equal(book.standing(BAD, T0).ban, undefined)
})

test('what was forged never counts against the domain', () => {
  const seen = { client: address('192.0.2.1'), helo: 'x.example', provenDomains: [], classes: ['forged'] } as const
  assert.deepEqual(
    attribute(seen).map((event) => formatSubject(event.subject)),
    ['network:192.0.2.0/24', 'helo:x.example'],
  )
  // One domain's signature holds, another's failed beside it.
  const mixed = attribute({ ...seen, provenDomains: [domain('a.example')], classes: ['pass', 'dmarc-fail'] })
  assert.deepEqual(
    mixed.map((event) => `${event.subject.kind} ${event.class}`),
    ['network dmarc-fail', 'helo dmarc-fail', 'domain pass'],
  )
  const book = new ReputationBook()
  for (const name of EVENT_CLASS_NAMES.filter((one) => !countsFor(one, 'domain'))) {
    book.record({ subject: subject('a.example'), class: name }, T0)
  }
  assert.equal(book.size, 0)
})

test('a message is one event for each subject, and so many domains at most', () => {
  const provenDomains = 'a b c d e f g h a'.split(' ').map((letter) => domain(`${letter}.example`))
  const seen = attribute({ client: address('2001:db8:1:2::3'), helo: '?', provenDomains, classes: ['pass', 'ham'] })
  assert.equal(seen.length, 1 + REPUTATION_LIMITS.domains)
  assert.ok(seen.every((event) => event.class === 'ham'))
})

test('only networks are banned', () => {
  const book = new ReputationBook()
  for (const who of ['a.example', 'helo:a.example'].map(subject)) {
    assert.equal(times(book, 100, 'spam', who), undefined)
    assert.equal(book.standing(who, T0).judgement, 'greylist')
  }
})

test('good mail is listed as good', () => {
  const book = new ReputationBook()
  times(book, 9, 'ham')
  assert.equal(book.standing(BAD, T0).judgement, 'neutral')
  times(book, 1, 'ham')
  assert.equal(book.standing(BAD, T0).judgement, 'listed-good')
})

test('beyond the number of subjects those with the least evidence go, bans last', () => {
  const limits = { ...REPUTATION_LIMITS, subjects: 50 }
  const book = new ReputationBook(REPUTATION_POLICY, limits)
  times(book, 30, 'forged', BAD)
  times(book, 30, 'ham', subject('good.example'))
  for (let i = 0; i < 2000; i++) book.record({ subject: subject(`n${i}.example`), class: 'pass' }, T0 + i)
  assert.equal(book.size, 50)
  assert.equal(book.standing(BAD, T0 + 2000).ban?.measure, 'refuse')
  assert.equal(book.standing(subject('good.example'), T0 + 2000).judgement, 'listed-good')
  const { rows, removed } = book.takeChanges()
  assert.equal(rows.length, 50)
  assert.equal(removed.length, 1952)
  assert.deepEqual(book.takeChanges(), { rows: [], removed: [] })
})

const READ: readonly (readonly [string, string])[] = [
  ['192.0.2.77', 'network:192.0.2.0/24'],
  ['192.0.2.0/24', 'network:192.0.2.0/24'],
  ['network:192.0.2.0/24', 'network:192.0.2.0/24'],
  ['::ffff:192.0.2.1', 'network:192.0.2.0/24'],
  ['2001:db8:1:2::3', 'network:2001:db8:1::/48'],
  ['2001:db8:1::/48', 'network:2001:db8:1::/48'],
  ['Example.ORG.', 'domain:example.org'],
  ['bücher.example', 'domain:xn--bcher-kva.example'],
  ['helo:Mail.Example', 'helo:mail.example'],
  ['helo:[192.0.2.1]', 'helo:[192.0.2.1]'],
  ['helo:[IPv6:2001:DB8::1]', 'helo:[2001:db8::1]'],
]
for (const [text, expected] of READ) {
  test(`reads "${text}"`, () => assert.equal(formatSubject(subject(text)), expected))
}

const REFUSED: readonly string[] = [
  '',
  'network:',
  'network:a.example',
  '192.0.2.0/23',
  '192.0.2.1/24',
  '192.0.2.0/24/24',
  '2001:db8::/64',
  'domain:192.0.2.1',
  'helo:',
  'helo:[192.0.2]',
  'helo:a b',
  'mailbox:a.example',
]
for (const text of REFUSED) {
  test(`refuses "${text}"`, () => assert.equal(parseSubject(text).ok, false))
}

const ROW = { subject: 'network:192.0.2.0/24', counts: { spam: 1 }, firstMs: 1, touchedMs: 2 }
const BAN = { measure: 'refuse', reason: 'r', sinceMs: 1, untilMs: 2, repetition: 1 }
const BAD_ROWS: readonly (readonly [unknown, string])[] = [
  ['', 'not-json'],
  ['{', 'not-json'],
  [[], 'not-json'],
  [{ ...ROW, subject: '192.0.2.0/24' }, 'bad-subject'],
  [{ ...ROW, subject: 'domain:A.example' }, 'bad-subject'],
  [{ ...ROW, subject: 1 }, 'bad-subject'],
  [{ ...ROW, counts: { spam: -1 } }, 'bad-counts'],
  [{ ...ROW, counts: { spam: 2e9 } }, 'bad-counts'],
  [{ ...ROW, counts: { toString: 1 } }, 'bad-counts'],
  [{ ...ROW, counts: [] }, 'bad-counts'],
  [{ ...ROW, subject: 'domain:a.example', counts: { forged: 1 } }, 'bad-counts'],
  [{ ...ROW, firstMs: 3 }, 'bad-time'],
  [{ ...ROW, touchedMs: 2.5 }, 'bad-time'],
  [{ ...ROW, ban: { ...BAN, measure: 'allow' } }, 'bad-ban'],
  [{ ...ROW, ban: { ...BAN, repetition: 0 } }, 'bad-ban'],
  [{ ...ROW, ban: { ...BAN, untilMs: 0 } }, 'bad-ban'],
  [{ ...ROW, ban: null }, 'bad-ban'],
  [{ ...ROW, subject: 'domain:a.example', ban: BAN }, 'bad-ban'],
  ['{"subject":"domain:a.example","counts":{},"firstMs":0,"touchedMs":-0}', 'bad-time'],
  [' '.repeat(REPUTATION_LIMITS.lineCharacters + 1), 'line-too-long'],
]
for (const [value, kind] of BAD_ROWS) {
  const line = typeof value === 'string' ? value : JSON.stringify(value)
  test(`refuses the line ${line.slice(0, 90)} as ${kind}`, () => {
    const row = parseRow(line)
    assert.equal(row.ok ? 'ok' : row.error.kind, kind)
  })
}

test('a network is known by each of its addresses', () => {
  assert.deepEqual(networkSubject(address('192.0.2.255')), networkSubject(address('192.0.2.0')))
})
