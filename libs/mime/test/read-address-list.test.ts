// RFC 5322 §3.4, §4.4, Appendix A; RFC 2047 §5; RFC 6532 §3.2
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import {
  formatAddressList,
  formatField,
  parseHeaderSection,
  READ_ADDRESS_LIMITS,
  type ReadAddress,
  type ReadMailbox,
  readAddressList,
} from '../src/index.ts'

const show = (address: ReadAddress): string => {
  const comments = address.comments.map((comment) => `(${comment})`).join('')
  if (address.kind === 'group') return `${address.displayName}:[${address.members.map(show).join(',')}]${comments}`
  return `${address.displayName ?? ''}<${address.localPart}@${address.domain}>${comments}`
}

const rows: readonly [value: string, read: string, defects?: readonly string[]][] = [
  ['John Doe <jdoe@machine.example>', 'John Doe<jdoe@machine.example>'],
  ['"Joe Q. Public" <john.q.public@example.com>', 'Joe Q. Public<john.q.public@example.com>'],
  ['Mary Smith <mary@x.test>, jdoe@example.org', 'Mary Smith<mary@x.test> <jdoe@example.org>'],
  ['A Group:Ed Jones <c@a.test>,joe@where.test;', 'A Group:[Ed Jones<c@a.test>,<joe@where.test>]'],
  ['undisclosed-recipients:;', 'undisclosed-recipients:[]'],
  ['', ''],
  // comments
  [
    'Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>',
    'Pete<pete@silly.test>(A nice ) chap)(his account)(his host)',
    ['space-around-at'],
  ],
  [
    "A Group(Some people) :Chris Jones <c@(Chris's host.)public.example>, John <jdoe@one.test> (my dear friend); (the end of the group)",
    "A Group:[Chris Jones<c@public.example>(Chris's host.),John<jdoe@one.test>(my dear friend)](Some people)(the end of the group)",
    ['space-around-at'],
  ],
  ['(Empty list)(start)Hidden  :(nobody(that I know))  ;', 'Hidden:[](Empty list)(start)(nobody(that I know))'],
  ['jdoe@one.test (=?utf-8?q?J=C3=BCrgen?= D)', '<jdoe@one.test>(Jürgen D)'],
  ['a@b.test, (lost)', '<a@b.test>', ['empty-element', 'comment-without-address']],
  ['(x) a@b.test (y), c@d.test (z)', '<a@b.test>(x)(y) <c@d.test>(z)'],
  ['a@b.test (x', '<a@b.test>(x)', ['unclosed-comment']],
  ['a@b.test ((x) c', '<a@b.test>((x) c)', ['unclosed-comment']],
  // names
  ['=?US-ASCII*EN?Q?Keith_Moore?= <a@b.test>', 'Keith Moore<a@b.test>'],
  ['=?utf-8?q?a?= =?utf-8?q?b?= c <a@b.test>', 'ab c<a@b.test>'],
  ['=?utf-8?q?a?= (c) =?utf-8?q?b?= <a@b.test>', 'a b<a@b.test>(c)'],
  ['"a  b" <a@b.test>', 'a  b<a@b.test>'],
  ['a   b\t c <a@b.test>', 'a b c<a@b.test>'],
  ['"a" b "c" <a@b.test>', 'a b c<a@b.test>'],
  ['"" <a@b.test>', '<a@b.test>'],
  ['=?utf-8?q?=3Ca@evil=2Etest=3E?= <a@b.test>', '<a@evil.test><a@b.test>', ['special-in-encoded-word']],
  ['=?utf-8?Q?Doe,_John?= <a@b.test>', 'Doe, John<a@b.test>', ['special-in-encoded-word']],
  ['=?utf-8?q?a=0D=0Ab?= <a@b.test>', 'a\ufffd\ufffdb<a@b.test>', ['bad-encoded-word']],
  ['"=?utf-8?q?a?= b" <a@b.test>', 'a b<a@b.test>', ['encoded-word-in-quoted-string']],
  ['Joe Q. Public <a@b.test>', 'Joe Q. Public<a@b.test>', ['obsolete-phrase']],
  ['John [work] <a@b.test>', 'John [work]<a@b.test>', ['unquoted-special']],
  ['a@b.test <c@d.test>', 'a@b.test<c@d.test>', ['obsolete-phrase', 'unquoted-special']],
  ['<a@b.test> Doe', 'Doe<a@b.test>', ['text-after-address']],
  ['John Doe a@b.test', 'John Doe<a@b.test>', ['missing-angle-brackets']],
  ['Jürgen <jürgen@bücher.example>', 'Jürgen<jürgen@bücher.example>'],
  ['"a <b@c.test>', 'a<b@c.test>', ['unclosed-quoted-string']],
  ['"a\0b" <a@b.test>', 'a\ufffdb<a@b.test>', ['control-character']],
  // local parts and domains
  ['"john doe"@b.test', '<john doe@b.test>'],
  ['""@b.test', '<@b.test>'],
  ['john . doe @ b . test', '<john.doe@b.test>', ['space-around-at', 'obsolete-domain', 'obsolete-local-part']],
  ['john(c).doe@b.test', '<john.doe@b.test>(c)', ['obsolete-local-part']],
  ['"john".doe@b.test', '<john.doe@b.test>', ['obsolete-local-part']],
  ['a@b(c). test', '<a@b.test>(c)', ['obsolete-domain']],
  ['a@[ 192.0.2.1 ]', '<a@[192.0.2.1]>', ['space-in-domain-literal']],
  ['a@[x\\]y]', '<a@[x\\]y]>'],
  ['a@[any~!@#text]', '<a@[any~!@#text]>'],
  ['<@a.test,@b.test:c@d.test>', '<c@d.test>', ['obsolete-route']],
  [
    '<@x.test mary@y.test>',
    '<@x.test mary@y.test>',
    ['bad-route', 'unquoted-special', 'unquoted-special', 'unquoted-special'],
  ],
  ['a..b.@c.test', '<a..b.@c.test>', ['misplaced-dot', 'misplaced-dot']],
  ['.a@c.test.', '<.a@c.test.>', ['misplaced-dot', 'misplaced-dot']],
  ['alice', '<alice@>', ['no-at-sign']],
  ['John Doe', '<John Doe@>', ['no-at-sign', 'unquoted-special']],
  ['<>', '<@>', ['empty-address']],
  ['"x" <postmaster>', 'x<postmaster@>', ['no-at-sign']],
  ['alice@', '<alice@>', ['no-domain']],
  ['@b.test', '<@b.test>', ['no-local-part']],
  ['@', '<@>', ['no-domain', 'no-local-part']],
  ['a@b@c.test', '<a@b@c.test>', ['many-at-signs', 'unquoted-special', 'unquoted-special']],
  ['a\\b@c.test', '<a\\b@c.test>', ['unquoted-special', 'unquoted-special']],
  ['a@[b', '[b<a@>', ['unclosed-domain-literal', 'no-domain', 'text-after-address']],
  ['<a@b.test', '<a@b.test>', ['unclosed-angle-bracket']],
  ['<a@b.test, c@d.test>', '<a@b.test> <c@d.test>', ['unclosed-angle-bracket', 'text-after-address']],
  ['<<a@b.test>>', '<a@b.test>', ['unclosed-angle-bracket', 'text-after-address']],
  ['<a b@c.test>', '<a b@c.test>', ['unquoted-special']],
  ['<a@b.test c>', '<a@b.test>', ['text-after-address']],
  // lists
  ['a@b.test,, c@d.test,', '<a@b.test> <c@d.test>', ['empty-element', 'empty-element']],
  ['a@b.test c@d.test', '<a@b.test> <c@d.test>', ['missing-comma']],
  ['<a@b.test> <c@d.test>', '<a@b.test> <c@d.test>', ['missing-comma']],
  ['a@b.test C <c@d.test>', 'a@b.test C<c@d.test>', ['obsolete-phrase', 'unquoted-special']],
  ['a@b.test; c@d.test', '<a@b.test> <c@d.test>', ['semicolon-as-comma']],
  ['g: a@b.test', 'g:[<a@b.test>]', ['unclosed-group']],
  ['g: h: a@b.test;;', 'g:[<a@b.test>]', ['nested-group', 'semicolon-as-comma']],
  [':a@b.test;', ':[<a@b.test>]', ['no-group-name']],
  ['g:a@b.test,,;h:;', 'g:[<a@b.test>] h:[]', ['empty-element', 'empty-element', 'missing-comma']],
  ['a@b.test\r\nBcc: x', 'Bcc: x<a@b.test>', ['control-character', 'control-character', 'text-after-address']],
  ['\ud800@b.test', '<\ufffd@b.test>', ['not-unicode']],
]
for (const [value, read, defects = []] of rows) {
  test(`reads ${JSON.stringify(value)}`, () => {
    const found = readAddressList(value)
    assert.equal(found.addresses.map(show).join(' '), read)
    assert.deepEqual(
      found.defects.map(({ kind }) => kind),
      defects,
    )
    for (const { at } of found.defects) assert.ok(at >= 0 && at <= value.length)
  })
}

