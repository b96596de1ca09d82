// RFC 5322 §3.6; RFC 2045 §6; RFC 2046 §5.1, §5.2.1
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeLatin1, encodeUtf8 } from '@scop/octets'
import fc from 'fast-check'
import { fuzz, seeds } from '../fuzz/entity.fuzz.ts'
import { type Entity, type EntityDate, type EntityField, formatEntity, parseMessage, readEntity } from '../src/index.ts'
import { entityArbitrary, nastyOctets, plainOctets } from './entity-arbitrary.ts'

const read = (octets: Uint8Array): Entity => readEntity(parseMessage(octets), octets)

test('what is written reads back as the same entity, in every field and octet', () => {
  let accepted = 0
  let all = 0
  fc.assert(
    fc.property(entityArbitrary(), (entity) => {
      all++
      const written = formatEntity(entity)
      if (!written.ok) return
      accepted++
      assert.deepEqual(read(written.value), entity)
    }),
    { numRuns: 2000 },
  )
  assert.ok(accepted > all / 10, `${accepted} of ${all}`)
})

test('what any octets mean, written, means the same', () => {
  for (const seed of seeds) fuzz(typeof seed === 'string' ? encodeUtf8(seed) : seed)
  fc.assert(fc.property(nastyOctets, fuzz))
})

for (const encoding of ['base64', 'quoted-printable', 'x-uuencode', 'yenc']) {
  test(`writes every body in ${encoding}, whatever multipart it is in`, () => {
    fc.assert(
      fc.property(fc.oneof(nastyOctets, plainOctets), fc.constantFrom('b', '-', '--', 'ю'), (octets, boundary) => {
        const token: EntityField = {
          name: 'Content-Transfer-Encoding',
          kind: 'content-transfer-encoding',
          token: encoding,
        }
        const part: Entity = { fields: [token], body: { kind: 'leaf', octets } }
        const entity = multipart(boundary, [part, part])
        const written = formatEntity(entity)
        assert.ok(written.ok)
        assert.deepEqual(read(written.value), entity)
      }),
    )
  })
}

const ACCEPTED: readonly (readonly [string, Entity])[] = [
  ['nothing at all', leaf('')],
  ['a body of line ends', leaf('\r\n\n\r')],
  ['a part whose body ends in CR', multipart('b', [leaf('x\r'), leaf('\r')])],
  ['a multipart without parts', multipart('b', [])],
  ['a multipart of one empty part', multipart('b', [leaf('')])],
  ['a preamble and an epilogue', { ...multipart('b', [leaf('')], '--a\r', '--b\r\n--b--') }],
  ['a multipart within one of the same boundary', multipart('b', [multipart('b', [leaf('1')]), leaf('2')])],
  ['a boundary that another begins with', multipart('bb', [multipart('b', [leaf('--bbb')])])],
  ['a message that is text after base64', leaf('--b', type('message', 'rfc822'), encoding('base64'))],
  ['dashes that are no delimiter', multipart('b', [leaf('--\r\n--bx\r\n --b')])],
  ['a delimiter in base64', multipart('b', [leaf('--b', encoding('base64'))])],
  ['an encoding nobody knows', leaf('\0\xff', encoding('x-unknown'))],
  ['text with what a field cannot hold plainly', leaf('', text('Subject', 'a =?x?= \t\u{1f600}'))],
  ['a name that is a type only where it is read', leaf('', text('Date', 'yesterday'), text('Content-Type', 'rubbish'))],
  ['the first of two types', leaf('--b', type('text', 'plain'), boundary('b'))],
  ['the second of two types, where the first cannot be read', leaf('', text('Content-Type', 'x'), boundary('b'))],
  [
    'a digest, whose parts are messages',
    multipart('b', [{ fields: [], body: { kind: 'message', message: leaf('x') } }], '', '', 'digest'),
  ],
  [
    'a multipart that says base64, and is not',
    { ...multipart('b', [leaf('x')]), fields: [encoding('base64'), boundary('b')] },
  ],
  ['parts down to the last depth', nested(63, leaf('x'))],
  ['below it, what would have parts as text', nested(63, leaf('--x\r\n\r\n--x--', boundary('x')))],
]
for (const [name, entity] of ACCEPTED) {
  test(`writes ${name}`, () => {
    const written = formatEntity(entity)
    assert.ok(written.ok, JSON.stringify(written))
    assert.deepEqual(read(written.value), entity)
    fuzz(written.value)
  })
}

