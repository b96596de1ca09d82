// The words of aggregate reports, and those that drafts and other programs write for them.
// RFC 9990 App. A; RFC 7489 App. C; RFC 8601 §2.7; RFC 4408 §2.5 and its drafts (hardfail, error, unknown)

import type { AlignedResult, Disposition, DkimWord, OverrideType, SpfWord } from './aggregate-report.ts'
import type { Alignment, Policy } from './record.ts'

type Words<Word extends string> = Readonly<Record<string, Word>>

export const POLICIES: Words<Policy> = { none: 'none', quarantine: 'quarantine', reject: 'reject' }
export const DISPOSITIONS: Words<Disposition> = { ...POLICIES, pass: 'pass' }
export const ALIGNED: Words<AlignedResult> = { pass: 'pass', fail: 'fail' }
export const MODES: Words<Alignment> = { r: 'relaxed', s: 'strict', relaxed: 'relaxed', strict: 'strict' }
export const YES_NO: Words<'y' | 'n'> = { y: 'y', n: 'n' }
export const METHODS: Words<'psl' | 'treewalk'> = { psl: 'psl', treewalk: 'treewalk' }
export const SCOPES: Words<'mfrom' | 'helo'> = { mfrom: 'mfrom', helo: 'helo' }

export const OVERRIDES: Words<OverrideType> = {
  local_policy: 'local_policy',
  mailing_list: 'mailing_list',
  other: 'other',
  policy_test_mode: 'policy_test_mode',
  trusted_forwarder: 'trusted_forwarder',
  forwarded: 'forwarded',
  sampled_out: 'sampled_out',
}

export const DKIM_WORDS: Words<DkimWord> = {
  none: 'none',
  pass: 'pass',
  fail: 'fail',
  policy: 'policy',
  neutral: 'neutral',
  temperror: 'temperror',
  permerror: 'permerror',
  hardfail: 'fail',
}

export const SPF_WORDS: Words<SpfWord> = {
  none: 'none',
  neutral: 'neutral',
  pass: 'pass',
  fail: 'fail',
  softfail: 'softfail',
  policy: 'policy',
  temperror: 'temperror',
  permerror: 'permerror',
  hardfail: 'fail',
  error: 'temperror',
  unknown: 'permerror',
}
