// Entities for properties: of every kind of field and body, plain ones and nasty ones.

import { concatOctets, encodeLatin1, encodeUtf8 } from '@scop/octets'
import fc from 'fast-check'
import type { Entity, EntityBody, EntityField } from '../src/index.ts'

const BOUNDARIES = ['b', 'bb', 'b--', '-', '--', "a b'c", 'é', '=?x', 'b: x', 'ю']

/** Octets of what confuses readers: line ends of every kind, dashes, delimiters of the boundaries in use, escapes. */
export const nastyOctets: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\r',
        '\n',
        '\r\n',
        '\0',
        '-',
        '--',
        ' ',
        '\t',
        '.',
        '=',
        '=3D',
        'From ',
        'begin 644 x',
        '`',
        'end',
      ),
      fc.constantFrom('=ybegin line=128 size=1 name=a\r\n', '=yend size=1\r\n', '=\r\n', '\xff', 'x'.repeat(80)),
      fc.constantFrom(...BOUNDARIES).map((boundary) => `\r\n--${boundary}`),
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 8 },
  )
  .map((pieces) =>
    concatOctets(pieces.map((text) => (/^[\0-\xff]*$/.test(text) ? encodeLatin1 : encodeUtf8)(text.toWellFormed()))),
  )

export const plainOctets: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 100 }).map((text) => encodeUtf8(text.toWellFormed())),
)

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ maxLength: 20 }),
  fc.constantFrom(
    '',
    ' x ',
    'a  b',
    '=?utf-8?q?x?=',
    'tab\there',
    'x'.repeat(1200),
    'é'.repeat(500),
    'a\r\nB: c',
    '\0',
  ),
  fc.constantFrom('Fri, 21 Nov 1997 09:55:06 -0600', 'text/plain', '<a@b>', 'base64', '1.0', 'inline', 'a@b.c'),
)
const token = fc.stringMatching(/^[a-z0-9!#$&+.^_`{|}~-]{1,12}$/)
const parameter = fc.record(
  { name: fc.stringMatching(/^[a-z]{2,5}$/), value: anyText, language: fc.constantFrom('en', 'de-AT') },
  { requiredKeys: ['name', 'value'], noNullPrototype: true },
)
const parameters = fc.uniqueArray(parameter, { maxLength: 3, selector: ({ name }) => name })
const messageId = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9.$+-]{1,20}@[a-z0-9.-]{1,20}$/),
  fc.constantFrom('"a b"@c', 'a@[::1]', 'no-at', 'é@b', '', 'a b@c', '<a@b'),
)
const date = record({
  epochMilliseconds: fc.oneof(
    fc.integer({ min: -1_000_000_000, max: 200_000_000_000 }).map((s) => s * 1000),
    fc.integer(),
  ),
  offsetMinutes: fc.integer({ min: -6000, max: 6000 }),
  zoneUnknown: fc.boolean(),
}).map((value) => (value.zoneUnknown && value.offsetMinutes % 2 === 0 ? { ...value, offsetMinutes: 0 } : value))
const ENCODINGS = [
  '7bit',
  '8bit',
  'binary',
  'base64',
  'quoted-printable',
  'x-uuencode',
  'yenc',
  'x-unknown',
  'Base64',
  'a b',
]

