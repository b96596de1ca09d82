// RFC 5322 §3.4, §4.4
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatMailbox } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { ADDRESS_LIST_LIMITS, type Address, mailboxesOf, parseAddressList } from '../src/index.ts'

const show = (address: Address): string =>
  address.kind === 'group'
    ? `${address.displayName}:[${address.members.map(show).join(',')}]`
    : `${address.displayName ?? ''}<${formatMailbox(address.mailbox)}>`

const accepted: readonly [string, string][] = [
  // RFC 5322 Appendix A
  ['John Doe <jdoe@machine.example>', 'John Doe<jdoe@machine.example>'],
  ['"Joe Q. Public" <john.q.public@example.com>', 'Joe Q. Public<john.q.public@example.com>'],
  [
    'Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>',
    'Mary Smith<mary@x.test> <jdoe@example.org> Who?<one@y.test>',
  ],
  [
    '<boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>',
    '<boss@nil.test> Giant; "Big" Box<sysservices@example.net>',
  ],
  [
    'A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;',
    'A Group:[Ed Jones<c@a.test>,<joe@where.test>,John<jdoe@one.test>]',
  ],
  ['Undisclosed recipients:;', 'Undisclosed recipients:[]'],
  ['Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>', 'Pete<pete@silly.test>'],
  ["Chris Jones <c@(Chris's host.)public.example>, joe@example.org", 'Chris Jones<c@public.example> <joe@example.org>'],
  ['(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;', 'Hidden recipients:[]'],
  // obsolete forms with one reading
  ['Joe Q. Public <john@example.com>', 'Joe Q. Public<john@example.com>'],
  ['<@node.test,@other.test:mary@x.test>', '<mary@x.test>'],
  ['mary@x.test, , <jdoe@test.example>,', '<mary@x.test> <jdoe@test.example>'],
  ['"a b"@example.com', '<"a b"@example.com>'],
  ['"a@b" <c@example.com>', 'a@b<c@example.com>'],
  ['a @ b.test', '<a@b.test>'],
  ['a@[192.0.2.1]', '<a@[192.0.2.1]>'],
  ['=?utf-8?q?=C3=A4?= <a@b.test>', 'ä<a@b.test>'],
  ['ä@bücher.example', '<ä@xn--bcher-kva.example>'],
]
for (const [text, expected] of accepted) {
  test(`reads ${text}`, () => assert.equal(expectOk(parseAddressList(text), 'read').map(show).join(' '), expected))
}

const refused: readonly [string, string][] = [
  ['', 'no-address'],
  [' , ', 'no-address'],
  ['(nobody)', 'no-address'],
  ['alice', 'no-at-sign'],
  ['alice@', 'no-domain'],
  ['@example.com', 'no-local-part'],
  ['a@b@c.test', 'many-at-signs'],
  ['a@b.test <c@d.test>', 'unquoted-special'],
  ['<a@b.test> <c@d.test>', 'missing-comma'],
  ['<a@b.test> c', 'text-after-address'],
  ['a@b.test c@d.test', 'missing-comma'],
  ['<a@b.test', 'unclosed-angle-bracket'],
  ['<a@b.test, c@d.test>', 'unclosed-angle-bracket'],
  ['<>', 'empty-address'],
  ['a . b@c.test', 'obsolete-local-part'],
  ['a.@b.test', 'misplaced-dot'],
  ['a..b@c.test', 'misplaced-dot'],
  ['a@b .test', 'obsolete-domain'],
  ['"a"."b"@c.test', 'obsolete-local-part'],
  ['"a <b@c.test>', 'unclosed-quoted-string'],
  ['a@b.test (x', 'unclosed-comment'],
  [`a@b.test ${'('.repeat(17)}`, 'comments-too-deep'],
  ['a@[192.0.2.1', 'unclosed-domain-literal'],
  ['a@[nonsense]', 'bad-mailbox'],
  ['g: a@b.test', 'unclosed-group'],
  ['g: h: a@b.test;;', 'nested-group'],
  ['g: a@b.test <c@d.test>;', 'unquoted-special'],
  ['a@b.test\0', 'control-character'],
  ['a\rb@c.test', 'control-character'],
  ['a)@b.test', 'unquoted-special'],
  ['<@x.test mary@y.test>', 'bad-route'],
  ['a@b_c.test', 'bad-mailbox'],
  ['=?utf-8?q?a,b?= <c@d.test>', 'special-in-encoded-word'],
  ['=?utf-8?q?a(b?= <c@d.test>', 'special-in-encoded-word'],
  ['John Doe a@b.test', 'missing-angle-brackets'],
  ['a@b.test; c@d.test', 'semicolon-as-comma'],
  [':a@b.test;', 'no-group-name'],
  ['a@[192.0.2.1 ]', 'space-in-domain-literal'],
  ['"a\r\nb" <c@d.test>', 'control-character'],
  ['a@b.test (c\rd)', 'control-character'],
  ['"a"b@c.test', 'unquoted-special'],
  ['a b@c.test', 'missing-angle-brackets'],
  ['<a b@c.test>', 'unquoted-special'],
  ['\ud800@b.test', 'not-unicode'],
  // no defect that is counted first hides one that matters
  [`${','.repeat(300)}a b@c.test`, 'missing-angle-brackets'],
]
for (const [text, kind] of refused) {
  test(`refuses ${JSON.stringify(text)}`, () => {
    const result = parseAddressList(text)
    assert.equal(result.ok ? 'ok' : result.error.kind, kind)
  })
}

test('refuses what is beyond each limit', () => {
  const limits = { characters: 40, addresses: 2, commentDepth: 1 }
  const kind = (text: string): string => {
    const result = parseAddressList(text, limits)
    return result.ok ? 'ok' : result.error.kind
  }
  assert.equal(kind('a@b.test,a@b.test'), 'ok')
  assert.equal(kind('a@b.test,a@b.test,a@b.test'), 'too-many-addresses')
  assert.equal(kind('g:a@b.test,a@b.test,a@b.test;'), 'too-many-addresses')
  assert.equal(kind('a@b.test(())'), 'comments-too-deep')
  assert.equal(kind(`a@b.test${' '.repeat(33)}`), 'too-long')
  assert.equal(ADDRESS_LIST_LIMITS.addresses, 2000)
})

test('finds the mailboxes inside groups', () => {
  const addresses = expectOk(parseAddressList('a@b.test, g: c@d.test, e@f.test;'), 'read')
  assert.deepEqual(
    mailboxesOf(addresses).map((address) => formatMailbox(address.mailbox)),
    ['a@b.test', 'c@d.test', 'e@f.test'],
  )
})
