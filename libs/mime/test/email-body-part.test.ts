// RFC 8621 §4.1.4
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { decodeLatin1, encodeLatin1 } from '@scop/octets'
import { bodyPartsOf, decodeBody, type EmailBodyPart, parseMessage, previewText, walkParts } from '../src/index.ts'

const message = encodeLatin1(
  [
    'Content-Type: multipart/mixed; boundary=o\r\nContent-Language: en, de\r\n\r\n--o\r\n\r\none\r\n--o\r\n',
    'Content-Type: image/png; name=a.png; charset=x\r\nContent-ID: <i@x>\r\nContent-Location: a/b\r\n',
    'Content-Disposition: ATTACHMENT; filename=b.png\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n--o\r\n',
    'Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nbody\r\n--o\r\n',
    'Content-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\nContent-Type: text/html\r\n\r\n<p>\r\n--i--\r\n--o--\r\n',
  ].join(''),
)

test('answers what each part is, how large it is decoded, and where it stands', () => {
  const { bodyStructure, textBody, htmlBody, attachments } = bodyPartsOf(parseMessage(message), message)
  assert.deepEqual(bodyStructure.language, ['en', 'de'])
  assert.equal(bodyStructure.partId, undefined)
  const [text, image, inner, alternative] = bodyStructure.subParts as [
    EmailBodyPart,
    EmailBodyPart,
    EmailBodyPart,
    EmailBodyPart,
  ]
  assert.deepEqual([text.partId, text.size, text.charset, text.headers], ['1', 3, 'us-ascii', []])
  const { headers, ...rest } = image
  assert.deepEqual(rest, {
    partId: '2',
    size: 3,
    name: 'b.png',
    type: 'image/png',
    charset: undefined,
    disposition: 'attachment',
    cid: 'i@x',
    language: undefined,
    location: 'a/b',
    subParts: undefined,
  })
  assert.deepEqual([headers[1]?.name, decodeLatin1(headers[1]?.value ?? message)], ['Content-ID', ' <i@x>'])
  assert.deepEqual([inner.type, inner.size, inner.subParts], ['message/rfc822', 18, undefined])
  const html = alternative.subParts?.[0]
  assert.equal(html?.partId, '4.1')
  assert.deepEqual(
    [textBody, htmlBody, attachments],
    [
      [text, html],
      [text, html],
      [image, inner],
    ],
  )
})

test('a message that is one part has the part 1', () => {
  const empty = new Uint8Array(0)
  const { bodyStructure, textBody } = bodyPartsOf(parseMessage(empty), empty)
  assert.deepEqual([bodyStructure.partId, bodyStructure.size, textBody], ['1', 0, [bodyStructure]])
})

/** `file key`: why the answer expected there is not ours. */
const DIFFERENCES: ReadonlyMap<string, string> = new Map([
  // "The size, in octets, of the raw data after content transfer decoding": theirs is after charset decoding, too.
  ...both('multipart_related', 'size', ['bodyStructure', 'textBody', 'htmlBody']),
  ...both('single_part', 'size', ['bodyStructure', 'textBody', 'htmlBody']),
  // "otherwise null" is the charset of what is not text. The algorithm of §4.1.4 puts audio and images that are shown
  // into both lists of bodies, and into the attachments only where one of these is none. The base64 there is prose.
  ...both('multipart_mixed', 'charset, shown media', ['bodyStructure', 'textBody', 'htmlBody', 'attachments']),
  ['attachment attachments', 'shown media'],
  // A fragment as plain text: we decode no entity but the commonest.
  ['headers preview', 'entities'],
])
function both(file: string, reason: string, keys: readonly string[]): readonly (readonly [string, string])[] {
  return keys.map((key) => [`${file} ${key}`, reason])
}

const folder = join(process.env['SCOP_VECTORS'] ?? '../shared/vectors', 'mail/jmap/stalwart')
const there = existsSync(folder)
test('agrees with the parts another server answers', { skip: there ? false : `${folder} is absent` }, () => {
  let compared = 0
  const differing = new Set<string>()
  for (const kind of ['email_get', 'email_parse']) {
    for (const name of readdirSync(join(folder, kind))) {
      if (!name.endsWith('.eml')) continue
      const file = name.slice(0, -'.eml'.length)
      const json = join(folder, kind, `${file}.json`)
      if (!existsSync(json)) continue
      const expected = JSON.parse(readFileSync(json, 'utf8')) as Record<string, unknown> // as: their form
      const octets = messageIn(new Uint8Array(readFileSync(join(folder, kind, name))), kind, file)
      const tree = parseMessage(octets)
      const parts = bodyPartsOf(tree, octets)
      for (const key of ['bodyStructure', 'textBody', 'htmlBody', 'attachments'] as const) {
        if (expected[key] === undefined) continue
        compared++
        if (JSON.stringify(plain(expected[key])) !== JSON.stringify(plain(parts[key]))) differing.add(`${file} ${key}`)
      }
      if (typeof expected['preview'] !== 'string') continue
      compared++
      const preview = expected['preview']
        .replace(/\.\.\.$/, '')
        .replace(/\s+/g, ' ')
        .trim()
      if (!previewText(tree, octets).startsWith(preview)) differing.add(`${file} preview`)
    }
  }
  assert.ok(compared > 50, `${compared} compared`)
  assert.deepEqual([...differing].sort(), [...DIFFERENCES.keys()].sort())
})

/** Email/parse is asked for the message that is attached. */
function messageIn(octets: Uint8Array, kind: string, file: string): Uint8Array {
  if (kind !== 'email_parse' || !file.startsWith('attachment')) return octets
  const inner = [...walkParts(parseMessage(octets).root)].find((part) => part.type === 'message/rfc822')
  assert.ok(inner !== undefined)
  return decodeBody(inner, octets).octets
}

/** What both have, in one order; part identifiers are each server's own, and a multipart has no size there. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  const part = value as Record<string, unknown> // as: only looked into
  const { subParts } = part
  return Object.fromEntries([
    ...KEYS.flatMap((key) => (part[key] === null || part[key] === undefined ? [] : [[key, part[key]]])),
    ...(Array.isArray(subParts) ? [['subParts', subParts.map(plain)]] : [['size', part['size']]]),
  ])
}
const KEYS = ['name', 'type', 'charset', 'disposition', 'cid', 'language', 'location']
