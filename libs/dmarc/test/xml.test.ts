// XML 1.0 §2.4, §2.7, §3.1, §4.1
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeLatin1, encodeUtf8 } from '@scop/octets'
import { decodeXml } from '../src/xml-text.ts'
import { escapeXml, readXml, XML_LIMITS, type XmlLimits } from '../src/xml.ts'

function read(text: string, limits: XmlLimits = XML_LIMITS): string {
  let out = ''
  const handler = {
    open: (name: string, attributes: ReadonlyMap<string, string>) =>
      void (out += `<${[name, ...[...attributes].map(([key, value]) => `${key}=${value}`)].join(' ')}>`),
    text: (piece: string) => void (out += piece),
    close: (name: string) => void (out += `</${name}>`),
  }
  const result = readXml(text, handler, limits)
  return result.ok ? out : result.error.kind
}

test('reads elements, attributes, text and CDATA', () => {
  for (const [text, expected] of [
    ['<a/>', '<a></a>'],
    ['\ufeff<?xml version="1.0"?>\n<!-- c --><a>\n</a>\n', '<a>\n</a>'],
    ['<a b="1" c=\'"\'  d = "x>y" />', '<a b=1 c=" d=x>y></a>'],
    ['<x:a xmlns:x="urn:y"><b>t</b >u</x:a>', '<x:a xmlns:x=urn:y><b>t</b>u</x:a>'],
    ['<a>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;&#x1F600;</a>', '<a><&>"\'AB😀</a>'],
    ['<a><![CDATA[<b>&amp;]] >]]></a>', '<a><b>&amp;]] ></a>'],
    ['<a><![CDATA[]]><!-- > --><?p <x>?></a>', '<a></a>'],
    ['<ä ö="ü"/>', '<ä ö=ü></ä>'],
    ['<a\ufeff></a\ufeff >', '<a\ufeff></a\ufeff>'], // a character of names, and white space to JavaScript alone
  ] as const)
    assert.equal(read(text), expected, text)
})

test('refuses what is not well formed, and whatever could unfold or fetch', () => {
  for (const [text, kind] of [
    ['', 'no-element'],
    ['<!-- only -->', 'no-element'],
    ['<!DOCTYPE a><a/>', 'doctype'],
    ['<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', 'doctype'],
    ['<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 'doctype'],
    ['<a><!ENTITY x "y"></a>', 'doctype'],
    ['<a>&x;</a>', 'unknown-entity'],
    ['<a>&nbsp;</a>', 'unknown-entity'],
    ['<a b="&x;"/>', 'unknown-entity'],
    ['<a>a & b</a>', 'bad-reference'],
    ['<a>&#0;</a>', 'bad-reference'],
    ['<a>&#xD800;</a>', 'bad-reference'],
    ['<a>&#x110000;</a>', 'bad-reference'],
    ['<a>&;</a>', 'bad-reference'],
    ['<a>\0</a>', 'bad-character'],
    ['<a><![CDATA[\x1b]]></a>', 'bad-character'],
    ['<a><b></a></b>', 'mismatched-tag'],
    ['</a>', 'mismatched-tag'],
    ['<a></a></a>', 'mismatched-tag'],
    ['<a>', 'unclosed-element'],
    ['<a', 'unclosed-markup'],
    ['<a b="', 'unclosed-markup'],
    ['<a <b>', 'unclosed-markup'],
    ['<a><!-- </a>', 'unclosed-markup'],
    ['<a><![CDATA[ </a>', 'unclosed-markup'],
    ['<1/>', 'bad-tag'],
    ['< a/>', 'bad-tag'],
    ['<a@b.example></a@b.example>', 'bad-tag'],
    ['<a b/>', 'bad-attribute'],
    ['<a b=c/>', 'bad-attribute'],
    ['<a b="1"c="2"/>', 'bad-attribute'],
    ['<a b="1" b="2"/>', 'bad-attribute'],
    ['text<a/>', 'text-outside-root'],
    ['<a/>text', 'text-outside-root'],
  ] as const)
    assert.equal(read(text), kind, text)
})

test('stops at its limits', () => {
  const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth)
  assert.equal(read(nested(XML_LIMITS.depth)), nested(XML_LIMITS.depth))
  assert.equal(read(nested(XML_LIMITS.depth + 1)), 'too-deep')
  const few: XmlLimits = { ...XML_LIMITS, elements: 3 }
  assert.equal(read('<a><b/><c/></a>', few), '<a><b></b><c></c></a>')
  assert.equal(read('<a><b/><c/><d/></a>', few), 'too-many-elements')
  const attributes = (count: number) => `<a ${Array.from({ length: count }, (_, n) => `b${n}=""`).join(' ')}/>`
  assert.notEqual(read(attributes(XML_LIMITS.attributes)), 'too-many-attributes')
  assert.equal(read(attributes(XML_LIMITS.attributes + 1)), 'too-many-attributes')
  assert.equal(read(`<a b="${'x'.repeat(XML_LIMITS.markupCharacters)}"/>`), 'unclosed-markup')
  assert.equal(read(`<!--${'x'.repeat(XML_LIMITS.markupCharacters)}--><a/>`), 'unclosed-markup')
})

test('a handler that has seen enough stops it', () => {
  const seen: string[] = []
  const handler = { open: () => {}, text: () => {}, close: (name: string) => (seen.push(name), 'stop' as const) }
  assert.equal(readXml('<a><b/><c/>', handler).ok, true)
  assert.deepEqual(seen, ['b'])
})

test('escaped text reads back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const clean = text.toWellFormed().replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd')
      assert.equal(read(`<a>${escapeXml(text)}</a>`), `<a>${clean}</a>`)
      assert.equal(read(`<a b="${escapeXml(text)}"/>`), `<a b=${clean}></a>`)
    }),
  )
})

test('finds the charset', () => {
  const utf16 = (text: string) => Uint8Array.from(Buffer.from(text, 'utf16le'))
  for (const [octets, text, damaged] of [
    [encodeUtf8('<a>ü</a>'), '<a>ü</a>', false],
    [encodeUtf8('\ufeff<a>ü</a>'), '<a>ü</a>', false],
    [
      encodeLatin1('<?xml version="1.0" encoding="ISO-8859-1"?><a>ü</a>'),
      '<?xml version="1.0" encoding="ISO-8859-1"?><a>ü</a>',
      false,
    ],
    [encodeLatin1('<a>ü</a>'), '<a>\ufffd</a>', true],
    [utf16('\ufeff<a>ü</a>'), '<a>ü</a>', false],
    [utf16('<a>ü</a>'), '<a>ü</a>', false],
    [Uint8Array.from(Buffer.from('\ufeff<a>ü</a>', 'utf16le').swap16()), '<a>ü</a>', false],
    [
      encodeUtf8('<?xml version="1.0" encoding="utf-16"?><a>ü</a>'),
      '<?xml version="1.0" encoding="utf-16"?><a>ü</a>',
      false,
    ],
  ] as const)
    assert.deepEqual(decodeXml(octets), { text, damaged })
})