test('limits: characters, addresses, comments in comments, defects', () => {
  const limits = { characters: 40, addresses: 2, commentDepth: 1, defects: 3 }
  const kinds = (value: string): readonly string[] => readAddressList(value, limits).defects.map(({ kind }) => kind)
  assert.deepEqual(kinds('a@b.test,c@b.test'), [])
  assert.deepEqual(kinds('a@b.test,c@b.test,d@b.test'), ['too-many-addresses'])
  assert.equal(readAddressList('a@b.test,c@b.test,d@b.test', limits).addresses.length, 2)
  assert.deepEqual(kinds('g:a@b.test,c@b.test;'), ['too-many-addresses'])
  assert.deepEqual(kinds('a@b.test(())'), ['comments-too-deep'])
  assert.deepEqual(kinds(`a@b.test${' '.repeat(33)}`), ['too-long'])
  assert.equal(kinds(','.repeat(40)).length, 3)
})

test('hostile lists take one pass', () => {
  const pieces = [
    'a@b ',
    'a@',
    '@',
    '<',
    '<a@b> ',
    '"',
    '\\"',
    '"\\',
    '(',
    '[',
    '=?',
    '=?u?q?',
    'a:',
    'a.',
    ', ',
    '<@a,',
    'a@b c ',
    ';',
    '\0',
    'g:a@b,',
  ]
  for (const piece of pieces) {
    const value = piece.repeat(Math.floor(READ_ADDRESS_LIMITS.characters / piece.length))
    const { addresses, defects } = readAddressList(value)
    assert.ok(addresses.length <= READ_ADDRESS_LIMITS.addresses && defects.length <= READ_ADDRESS_LIMITS.defects)
  }
})

