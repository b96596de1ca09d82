// RFC 8601 §2.2; examples of its appendix B
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDomainName } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import {
  AUTHENTICATION_RESULTS_LIMITS,
  type AuthenticationMethod,
  type AuthenticationResult,
  formatAuthenticationResults,
  parseAuthenticationResults,
  parseHeaderSection,
} from '../src/index.ts'

const accepted: readonly [value: string, id: string, results: readonly string[]][] = [
  ['example.org 1; none', 'example.org', []],
  ['example.org; none;', 'example.org', []],
  ['"example.org" ; none (really)', 'example.org', []],
  ['example.com;\r\n spf=pass smtp.mailfrom=example.net', 'example.com', ['spf=pass smtp.mailfrom=example.net']],
  [
    'example.com; auth=pass (cram-md5) smtp.auth=sender@example.net; spf=pass smtp.mailfrom=example.net',
    'example.com',
    ['auth=pass (cram-md5) smtp.auth=sender@example.net', 'spf=pass smtp.mailfrom=example.net'],
  ],
  [
    'foo.example.net (foobar) 1 (baz); dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n' +
      " policy (A dot can go here) . (like that) expired (this surprised me) = (as I wasn't expecting it) 1362471462",
    'foo.example.net',
    ['dkim/1=fail policy.expired=1362471462'],
  ],
  [
    'mail-router.example.net; dkim=pass (good signature) header.d=newyork.example.com header.b=oINEO8hgn/gnunsg',
    'mail-router.example.net',
    ['dkim=pass (good signature) header.d=newyork.example.com header.b=oINEO8hgn/gnunsg'],
  ],
  ['a; DKIM=PASS Header.I="@x y" reason="a;b"', 'a', ['dkim=pass header.i=@x y reason:a;b']],
  ['a; dkim=fail reason = "x" header.i="a b"@c', 'a', ['dkim=fail header.i=a b@c reason:x']],
]
for (const [value, id, results] of accepted) {
  test(`reads ${JSON.stringify(value).slice(0, 80)}`, () => {
    const parsed = expectOk(parseAuthenticationResults(value), 'read')
    assert.equal(parsed.authservId, id)
    const texts = parsed.results.map((result) => {
      let text = `${result.method}${result.methodVersion === undefined ? '' : `/${result.methodVersion}`}=${result.result}`
      if (!text.startsWith('dkim/1')) for (const comment of result.comments) text += ` (${comment})`
      for (const property of result.properties) text += ` ${property.type}.${property.name}=${property.value}`
      return result.reason === undefined ? text : `${text} reason:${result.reason}`
    })
    assert.deepEqual(texts, results)
  })
}

test('reads the form of Microsoft 365, which names no server', () => {
  const value =
    'spf=none (sender IP is 192.0.2.1)\r\n smtp.mailfrom=a.example; dkim=none (message not signed)\r\n header.d=none;' +
    'dmarc=fail action=none\r\n header.from=b.example;compauth=fail reason=001'
  const parsed = expectOk(parseAuthenticationResults(value), 'read')
  assert.equal(parsed.authservId, undefined)
  assert.deepEqual(
    parsed.results.map(({ method, result, reason }) => [method, result, reason]),
    [
      ['spf', 'none', undefined],
      ['dkim', 'none', undefined],
      ['dmarc', 'fail', undefined],
      ['compauth', 'fail', '001'],
    ],
  )
  assert.deepEqual(parsed.results[2]?.properties, [
    { type: undefined, name: 'action', value: 'none' },
    { type: 'header', name: 'from', value: 'b.example' },
  ])
  const named = parseAuthenticationResults('a; dmarc=fail action=none')
  assert.deepEqual(named, { ok: false, error: { kind: 'bad-property', at: 14 } })
})

const refused: readonly [string, string, number][] = [
  ['', 'no-authserv-id', 0],
  ['; none', 'no-authserv-id', 0],
  ['a', 'bad-version', 1],
  ['a b; none', 'bad-version', 2],
  ['a 1 2; none', 'no-semicolon', 4],
  ['a;', 'bad-method', 2],
  ['a; ;', 'bad-method', 3],
  ['a; spf', 'bad-method', 6],
  ['a; none; spf=pass', 'bad-method', 9],
  ['a; spf=', 'bad-result', 7],
  ['a; spf/x=pass', 'bad-version', 7],
  ['a; spf=pass smtp', 'bad-property', 12],
  ['a; spf=pass smtp.=x', 'bad-property', 17],
  ['a; spf=pass smtp.mailfrom', 'bad-property', 25],
  ['a; spf=pass x', 'bad-property', 12],
  ['a; spf=pass reason="x', 'unclosed-quoted-string', 19],
  ['a; spf=pass (x', 'unclosed-comment', 12],
  ['a; none x', 'bad-property', 8],
]
for (const [value, kind, at] of refused) {
  test(`refuses ${JSON.stringify(value)}: ${kind}`, () => {
    assert.deepEqual(parseAuthenticationResults(value), { ok: false, error: { kind, at } })
  })
}

test('limits: results, properties', () => {
  const kindOf = (value: string): string | undefined => {
    const parsed = parseAuthenticationResults(value)
    return parsed.ok ? undefined : parsed.error.kind
  }
  assert.equal(kindOf(`a${'; spf=pass'.repeat(AUTHENTICATION_RESULTS_LIMITS.results)}`), undefined)
  assert.equal(kindOf(`a${'; spf=pass'.repeat(AUTHENTICATION_RESULTS_LIMITS.results + 1)}`), 'too-many-results')
  assert.equal(kindOf(`a; spf=pass${' a.b=c'.repeat(AUTHENTICATION_RESULTS_LIMITS.properties)}`), undefined)
  assert.equal(
    kindOf(`a; spf=pass${' a.b=c'.repeat(AUTHENTICATION_RESULTS_LIMITS.properties + 1)}`),
    'too-many-properties',
  )
})

test('what is written is read back', () => {
  const id = expectOk(parseDomainName('mx.example.org'), 'read')
  const text = fc.string({
    unit: fc.constantFrom('a', '"', '\\', ';', ' ', '(', ')', '=', '@', '.', '\u00e4'),
    minLength: 1,
    maxLength: 12,
  })
  const result = fc.record({
    method: fc.constantFrom<AuthenticationMethod>('arc', 'auth', 'dkim', 'dmarc', 'iprev', 'spf'),
    result: fc.constantFrom<AuthenticationResult>('none', 'pass', 'fail', 'temperror'),
    reason: text,
    properties: fc.array(
      fc.record({
        type: fc.constantFrom<'smtp' | 'header' | 'body' | 'policy'>('smtp', 'header', 'body', 'policy'),
        name: fc.constantFrom('d', 'from'),
        value: text,
      }),
      { maxLength: 4 },
    ),
  })
  fc.assert(
    fc.property(fc.array(result, { maxLength: 4 }), (results) => {
      const [field] = expectOk(parseHeaderSection(formatAuthenticationResults(id, results)), 'read').header.fields
      assert.ok(field !== undefined)
      const parsed = expectOk(parseAuthenticationResults(field.text), 'read')
      assert.equal(parsed.authservId, id)
      const rest = { comments: [], methodVersion: undefined }
      assert.deepEqual(
        parsed.results,
        results.map((r) => ({ ...r, properties: r.properties.map((p) => ({ ...p })), ...rest })),
      )
    }),
  )
})
