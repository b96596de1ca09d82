// RFC 6376 §3.2
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import { DKIM_LIMITS } from '../src/limits.ts'
import { parseTagList } from '../src/tag-list.ts'

const accepted: readonly [string, string][] = [
  ['a=1', 'a:1'],
  ['a=1;', 'a:1'],
  [' a = 1 ; b=2 ; ', 'a:1|b:2'],
  ['a=1;\r\n\tb=x y\r\n z;\r\n ', 'a:1|b:x y\r\n z'],
  ['a=', 'a:'],
  ['a==', 'a:='],
  ['a=b=c', 'a:b=c'],
  ['A=1;a=2', 'A:1|a:2'],
  ['x_9=ä', 'x_9:ä'],
]
for (const [text, expected] of accepted) {
  test(`reads ${JSON.stringify(text)}`, () => {
    const tags = expectOk(parseTagList(text), 'read')
    assert.equal([...tags].map(([name, tag]) => `${name}:${tag.value}`).join('|'), expected)
    for (const tag of tags.values()) assert.equal(text.slice(tag.start, tag.end).trim(), tag.value)
  })
}

const refused: readonly [string, string][] = [
  ['', 'bad-tag'],
  [' ', 'bad-tag'],
  [';', 'bad-tag'],
  ['a', 'bad-tag'],
  ['a=1;;b=2', 'bad-tag'],
  ['a=1; ;', 'bad-tag'],
  ['a=1;b', 'bad-tag'],
  ['=1', 'bad-tag'],
  ['1a=1', 'bad-tag'],
  ['a-b=1', 'bad-tag'],
  ['a b=1', 'bad-tag'],
  ['a=1;a=1', 'duplicate-tag'],
  ['a=1\0', 'bad-tag-value'],
  ['a=1\r2', 'bad-tag-value'],
  ['a=1\r\n2', 'bad-tag-value'],
  ['a=\x7f', 'bad-tag-value'],
]
for (const [text, kind] of refused) {
  test(`refuses ${JSON.stringify(text)}`, () => {
    const result = parseTagList(text)
    assert.equal(result.ok ? 'ok' : result.error.kind, kind)
  })
}

test('refuses what is beyond each limit', () => {
  const limits = { ...DKIM_LIMITS, tagListOctets: 11, tags: 2 }
  const kind = (text: string): string => {
    const result = parseTagList(text, limits)
    return result.ok ? 'ok' : result.error.kind
  }
  assert.equal(kind('a=1;b=2;'), 'ok')
  assert.equal(kind('a=1;b=2;c=3'), 'too-many-tags')
  assert.equal(kind('a=1234567890'), 'tag-list-too-long')
})
