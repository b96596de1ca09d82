// RFC 2046 §5.1, §5.2.1
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { concatOctets, decodeLatin1, encodeLatin1 } from '@scop/octets'
import fc from 'fast-check'
import { MESSAGE_LIMITS, type MessageLimits, MessageReader, type PartEvent } from '../src/index.ts'

/** Events with neighbouring pieces of the same text joined. */
function read(
  text: string,
  cuts: readonly number[] = [],
  limits: MessageLimits = MESSAGE_LIMITS,
): readonly PartEvent[] {
  const message = encodeLatin1(text)
  const reader = new MessageReader(limits)
  const events: PartEvent[] = []
  let from = 0
  for (const end of [...cuts.filter((cut) => cut < message.length).sort((a, b) => a - b), message.length]) {
    events.push(...reader.feed(message.subarray(from, end)))
    from = end
  }
  events.push(...reader.finish())
  return joined(events)
}

function joined(events: readonly PartEvent[]): readonly PartEvent[] {
  const answer: PartEvent[] = []
  for (const event of events) {
    const last = answer.at(-1)
    const isText = event.kind === 'body' || event.kind === 'preamble' || event.kind === 'epilogue'
    if (isText && last?.kind === event.kind) {
      answer[answer.length - 1] = { ...last, octets: concatOctets([last.octets, event.octets]) }
    } else answer.push(isText ? { ...event, octets: event.octets.slice() } : event)
  }
  return answer
}

/** One word per event that carries octets, defects with their offset. */
function sketch(events: readonly PartEvent[]): string {
  const words: string[] = []
  for (const event of events) {
    const where = event.kind === 'end' ? '' : event.path.join('.')
    if (event.kind === 'header') words.push(`h${where}:${event.structure.type}`)
    else if (event.kind === 'defect') words.push(`!${event.defect}@${event.offset}`)
    else if (event.kind === 'boundary') words.push(`${event.closes ? 'close' : 'delimiter'}${where}`)
    else if (event.kind === 'body' || event.kind === 'preamble' || event.kind === 'epilogue') {
      words.push(`${event.kind}${where}=${JSON.stringify(decodeLatin1(event.octets))}`)
    }
  }
  return words.join(' ')
}

/** The octets of the events are the message, and offsets say where. */
function assertTiled(events: readonly PartEvent[], text: string): void {
  let whole = ''
  let open = 0
  for (const event of events) {
    assert.ok(event.offset >= 0 && event.offset <= text.length)
    if (event.kind === 'part-start') open++
    if (event.kind === 'part-end') open--
    const octets = event.kind === 'header' ? event.header.octets : 'octets' in event ? event.octets : undefined
    if (event.kind !== 'defect') assert.equal(event.offset, whole.length, event.kind)
    if (octets !== undefined) whole += decodeLatin1(octets)
  }
  assert.equal(whole, text)
  assert.equal(open, 0)
  assert.equal(events.at(-1)?.kind, 'end')
}

