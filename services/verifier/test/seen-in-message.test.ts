// What a message says of its sender: never anything bad of the domain that was forged.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Decision, Findings } from '../src/policy.ts'
import { seenInMessage } from '../src/seen-in-message.ts'

const INBOX: Decision = { kind: 'accept', into: 'inbox', override: undefined }
const refused = (status: '5.7.1' | '5.7.23' | '5.7.26'): Decision => ({ kind: 'refuse', status, reason: 'x' })
const FAILED: Findings['dmarc'] = { result: 'fail', domain: 'bank.example', requested: 'reject' }

const TABLE: readonly (readonly [string, Decision, Findings['dmarc'], string])[] = [
  ['nothing is known', INBOX, undefined, ''],
  ['refused by DMARC', refused('5.7.26'), FAILED, 'forged'],
  ['refused by SPF', refused('5.7.23'), undefined, 'forged'],
  ['refused because nobody can read From', refused('5.7.1'), undefined, 'dmarc-fail'],
  ['put aside', { kind: 'accept', into: 'junk', override: undefined }, FAILED, 'dmarc-fail'],
  ['behind a trusted forwarder', { ...INBOX, override: 'trusted_forwarder' }, FAILED, ''],
]
for (const [name, decision, dmarc, classes] of TABLE)
  test(`${name}: ${classes === '' ? 'nothing' : classes}`, () => {
    const seen = seenInMessage({ signatures: [], proofs: [], spf: undefined, dmarc, decision })
    assert.equal(seen.classes.join(), classes)
    assert.deepEqual(seen.provenDomains, [])
  })