const text = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.string({
      unit: fc.constantFrom(
        ...Array.from('aB1 .,;:<>@()[]"\\\t=?_'),
        '=?',
        '?=',
        '=?utf-8?q?a?=',
        'é',
        '日',
        '\u{1f600}',
        '\u00a0',
        '\ufeff',
        '\u3000',
        '  ',
        'word ',
      ),
      maxLength: 40,
    }),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'x'.repeat(1200),
      '"'.repeat(700),
      ' '.repeat(1200),
      '日'.repeat(300),
      'ab '.repeat(300),
    ),
  },
)
const domain = fc.oneof(
  fc.constantFrom(
    'example.org',
    'bücher.example',
    '[192.0.2.1]',
    '[IPv6:::1]',
    '[x\\]]',
    'localhost',
    'EXAMPLE.Org',
    'a_b',
    '',
  ),
  text,
)
const mailbox: fc.Arbitrary<ReadMailbox> = fc.record(
  {
    kind: fc.constant('mailbox' as const),
    displayName: fc.option(text, { nil: undefined }),
    localPart: fc.oneof(fc.constantFrom('alice', 'a.b', 'john doe'), text),
    domain,
    comments: fc.array(text, { maxLength: 3 }),
  },
  { noNullPrototype: true },
)
const address: fc.Arbitrary<ReadAddress> = fc.oneof(
  mailbox,
  fc.record(
    {
      kind: fc.constant('group' as const),
      displayName: text,
      members: fc.array(mailbox, { maxLength: 3 }),
      comments: fc.array(text, { maxLength: 2 }),
    },
    { noNullPrototype: true },
  ),
)