const mixed = (boundary: string): string => `Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n`
const rows: readonly { readonly title: string; readonly text: string; readonly events: string }[] = [
  { title: 'nothing', text: '', events: 'h:text/plain' },
  { title: 'a plain message', text: 'A: 1\r\n\r\nbody\r\n', events: 'h:text/plain body="body\\r\\n"' },
  {
    title: 'two parts with preamble and epilogue',
    text: `${mixed('b')}pre\r\n--b\r\n\r\none\r\n--b\r\nX: y\r\n\r\ntwo\r\n--b--\r\nend\r\n`,
    events:
      'h:multipart/mixed preamble="pre" delimiter h0:text/plain body0="one" delimiter h1:text/plain body1="two" close epilogue="end\\r\\n"',
  },
  {
    title: 'LF line ends',
    text: 'Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n\n--b--\n',
    events: 'h:multipart/mixed delimiter h0:text/plain body0="one\\n" close',
  },
  {
    title: 'transport padding',
    text: `${mixed('b')}--b \t \r\n\r\none\r\n--b-- \t\r\n`,
    events: 'h:multipart/mixed delimiter h0:text/plain body0="one" close',
  },
  {
    title: 'no close delimiter',
    text: `${mixed('b')}--b\r\n\r\none\r\n`,
    events: 'h:multipart/mixed delimiter h0:text/plain body0="one\\r\\n" !missing-close-delimiter@59',
  },
  {
    title: 'an end at a delimiter (which hung another parser)',
    text: `${mixed('b')}--b\r\n\r\none\r\n--b`,
    events: 'h:multipart/mixed delimiter h0:text/plain body0="one" delimiter h1:text/plain !missing-close-delimiter@62',
  },
  {
    title: 'a header that ends at a delimiter',
    text: `${mixed('b')}--b\r\nX: y\r\n--b--`,
    events: 'h:multipart/mixed delimiter h0:text/plain close',
  },
  {
    title: 'a boundary that is a prefix of the inner one',
    text: `${mixed('b')}--b\r\n${mixed('bb')}--bb\r\n\r\none\r\n--bb--\r\n--b--`,
    events: 'h:multipart/mixed delimiter h0:multipart/mixed delimiter0 h0.0:text/plain body0.0="one" close0 close',
  },
  {
    title: 'an inner boundary that is a prefix of the outer one and two dashes',
    text: `${mixed('b--')}--b--\r\n${mixed('b')}--b\r\n\r\none\r\n--b--\r\n--b----\r\n`,
    events: 'h:multipart/mixed delimiter h0:multipart/mixed delimiter0 h0.0:text/plain body0.0="one" close0 close',
  },
  {
    title: 'an inner multipart closed by the outer delimiter',
    text: `${mixed('o')}--o\r\n${mixed('i')}--i\r\n\r\none\r\n--o\r\n\r\ntwo\r\n--o--`,
    events:
      'h:multipart/mixed delimiter h0:multipart/mixed delimiter0 h0.0:text/plain body0.0="one" !missing-close-delimiter@109 delimiter h1:text/plain body1="two" close',
  },
  {
    title: 'a message in a message',
    text: 'Content-Type: message/rfc822\r\n\r\nA: 1\r\n\r\nbody',
    events: 'h:message/rfc822 h0:text/plain body0="body"',
  },
  {
    title: 'a digest, whose parts are messages',
    text: 'Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nA: 1\r\n\r\nx\r\n--b--',
    events: 'h:multipart/digest delimiter h0:message/rfc822 h0.0:text/plain body0.0="x" close',
  },
  {
    title: 'a message part without octets',
    text: `${mixed('b')}--b\r\nContent-Type: message/rfc822\r\n--b--`,
    events: 'h:multipart/mixed delimiter h0:message/rfc822 h0.0:text/plain close',
  },
  {
    title: 'comments, quotes and backslashes in Content-Type',
    text: 'Content-Type: (a) Multipart (b;c) / MIXED; x="; boundary=no"; BOUNDARY = "a\\b" (d)\r\n\r\n--ab\r\n\r\n--ab--',
    events: 'h:multipart/mixed delimiter h0:text/plain close',
  },
  {
    title: 'spaces at the end of a boundary',
    text: `${mixed('b  ')}--b\r\n\r\n--b--`,
    events: 'h:multipart/mixed delimiter h0:text/plain close',
  },
  {
    title: 'a boundary like an encoded word, octet for octet',
    text: `${mixed('=?utf-8?Q?a?=')}--=?utf-8?Q?a?=\r\n\r\n--=?utf-8?Q?a?=--`,
    events: 'h:multipart/mixed delimiter h0:text/plain close',
  },
  {
    title: 'a boundary beyond ASCII, octet for octet',
    text: `${mixed('\xe4\xc3\xa4')}--\xe4\xc3\xa4\r\n\r\n--\xe4\xc3\xa4--`,
    events: 'h:multipart/mixed delimiter h0:text/plain close',
  },
  {
    title: 'a boundary in sections',
    text: 'Content-Type: multipart/mixed; boundary*0=a; boundary*1="b"\r\n\r\n--ab\r\n\r\n--ab--',
    events: 'h:multipart/mixed delimiter h0:text/plain close',
  },
  {
    title: 'the first of two boundaries, no semicolon before it',
    text: 'Content-Type: multipart/mixed boundary=a; boundary=b\r\n\r\n--b\r\n--a--',
    events: 'h:multipart/mixed preamble="--b" close',
  },
  {
    title: 'as text: a multipart without boundary',
    text: 'Content-Type: multipart/mixed\r\n\r\n--b',
    events: '!no-boundary@0 h:multipart/mixed body="--b"',
  },
  {
    title: 'as text: a multipart with an empty boundary',
    text: `${mixed('')}--\r\n----\r\n`,
    events: '!no-boundary@0 h:multipart/mixed body="--\\r\\n----\\r\\n"',
  },
  {
    title: 'as text: a type that is none',
    text: 'Content-Type: multipart; boundary=b\r\n\r\n--b',
    events: '!bad-content-type@0 h:text/plain body="--b"',
  },
  {
    title: 'as text: an encoded message',
    text: 'Content-Type: message/rfc822\r\nContent-Transfer-Encoding: (x) BASE64\r\n\r\nQQ==',
    events: '!encoded-message@0 h:message/rfc822 body="QQ=="',
  },
  {
    title: 'as if it were not: an encoded multipart',
    text: 'Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\n--b\r\n\r\n--b--',
    events: '!encoded-multipart@0 h:multipart/mixed delimiter h0:text/plain close',
  },
  {
    title: 'as text: a delimiter with more on its line',
    text: `${mixed('b')}--b\r\n\r\n--b x\r\n--b--.\r\n--b--`,
    events:
      'h:multipart/mixed delimiter h0:text/plain !text-after-boundary@54 body0="--b x\\r\\n" !text-after-boundary@61 body0="--b--." close',
  },
  {
    title: 'as text: a delimiter after the close delimiter',
    text: `${mixed('b')}--b--\r\n--b\r\n\r\nhidden`,
    events: 'h:multipart/mixed close !delimiter-after-close@54 epilogue="--b\\r\\n\\r\\nhidden"',
  },
  {
    title: 'as text: a delimiter after a bare CR, or a space',
    text: `${mixed('b')}--b\r\n\r\na\r--b\r\n --b--`,
    events: 'h:multipart/mixed delimiter h0:text/plain body0="a\\r--b\\r\\n --b--" !missing-close-delimiter@67',
  },
]
for (const row of rows) {
  test(`reads ${row.title}`, () => {
    const events = read(row.text)
    assert.equal(sketch(events), row.events)
    assertTiled(events, row.text)
    const octetByOctet = Array.from({ length: row.text.length }, (_, at) => at)
    assert.deepEqual(read(row.text, octetByOctet), events)
  })
}

