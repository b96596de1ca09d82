import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import {
  DIFFERENCE_KINDS,
  differencesBetween,
  generateMail,
  type Reading,
  type ReadingPart,
  readingOf,
} from '@scop/hamlet'
import {
  chooseMails,
  hamlet10kTar,
  compareMails,
  type MailParser,
  openParser,
  PARSER_NAMES,
  ParserMissing,
  type StoredMail,
} from '@scop/hamlet/node'
import pin from '../hamlet-10k.json' with { type: 'json' }
import { parseMessage, readEntity } from '@scop/mime'
import { encodeAscii, encodeUtf8 } from '@scop/octets'

const message = encodeUtf8(
  [
    'From: Ann <ann@example.org>',
    'To: Bo <bo@example.org>',
    'Subject: hi',
    'Date: Mon, 1 Jan 2024 10:00:00 +0000',
    'Message-ID: <1@example.org>',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    'Grüße',
    '--b',
    'Content-Type: image/png',
    'Content-Disposition: attachment; filename=a.png',
    'Content-Transfer-Encoding: base64',
    '',
    'AAEC',
    '--b--',
    '',
  ].join('\r\n'),
)
const reading = readingOf(readEntity(parseMessage(message), message))
const all = new Set(DIFFERENCE_KINDS)
const [text, image] = reading.root.parts as readonly [ReadingPart, ReadingPart]
const withParts = (...parts: readonly ReadingPart[]): Reading => ({ ...reading, root: { ...reading.root, parts } })

for (const [kind, changed] of [
  ['tree', withParts(text)],
  ['type', withParts(text, { ...image, type: 'image/jpeg' })],
  ['charset', withParts({ ...text, charset: 'latin1' }, image)],
  ['file-name', withParts(text, { ...image, name: undefined })],
  ['disposition', withParts(text, { ...image, disposition: 'inline' })],
  ['octets', withParts(text, { ...image, octets: new Uint8Array([0, 1, 3]) })],
  ['line-ends', withParts({ ...text, octets: encodeUtf8('Grüße\n') }, image)],
  ['text', withParts({ ...text, text: 'GrÃ¼ÃŸe' }, image)],
  ['addresses', { ...reading, addresses: reading.addresses.slice(1) }],
  ['display-names', { ...reading, addresses: reading.addresses.map((one) => ({ ...one, name: 'X' })) }],
  ['subject', { ...reading, subject: undefined }],
  ['date', { ...reading, date: 0 }],
  ['message-id', { ...reading, messageId: '2@example.org' }],
] as const) {
  test(`a reading that differs in ${kind} is told, and nothing else of it`, () => {
    assert.deepEqual(
      differencesBetween(reading, changed, all).map((difference) => difference.kind),
      [kind],
    )
    assert.deepEqual(differencesBetween(reading, changed, new Set(DIFFERENCE_KINDS.filter((one) => one !== kind))), [])
  })
}

test('the same reading has no differences', () => assert.deepEqual(differencesBetween(reading, reading, all), []))

for (const name of PARSER_NAMES) {
  test(`${name} reads a plain message as we do; a fault of its adapter shows`, async (context) => {
    const parser = await openParser(name).catch((error: unknown) => {
      if (error instanceof ParserMissing) return context.skip(error.message)
      throw error
    })
    if (parser === undefined) return
    try {
      const sound = await compare(parser, message)
      assert.deepEqual(
        sound.examples.filter(({ kind }) => kind !== 'line-ends'),
        [],
      )
      assert.equal(sound.same, 1)
      const faulty: MailParser = {
        ...parser,
        read: async (octets) => ({ ...(await parser.read(octets)), subject: 'seeded' }),
      }
      const found = await compare(faulty, message)
      assert.equal(found.counts.get('subject'), 1)
      assert.equal(found.same, 0)
    } finally {
      await parser.close()
    }
  })
}

test('an error of a parser is a difference of its own', async () => {
  const parser: MailParser = { ...(await openParser('ours')), read: () => Promise.reject(new Error('no')) }
  const { counts, examples } = await compare(parser, encodeAscii('Subject: x\r\n\r\n'))
  assert.equal(counts.get('refused'), 1)
  assert.equal(examples[0]?.read, 'no')
})

test('hamlet-10k: the choice is the same each time, and of both profiles', () => {
  const [once, again] = [[...chooseMails(40)], [...chooseMails(40)]]
  assert.deepEqual(
    once.map(({ index }) => index),
    again.map(({ index }) => index),
  )
  assert.deepEqual(new Set(once.map(({ profile }) => profile)), new Set(['grammar', 'realistic']))
  for (const { mail, index, profile } of once) {
    assert.deepEqual(mail.octets, generateMail(10_000, index, profile).octets)
  }
})

test('hamlet-10k: a slice has the pinned digest (after a change of the generator: npm run hamlet-10k -- --pin)', () => {
  const hash = createHash('sha256')
  for (const piece of hamlet10kTar(pin.slice.count)) hash.update(piece)
  assert.equal(hash.digest('hex'), pin.slice.tarSha256)
})

async function compare(parser: MailParser, octets: Uint8Array): ReturnType<typeof compareMails> {
  const mails = async function* (): AsyncGenerator<StoredMail> {
    yield { name: 'one', octets, expected: undefined }
  }
  const signal = new AbortController().signal
  return compareMails(parser, mails(), { examples: 10, limit: 10, signal, onMails: () => undefined })
}
