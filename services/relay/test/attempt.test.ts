import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verdictOfReply } from '../src/attempt.ts'

const CASES = [
  [{ code: 250, text: 'ok' }, 'delivered'],
  [{ code: 550, enhanced: '5.1.1', text: 'who?' }, 'never 5.1.1'],
  [{ code: 550, text: 'who?' }, 'never 5.0.0'],
  [{ code: 550, enhanced: '4.1.1', text: 'the classes disagree' }, 'never 5.0.0'],
  [{ code: 451, enhanced: '4.7.1', text: 'later' }, 'later 4.7.1'],
  [{ code: 451, text: 'later' }, 'later 4.0.0'],
  [{ code: 451, enhanced: '5.7.1', text: 'the classes disagree' }, 'later 4.0.0'],
  [{ code: 451, enhanced: '4.7.1\r\nStatus: 2.0.0', text: 'forged' }, 'later 4.0.0'],
  [{ code: 354, text: 'unasked' }, 'later 4.0.0'],
  [{ code: 199, text: 'unknown' }, 'later 4.0.0'],
] as const

for (const [reply, expected] of CASES) {
  test(`${JSON.stringify(reply)} is ${expected}`, () => {
    const verdict = verdictOfReply(reply, 'mx', '4.0.0', '5.0.0')
    assert.equal(verdict.kind === 'delivered' ? 'delivered' : `${verdict.kind} ${verdict.status}`, expected)
    assert.equal(verdict.remote, 'mx')
  })
}
