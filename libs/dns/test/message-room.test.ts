// What is left out of a message that is too long, and what says so.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import { decodeMessage, EMPTY_MESSAGE, encodeMessage, type Message, parseRecords, ROOT } from '../src/index.ts'

const records = (text: string): Message['answers'] => expectOk(parseRecords(text, ROOT), 'read')
const ADDRESSES = records('a. 1 A 192.0.2.1\na. 1 A 192.0.2.2\na. 1 A 192.0.2.3\na. 1 AAAA ::1\na. 1 AAAA ::2\n')
const SIGNATURE = records(
  `a. 1 RRSIG A 13 1 1 20300101000000 20200101000000 1 . ${Buffer.alloc(64).toString('base64')}\n`,
)
const at = (message: Partial<Message>, maxOctets: number): Message =>
  expectOk(
    decodeMessage(encodeMessage({ ...EMPTY_MESSAGE, response: true, ...message }, { maxOctets }).octets),
    'decode',
  )

test('additional records go by whole RRsets, and set no TC', () => {
  const message = { answers: records('m. 1 MX 1 a.\n'), additionals: ADDRESSES, authoritative: true }
  const whole = encodeMessage({ ...EMPTY_MESSAGE, ...message }).octets.length
  const kept = new Set<number>()
  for (let room = 40; room <= whole; room++) {
    const { truncated, answers, additionals } = at(message, room)
    assert.ok(!truncated)
    assert.equal(answers.length, 1)
    kept.add(additionals.length)
  }
  assert.deepEqual([...kept], [0, 3, 5])
})

test('glue that does not fit sets TC, a signature that does not fit does not', () => {
  const referral = { authorities: records('s. 1 NS a.\n'), additionals: [...ADDRESSES, ...SIGNATURE] }
  const unsigned = encodeMessage({ ...EMPTY_MESSAGE, ...referral, additionals: ADDRESSES }).octets.length
  assert.ok(at(referral, unsigned - 1).truncated)
  assert.equal(at(referral, unsigned - 1).additionals.length, 3)
  const without = at(referral, unsigned)
  assert.ok(!without.truncated)
  assert.equal(without.additionals.length, 5)
})

test('what does not fit of the answer or the authority sets TC, and nothing comes behind it', () => {
  for (const section of ['answers', 'authorities'] as const) {
    const message = { [section]: ADDRESSES, additionals: records('x. 1 A 192.0.2.9\n'), authoritative: true }
    const reply = at(message, 70)
    assert.ok(reply.truncated)
    assert.ok(reply[section].length > 0 && reply[section].length < ADDRESSES.length)
    assert.equal(reply.additionals.length, 0)
  }
})

test('of the answer and the authority whole RRsets go, each with its signatures', () => {
  for (const section of ['answers', 'authorities'] as const) {
    const message = { [section]: [...ADDRESSES.slice(0, 3), ...SIGNATURE, ...ADDRESSES.slice(3)], authoritative: true }
    const whole = encodeMessage({ ...EMPTY_MESSAGE, ...message }).octets.length
    const kept = new Set<number>()
    for (let room = 40; room <= whole; room++) {
      const reply = at(message, room)
      assert.equal(reply.truncated, reply[section].length < 6)
      kept.add(reply[section].length)
    }
    assert.deepEqual([...kept], [0, 4, 6])
  }
})
