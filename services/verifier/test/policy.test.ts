// The whole table: what was found, what the operator wants, what becomes of the message.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Decision, decide, type Findings, type Policy } from '../src/policy.ts'

const POLICY: Policy = { author: 'refuse', dmarcReject: 'refuse', dmarcQuarantine: 'junk', spfFail: 'junk' }
const QUIET: Findings = {
  author: { kind: 'readable' },
  dmarc: { result: 'none', domain: 'example.com', requested: 'none' },
  spf: { result: 'none', domain: 'example.com' },
  signatureUndecided: false,
  trustedSealer: undefined,
}
const spf = (result: NonNullable<Findings['spf']>['result']): Partial<Findings> => ({
  spf: { result, domain: 'example.net' },
})
const dmarc = (
  result: NonNullable<Findings['dmarc']>['result'],
  requested: NonNullable<Findings['dmarc']>['requested'] = 'none',
): Partial<Findings> => ({ dmarc: { result, domain: 'example.com', requested } })

/** `inbox`, `inbox local_policy`, `refuse 5.7.26`, `defer 4.7.24`. */
function word(decision: Decision): string {
  if (decision.kind !== 'accept') return `${decision.kind} ${decision.status}`
  return decision.override === undefined ? decision.into : `${decision.into} ${decision.override}`
}

const reject = dmarc('fail', 'reject')
const quarantine = dmarc('fail', 'quarantine')
const unreadable: Partial<Findings> = { author: { kind: 'unreadable', reason: 'two From fields' }, dmarc: undefined }
const sealer: Partial<Findings> = { trustedSealer: 'forwarder.example' }

const TABLE: readonly (readonly [name: string, Partial<Findings>, expected: string, Partial<Policy>?])[] = [
  ['nothing is known', {}, 'inbox'],
  ['mail of our own', { spf: undefined, dmarc: undefined }, 'inbox'],
  ['unreadable author', unreadable, 'refuse 5.7.1'],
  ['unreadable author, put aside', unreadable, 'junk', { author: 'junk' }],
  ['unreadable author, accepted', unreadable, 'inbox', { author: 'accept' }],
  ['unreadable author behind a trusted sealer', { ...unreadable, ...sealer }, 'refuse 5.7.1'],
  ['DMARC passes', dmarc('pass', 'reject'), 'inbox'],
  ['DMARC passes, SPF fails', { ...dmarc('pass', 'reject'), ...spf('fail') }, 'inbox'],
  ['DMARC passes, SPF unknown', { ...dmarc('pass', 'reject'), ...spf('temperror') }, 'inbox'],
  ['DMARC passes, a key unknown', { ...dmarc('pass', 'reject'), signatureUndecided: true }, 'inbox'],
  ['DMARC unknown', dmarc('temperror'), 'defer 4.7.26'],
  ['DMARC unknown, SPF passes', { ...dmarc('temperror'), ...spf('pass') }, 'defer 4.7.26'],
  ['DMARC unknown behind a trusted sealer', { ...dmarc('temperror'), ...sealer }, 'defer 4.7.26'],
  ['reject', reject, 'refuse 5.7.26'],
  ['reject, SPF of another domain passes', { ...reject, ...spf('pass') }, 'refuse 5.7.26'],
  ['reject, put aside', reject, 'junk', { dmarcReject: 'junk' }],
  ['reject, accepted', reject, 'inbox local_policy', { dmarcReject: 'accept' }],
  ['reject while SPF is unknown', { ...reject, ...spf('temperror') }, 'defer 4.7.26'],
  ['reject while a key is unknown', { ...reject, signatureUndecided: true }, 'defer 4.7.26'],
  ['reject behind a trusted sealer', { ...reject, ...sealer }, 'inbox trusted_forwarder'],
  ['quarantine', quarantine, 'junk'],
  ['quarantine, refused', quarantine, 'refuse 5.7.26', { dmarcQuarantine: 'refuse' }],
  ['quarantine, accepted', quarantine, 'inbox local_policy', { dmarcQuarantine: 'accept' }],
  ['quarantine while SPF is unknown', { ...quarantine, ...spf('temperror') }, 'defer 4.7.26'],
  ['quarantine behind a trusted sealer', { ...quarantine, ...sealer }, 'inbox trusted_forwarder'],
  ['DMARC fails with p=none', dmarc('fail'), 'inbox'],
  ['DMARC fails with p=none, SPF fails', { ...dmarc('fail'), ...spf('fail') }, 'inbox'],
  ['no DMARC, SPF fails', spf('fail'), 'junk'],
  ['no DMARC, SPF fails, refused', spf('fail'), 'refuse 5.7.23', { spfFail: 'refuse' }],
  ['no DMARC, SPF fails, accepted', spf('fail'), 'inbox', { spfFail: 'accept' }],
  ['no DMARC, SPF unknown', spf('temperror'), 'defer 4.7.24'],
  ['DMARC record unreadable, SPF fails', { ...dmarc('permerror'), ...spf('fail') }, 'junk'],
  ['DMARC record unreadable, SPF unknown', { ...dmarc('permerror'), ...spf('temperror') }, 'defer 4.7.24'],
  ['softfail', spf('softfail'), 'inbox'],
  ['permerror', spf('permerror'), 'inbox'],
  ['neutral', spf('neutral'), 'inbox'],
]

for (const [name, findings, expected, policy] of TABLE)
  test(`${name}: ${expected}`, () => {
    assert.equal(word(decide({ ...QUIET, ...findings }, { ...POLICY, ...policy })), expected)
  })

test('the reasons name the domain and the policy', () => {
  const refused = decide({ ...QUIET, ...reject }, POLICY)
  assert.ok(refused.kind === 'refuse')
  assert.equal(refused.reason, 'DMARC of example.com asks to reject what it did not send (p=reject)')
  const author = decide({ ...QUIET, ...unreadable }, POLICY)
  assert.ok(author.kind === 'refuse')
  assert.equal(author.reason, 'Cannot tell who wrote this: two From fields')
})