const REFUSED: readonly (readonly [string, Entity, string])[] = [
  ['a delimiter in a body', multipart('b', [leaf('x\r\n--b')]), '[0] delimiter-in-text'],
  ['a delimiter with white space', multipart('b', [leaf('--b \t\n')]), '[0] delimiter-in-text'],
  ['a delimiter after a bare LF', multipart('b', [leaf('x\n--b--\nx')]), '[0] delimiter-in-text'],
  ['an outer delimiter', multipart('b', [leaf('1'), multipart('c', [leaf('--b--')])]), '[1,0] delimiter-in-text'],
  ['an outer delimiter in an epilogue', multipart('b', [multipart('c', [], '', '--b')]), '[0] delimiter-in-text'],
  ['a delimiter in a preamble', multipart('b', [], 'x\r\n--b'), '[] delimiter-in-text'],
  ['a delimiter in a field', multipart('b: x', [leaf('', text('--b', 'x'))]), '[0] delimiter-in-text'],
  ['parts without a boundary', { ...multipart('b', []), fields: [type('multipart', 'mixed')] }, '[] wrong-body leaf'],
  ['parts with an empty boundary', multipart(' ', []), '[] wrong-body leaf'],
  ['a boundary with a line end', multipart('a\nb', []), '[] bad-boundary'],
  ['a boundary that is too long', multipart('b'.repeat(257), []), '[] wrong-body leaf'],
  ['a leaf that has a boundary', leaf('', boundary('b')), '[] wrong-body multipart'],
  [
    'parts that the second type gives',
    { ...multipart('b', []), fields: [type('text', 'x'), boundary('b')] },
    '[] wrong-body leaf',
  ],
  ['a leaf in a digest', multipart('b', [leaf('')], '', '', 'digest'), '[0] wrong-body message'],
  [
    'a message in base64',
    { ...message(leaf('')), fields: [type('message', 'rfc822'), encoding('base64')] },
    '[] wrong-body leaf',
  ],
  ['parts too deep', nested(64, leaf('x')), `${JSON.stringify(Array(63).fill(0))} wrong-body leaf`],
  ['a date as text', leaf('', text('Date', 'Fri, 21 Nov 1997 09:55:06 -0600')), '[] reads-otherwise'],
  ['a type as text', leaf('', text('Content-Type', 'a/b')), '[] reads-otherwise'],
  ['control characters', leaf('', text('Subject', 'a\0b')), '[] reads-otherwise'],
  ['a line end', leaf('', text('Subject', 'a\r\nBcc: x')), '[] reads-otherwise'],
  ['a lone surrogate', leaf('', text('Subject', '\ud800')), '[] reads-otherwise'],
  ['a name with a colon', leaf('', text('a:b', '')), '[] bad-field bad-field-name'],
  ['a name with a line end', leaf('', text('a\r\nb', '')), '[] bad-field bad-field-name'],
  ['a name without a letter', leaf('', text('', '')), '[] bad-field bad-field-name'],
  ['a type in upper case', leaf('', type('TEXT', 'plain')), '[] bad-field bad-type'],
  ['an encoding in upper case', leaf('', encoding('BASE64')), '[] reads-otherwise'],
  ['two words as an encoding', leaf('', encoding('7bit x')), '[] reads-otherwise'],
  ['a kind that its name has not', leaf('', { ...encoding('7bit'), name: 'Content-Encoding' }), '[] reads-otherwise'],
  ['a key too many', leaf('', Object.assign(encoding('7bit'), { more: 1 })), '[] reads-otherwise'],
  ['a date with a fraction', leaf('', date({ epochMilliseconds: 1 })), '[] bad-field bad-date'],
  ['a date in no year', leaf('', date({ epochMilliseconds: Number.NaN })), '[] bad-field bad-date'],
  ['an unknown zone that is known', leaf('', date({ offsetMinutes: 60, zoneUnknown: true })), '[] bad-field bad-zone'],
  ['an identifier with a space', leaf('', ids('a b@c')), '[] bad-field bad-message-id'],
  ['an identifier with a bracket', leaf('', ids('a>b')), '[] bad-field bad-message-id'],
  ['an identifier too long for a line', leaf('', ids(`${'a'.repeat(1000)}@b`)), '[] bad-field word-too-long'],
  ['more parts than are read', multipart('b', Array(10_001).fill(leaf(''))), '[9998] beyond-limits too-many-parts'],
  ['more fields than are read', leaf('', ...repeat(2001, text('a', 'b'))), '[] beyond-limits too-many-fields'],
  [
    'a header that is too long',
    leaf('', ...repeat(400, text('a', 'b'.repeat(800)))),
    '[] beyond-limits header-too-long',
  ],
]
for (const [name, entity, reason] of REFUSED) {
  test(`refuses ${name}`, () => {
    const written = formatEntity(entity)
    assert.ok(!written.ok)
    const { error } = written
    const detail =
      error.kind === 'bad-field'
        ? error.reason.kind
        : error.kind === 'wrong-body'
          ? error.wanted
          : error.kind === 'beyond-limits'
            ? error.limit
            : undefined
    assert.equal(
      [JSON.stringify(error.path), error.kind, detail].filter((word) => word !== undefined).join(' '),
      reason,
    )
  })
}

