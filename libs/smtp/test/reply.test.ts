import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GrowingBuffer } from '@scop/octets'
import { encodeAscii } from '@scop/octets'
import { encodeReply, formatReplyText, refuse, accept, reply, ReplyReader } from '../src/index.ts'

test('a reply holds no line ending and nothing that is not printable ASCII', () => {
  const made = reply(550, '5.1.1', 'no\r\n250 yes\u2028\x1b[2J é 😀')
  assert.equal(encodeReply(made), '550 no??250 yes??[2J ? ?\r\n')
})

test('a long reply is folded into lines of at most 512 octets', () => {
  const text = encodeReply(reply(250, undefined, 'x'.repeat(1_000), 'y'))
  const lines = text.split('\r\n').slice(0, -1)
  assert.deepEqual(
    lines.map((line) => line.slice(0, 4)),
    ['250-', '250-', '250-', '250 '],
  )
  assert.ok(lines.every((line) => line.length <= 510))
})

for (const code of [199, 600, 250.5, Number.NaN]) {
  test(`refuses to reply ${code}`, () => assert.throws(() => reply(code, undefined, 'x')))
}
test('a verdict says what it is', () => {
  assert.throws(() => accept(reply(550, undefined, 'no')))
  assert.throws(() => refuse(reply(250, undefined, 'yes')))
  assert.deepEqual(refuse(reply(421, '4.3.2', 'x')), { kind: 'refuse', reply: reply(421, '4.3.2', 'x'), close: true })
})

for (const [wire, text] of [
  ['250 ok\r\n', '250 ok'],
  ['250\r\n', '250'], // quirk bare-code
  ['250-2.1.0 a\r\n250 2.1.0 b\r\n', '250 2.1.0 a b'],
  ['550 4.1.1 x\r\n', '550 4.1.1 x'], // classes differ: not an enhanced code
] as const) {
  test(`reads reply ${JSON.stringify(wire)}, at any cut`, () => {
    for (let at = 0; at < wire.length; at++) {
      const buffer = new GrowingBuffer()
      const reader = new ReplyReader({ replyLineOctets: 100, replyLines: 10 })
      buffer.append(encodeAscii(wire.slice(0, at)))
      const early = reader.read(buffer)
      assert.ok(early.ok && early.value === undefined)
      buffer.append(encodeAscii(wire.slice(at)))
      const whole = reader.read(buffer)
      assert.ok(whole.ok && whole.value !== undefined)
      assert.equal(formatReplyText(whole.value), text)
    }
  })
}
for (const [wire, error] of [
  ['25 ok\r\n', 'bad-code'],
  ['199 ok\r\n', 'bad-code'],
  ['600 ok\r\n', 'bad-code'],
  ['\r\n', 'bad-code'],
  ['250+ok\r\n', 'bad-separator'],
  ['250-a\r\n251 b\r\n', 'code-changes'],
  ['250 a\n', 'bare-lf'],
  [`250 ${'x'.repeat(100)}`, 'line-too-long'],
  ['250-a\r\n'.repeat(11), 'too-many-lines'],
] as const) {
  test(`refuses reply ${JSON.stringify(wire.slice(0, 20))}: ${error}`, () => {
    const buffer = new GrowingBuffer()
    buffer.append(encodeAscii(wire))
    assert.deepEqual(new ReplyReader({ replyLineOctets: 100, replyLines: 10 }).read(buffer), { ok: false, error })
  })
}