const small: MessageLimits = {
  header: { headerOctets: 60, fields: 2, defects: 2 },
  depth: 2,
  parts: 3,
  fields: 4,
  headerOctets: 95,
  boundaryOctets: 3,
  delimiterLineOctets: 10,
  defects: 2,
}
const limitRows: readonly { readonly title: string; readonly text: string; readonly defects: string }[] = [
  { title: 'a header as long as the limit', text: `A: ${'x'.repeat(53)}\r\n\r\n`, defects: '' },
  { title: 'a longer header', text: `A: ${'x'.repeat(54)}\r\n\r\n`, defects: 'header-beyond-limits@0' },
  { title: 'a header without end', text: `A: ${'x'.repeat(54)}`.padEnd(100, 'x'), defects: 'header-beyond-limits@0' },
  { title: 'fields of a header', text: 'a:\r\nb:\r\nc:\r\n\r\n', defects: 'header-beyond-limits@0' },
  { title: 'the longest boundary', text: `${mixed('bbb')}--bbb--`, defects: '' },
  { title: 'a longer boundary', text: `${mixed('bbbb')}--bbbb--`, defects: 'boundary-too-long@0' },
  { title: 'the longest delimiter line', text: `${mixed('b')}--b--   \r\n`, defects: '' },
  { title: 'a longer delimiter line', text: `${mixed('b')}--b--    \r\n`, defects: 'missing-close-delimiter@58' },
  {
    title: 'depth',
    text: `${mixed('b')}--b\r\n${mixed('c')}--b--`,
    defects: 'too-deep@52',
  },
  {
    title: 'parts',
    text: `${mixed('b')}${'--b\r\n\r\n'.repeat(3)}--b--`,
    defects: 'too-many-parts@61 missing-close-delimiter@73',
  },
  { title: 'as many parts', text: `${mixed('b')}${'--b\r\n\r\n'.repeat(2)}--b--`, defects: '' },
  {
    title: 'as many octets of all headers',
    text: `${mixed('b')}--b\r\nA: ${'x'.repeat(41)}\r\n\r\n--b--`,
    defects: '',
  },
  {
    title: 'octets of all headers',
    text: `${mixed('b')}--b\r\nA: ${'x'.repeat(42)}\r\n\r\n--b--`,
    defects: 'headers-too-long@52 missing-close-delimiter@106',
  },
  {
    title: 'fields of all parts',
    text: `${mixed('b')}--b\r\na:\r\nb:\r\n\r\n--b\r\na:\r\nb:\r\n\r\n--b--`,
    defects: 'too-many-fields@67 missing-close-delimiter@82',
  },
  {
    title: 'defects',
    text: `${mixed('b')}--bx\r\n--bx\r\n--bx\r\n--bx\r\n--b--`,
    defects: 'text-after-boundary@47 text-after-boundary@53 too-many-defects@59',
  },
]
for (const row of limitRows) {
  test(`keeps to its limits: ${row.title}`, () => {
    const events = read(row.text, [], small)
    const found = events.flatMap((event) => (event.kind === 'defect' ? [`${event.defect}@${event.offset}`] : []))
    assert.equal(found.join(' '), row.defects)
    assertTiled(events, row.text)
    const octetByOctet = Array.from({ length: row.text.length }, (_, at) => at)
    assert.deepEqual(read(row.text, octetByOctet, small), events)
  })
}

test('has limits', () => {
  assert.deepEqual(
    { ...MESSAGE_LIMITS, header: undefined },
    {
      header: undefined,
      depth: 64,
      parts: 10_000,
      fields: 50_000,
      headerOctets: 4 * 1024 * 1024,
      boundaryOctets: 256,
      delimiterLineOctets: 1000,
      defects: 1000,
    },
  )
})

const words = [
  mixed('b'),
  mixed('b--'),
  mixed('bb'),
  'Content-Type: message/rfc822\r\n',
  'A: 1\n',
  '--b',
  '--',
  '-',
  'b',
  ' ',
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  'text',
]
const messages = fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((pieces) => pieces.join(''))

test('says the same at any cut, and leaves no octet out', () => {
  fc.assert(
    fc.property(messages, fc.array(fc.nat(400), { maxLength: 8 }), fc.boolean(), (text, cuts, limited) => {
      const limits = limited ? small : MESSAGE_LIMITS
      const whole = read(text, [], limits)
      assertTiled(whole, text)
      assert.deepEqual(read(text, cuts, limits), whole)
    }),
    { numRuns: 500 },
  )
})