/** Such as is deeply equal to what a parser makes. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(model, { noNullPrototype: true })
}

const words = fc
  .array(fc.oneof(anyText, fc.constantFrom('John', 'Doe', 'J.', 'é')), { maxLength: 3 })
  .map((list) => list.join(' '))
const mailbox = record({
  kind: fc.constant('mailbox' as const),
  displayName: fc.oneof(fc.constant(undefined), words),
  localPart: fc.oneof(fc.constantFrom('a', 'a.b', 'a b', '', 'é', '"', 'a..b', '@'), anyText),
  domain: fc.constantFrom('example.org', '[192.0.2.1]', '[IPv6:::1]', '', 'é.example', 'a b', 'x.'),
  comments: fc.array(words, { maxLength: 2 }),
})
const group = record({
  kind: fc.constant('group' as const),
  displayName: words,
  members: fc.array(mailbox, { maxLength: 2 }),
  comments: fc.array(words, { maxLength: 1 }),
})

const receivedWord = fc.constantFrom(
  undefined,
  'ESMTPS',
  'a@example.org',
  'by',
  'x y',
  '',
  ';',
  'TLS_AES_128_GCM_SHA256',
)
const receivedHost = record({
  name: fc.constantFrom('mx.example.org', '[192.0.2.1]', '', 'with', 'a b'),
  address: fc.constant(undefined),
  comments: fc.array(words, { maxLength: 2 }),
})
const methodResult = record({
  method: fc.constantFrom('dkim', 'spf', 'SPF', ''),
  methodVersion: fc.constantFrom(undefined, 1),
  result: fc.constantFrom('pass', 'fail', 'a b'),
  reason: fc.oneof(fc.constant(undefined), anyText),
  comments: fc.array(words, { maxLength: 2 }),
  properties: fc.array(
    record({
      type: fc.constantFrom('smtp', 'header', undefined, 'a b'),
      name: fc.constantFrom('mailfrom', 'd', 'D', ''),
      value: fc.oneof(fc.constantFrom('a@b', 'example.org', '@x'), anyText),
    }),
    { maxLength: 2 },
  ),
})

export const fieldArbitrary: fc.Arbitrary<EntityField> = fc.oneof(
  record({
    name: fc.constantFrom(
      'Subject',
      'X-y',
      '--b',
      '--b--',
      '--b',
      'Date',
      'From',
      'Content-Type',
      'Received',
      'bad name',
      '',
    ),
    kind: fc.constant('unstructured' as const),
    text: anyText,
  }),
  record({ name: fc.constantFrom('Date', 'Resent-DATE'), kind: fc.constant('date' as const), date }),
  record({
    name: fc.constantFrom('Message-ID', 'References', 'Content-Id', 'X-no'),
    kind: fc.constant('message-ids' as const),
    ids: fc.array(messageId, { maxLength: 4 }),
  }),
  record({
    name: fc.constant('MIME-Version'),
    kind: fc.constant('mime-version' as const),
    version: record({ major: fc.nat(), minor: fc.nat() }),
  }),
  record({
    name: fc.constantFrom('Content-Type', 'content-type'),
    kind: fc.constant('content-type' as const),
    contentType: record({ type: token, subtype: token, parameters }),
  }),
  record({
    name: fc.constant('Content-Disposition'),
    kind: fc.constant('content-disposition' as const),
    disposition: record({ disposition: fc.oneof(token, fc.constantFrom('Inline', '')), parameters }),
  }),
  record({
    name: fc.constantFrom('From', 'To', 'cc', 'Resent-Bcc'),
    kind: fc.constant('addresses' as const),
    addresses: fc.array(fc.oneof(mailbox, group), { maxLength: 3 }),
  }),
  record({
    name: fc.constant('Return-Path'),
    kind: fc.constant('path' as const),
    mailbox: fc.oneof(fc.constant(undefined), mailbox),
  }),
  record({
    name: fc.constant('Keywords'),
    kind: fc.constant('phrases' as const),
    phrases: fc.array(words, { maxLength: 4 }),
  }),
  record({
    name: fc.constant('Content-Language'),
    kind: fc.constant('languages' as const),
    tags: fc.array(fc.constantFrom('en', 'de-AT', '', 'x y', 'i-klingon'), { maxLength: 3 }),
  }),
  record({
    name: fc.constantFrom('List-Post', 'List-Unsubscribe'),
    kind: fc.constant('list-command' as const),
    command: record({
      urls: fc.array(fc.constantFrom('mailto:a@b', 'https://x.example/?a=b,c', '', 'a b', 'é>'), { maxLength: 3 }),
      no: fc.boolean(),
      comments: fc.array(words, { maxLength: 2 }),
    }),
  }),
  record({
    name: fc.constant('List-ID'),
    kind: fc.constant('list-id' as const),
    listId: record({
      description: fc.oneof(fc.constant(undefined), words),
      id: fc.constantFrom('a.example.org', 'A.example', '', 'a b', 'x>'),
    }),
  }),
  record({
    name: fc.constant('Received'),
    kind: fc.constant('received' as const),
    received: record({
      from: fc.oneof(fc.constant(undefined), receivedHost),
      by: fc.oneof(fc.constant(undefined), receivedHost),
      via: receivedWord,
      with: receivedWord,
      id: receivedWord,
      for: receivedWord,
      tls: receivedWord,
      date: fc.oneof(fc.constant(undefined), date),
    }),
  }),
  record({
    name: fc.constant('Authentication-Results'),
    kind: fc.constant('authentication-results' as const),
    results: record({
      authservId: fc.constantFrom('mx.example.org', undefined, 'a b', ''),
      version: fc.constantFrom(undefined, 1),
      results: fc.array(methodResult, { maxLength: 2 }),
    }),
  }),
  transferEncodingField(),
)

function transferEncodingField(): fc.Arbitrary<EntityField> {
  return fc.constantFrom(...ENCODINGS).map((token) => ({
    name: 'Content-Transfer-Encoding',
    kind: 'content-transfer-encoding' as const,
    token,
  }))
}

const typeField = (type: string, subtype: string, boundary?: string): EntityField => ({
  name: 'Content-Type',
  kind: 'content-type',
  contentType: { type, subtype, parameters: boundary === undefined ? [] : [{ name: 'boundary', value: boundary }] },
})

/** Nested up to `depth`; most can be written, some not. */
export function entityArbitrary(depth = 3): fc.Arbitrary<Entity> {
  const octets = fc.oneof(plainOctets, nastyOctets)
  const leafBody: fc.Arbitrary<EntityBody> = octets.map((value) => ({ kind: 'leaf', octets: value }))
  const others = fc.array(fieldArbitrary, { maxLength: 3 })
  const leaf = fc
    .tuple(others, fc.option(transferEncodingField()), leafBody)
    .map(([fields, encoding, body]): Entity => ({ fields: encoding === null ? fields : [encoding, ...fields], body }))
  if (depth === 0) return leaf
  const inner = entityArbitrary(depth - 1)
  const multipart = fc
    .tuple(
      others,
      fc.constantFrom('mixed', 'digest', 'alternative'),
      fc.constantFrom(...BOUNDARIES),
      record({
        kind: fc.constant('multipart' as const),
        preamble: fc.oneof(fc.constant(new Uint8Array(0)), octets),
        parts: fc.array(inner, { maxLength: 3 }),
        epilogue: fc.oneof(fc.constant(new Uint8Array(0)), octets),
      }),
    )
    .map(
      ([fields, subtype, boundary, body]): Entity => ({
        fields: [typeField('multipart', subtype, boundary), ...fields],
        body,
      }),
    )
  const message = fc.tuple(others, fc.constantFrom('rfc822', 'global', 'partial'), inner).map(
    ([fields, subtype, value]): Entity => ({
      fields: [typeField('message', subtype), ...fields],
      body: { kind: 'message', message: value },
    }),
  )
  return fc.oneof(leaf, multipart, message)
}