/** A mailbox without a domain is written as it is read, and that is all that is wrong with it. */
const readBack = (value: string, addresses: readonly ReadAddress[]): void => {
  const read = readAddressList(value)
  assert.deepEqual(read.addresses, addresses)
  const mailboxes = addresses.flatMap((one) => (one.kind === 'group' ? one.members : [one]))
  const without = mailboxes.filter((one) => one.domain === '').length
  assert.deepEqual(
    read.defects.map(({ kind: defect }) => defect),
    Array.from({ length: without }, () => 'no-at-sign'),
  )
}

test('what is written is read back the same, without a defect, through a folded field too', () => {
  let written = 0
  let folded = 0
  fc.assert(
    fc.property(fc.array(address, { maxLength: 4 }), (addresses) => {
      const value = formatAddressList(addresses)
      if (!value.ok) return
      written++
      readBack(value.value, addresses)
      const field = formatField('To', value.value)
      // Only what must stand unencoded can be too long for a line.
      if (!field.ok) return assert.equal(field.error.kind, 'word-too-long')
      folded++
      const { header } = expectOk(parseHeaderSection(field.value), 'read')
      assert.deepEqual(header.defects, [])
      const [only] = header.fields
      assert.ok(header.fields.length === 1 && only !== undefined)
      readBack(only.text, addresses)
    }),
    { numRuns: 1000 },
  )
  assert.ok(written > 200 && folded > 150, `${written} written, ${folded} folded`)
})

const plain: ReadMailbox = { kind: 'mailbox', displayName: undefined, localPart: 'a', domain: 'b.test', comments: [] }
const refused: readonly [address: ReadAddress, kind: string][] = [
  [{ ...plain, displayName: 'a\nb' }, 'control-character'],
  [{ ...plain, localPart: 'a\0' }, 'control-character'],
  [{ ...plain, comments: ['\x7f'] }, 'control-character'],
  [{ ...plain, displayName: '\ud800' }, 'not-unicode'],
  [{ ...plain, localPart: '', domain: '' }, 'no-address'],
  ...['a b', 'a>', 'a@b', '.a', 'a.', 'a..b', '[a', '[a]b', '[a b]', '[[]', '[\\]', 'a,b', '"a"', 'a(b)'].map(
    (name): [ReadAddress, string] => [{ ...plain, domain: name }, 'bad-domain'],
  ),
  [{ kind: 'group', displayName: 'a\r', members: [], comments: [] }, 'control-character'],
  [{ kind: 'group', displayName: 'a', members: [{ ...plain, domain: '>' }], comments: [] }, 'bad-domain'],
]
for (const [one, kind] of refused) {
  test(`refuses to write ${JSON.stringify(one).slice(0, 90)}`, () => {
    assert.deepEqual(formatAddressList([plain, one]), { ok: false, error: { kind, index: 1 } })
  })
}

test('refuses to write more than is read', () => {
  const many = formatAddressList(Array.from({ length: READ_ADDRESS_LIMITS.addresses + 1 }, () => plain))
  assert.equal(!many.ok && many.error.kind, 'too-many-addresses')
  const long = formatAddressList([{ ...plain, comments: ['x '.repeat(READ_ADDRESS_LIMITS.characters / 2)] }])
  assert.equal(!long.ok && long.error.kind, 'too-long')
})

test('what looks like an encoded word in an address is none', () => {
  for (const [localPart, domain] of [
    ['x', '=?8?q?.?='],
    ['x', 'a.=?8?q?.?='],
    ['=?8?q?.?=', 'b.test'],
    ['x.=?8?q?.?=', 'b.test'],
  ] as const) {
    const addresses = [{ ...plain, localPart, domain }]
    const value = expectOk(formatAddressList(addresses), 'write')
    assert.deepEqual(readAddressList(value), { addresses, defects: [] })
  }
})

test('writes the shortest form', () => {
  const value = formatAddressList([
    { ...plain, displayName: 'Ed Jones' },
    { ...plain, displayName: 'Q. J', localPart: 'a b', comments: ['c (d)'] },
    { kind: 'group', displayName: 'é', members: [plain], comments: ['ü'] },
  ])
  assert.deepEqual(value, {
    ok: true,
    value: 'Ed Jones <a@b.test>, "Q. J" <"a b"@b.test> (c \\(d\\)), =?UTF-8?B?w6k=?= (=?UTF-8?B?w7w=?=): a@b.test;',
  })
})