function multipart(
  boundaryText: string,
  parts: readonly Entity[],
  preamble = '',
  epilogue = '',
  subtype = 'mixed',
): Entity {
  return {
    fields: [boundary(boundaryText, subtype)],
    body: { kind: 'multipart', preamble: encodeLatin1(preamble), parts, epilogue: encodeLatin1(epilogue) },
  }
}
function boundary(value: string, subtype = 'mixed'): EntityField {
  const contentType = { type: 'multipart', subtype, parameters: [{ name: 'boundary', value }] }
  return { name: 'Content-Type', kind: 'content-type', contentType }
}
function type(name: string, subtype: string): EntityField {
  return { name: 'Content-Type', kind: 'content-type', contentType: { type: name, subtype, parameters: [] } }
}
function encoding(token: string): EntityField {
  return { name: 'Content-Transfer-Encoding', kind: 'content-transfer-encoding', token }
}
function text(name: string, value: string): EntityField {
  return { name, kind: 'unstructured', text: value }
}
function date(value: Partial<EntityDate>): EntityField {
  return {
    name: 'Date',
    kind: 'date',
    date: { epochMilliseconds: 0, offsetMinutes: 0, zoneUnknown: false, ...value },
  }
}
function ids(...values: readonly string[]): EntityField {
  return { name: 'Message-ID', kind: 'message-ids', ids: values }
}
function repeat(times: number, field: EntityField): readonly EntityField[] {
  return Array.from({ length: times }, () => field)
}
function leaf(body: string, ...fields: readonly EntityField[]): Entity {
  return { fields, body: { kind: 'leaf', octets: encodeLatin1(body) } }
}
function message(inner: Entity): Entity {
  return { fields: [type('message', 'rfc822')], body: { kind: 'message', message: inner } }
}
function nested(times: number, inner: Entity): Entity {
  return times === 0 ? inner : message(nested(times - 1, inner))
}
