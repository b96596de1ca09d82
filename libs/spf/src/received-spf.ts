// The Received-SPF field: the result with the evidence beside it. Foreign values are quoted and cleaned: none can add to it.
// RFC 7208 §9.1

import type { DomainName } from '@scop/identifiers'
import { formatField } from '@scop/mime'
import { expectOk } from '@scop/result'
import { describeProblem } from './describe.ts'
import type { SpfOutcome } from './outcome.ts'

/** The whole field with its line end. `mailFrom`: the reverse-path as text, empty for the null one. */
export function formatReceivedSpf(
  outcome: SpfOutcome,
  envelope: { readonly receiver: DomainName; readonly helo: string; readonly mailFrom: string },
): Uint8Array {
  const { result, identity, client, decidedBy, problem } = outcome
  const pairs: [string, string][] = [
    ['receiver', envelope.receiver],
    ['client-ip', client],
    ['envelope-from', envelope.mailFrom],
    ['helo', envelope.helo],
    ['identity', identity],
  ]
  if (decidedBy !== undefined) {
    pairs.push(['mechanism', decidedBy.term])
    // key = name of our own: the record that the mechanism stands in, which may be behind an include.
    pairs.push(['x-record', decidedBy.domain])
  }
  if (problem !== undefined) pairs.push(['problem', describeProblem(problem)])
  const text = pairs.map(([key, value]) => `${key}=${formatValue(value)}`).join('; ')
  return expectOk(formatField('Received-SPF', `${result} (${COMMENTS[result]}) ${text}`), 'write Received-SPF')
}

// value = dot-atom / quoted-string
function formatValue(value: string): string {
  if (DOT_ATOM.test(value)) return value
  const cut = value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}...` : value
  return `"${cut.replace(UNWRITABLE, '?').replace(/["\\]/g, '\\$&')}"`
}

const COMMENTS = {
  none: 'no policy',
  neutral: 'the domain does not say',
  pass: 'the client may send for the domain',
  fail: 'the client may not send for the domain',
  softfail: 'the client probably may not send for the domain',
  temperror: 'the policy could not be had',
  permerror: 'the policy cannot be used',
} as const
const LONGEST_VALUE = 256
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,255}"
const DOT_ATOM = new RegExp(`^${ATOM}(?:\\.${ATOM}){0,127}$`)
const UNWRITABLE = /[^\x20-\x7e]/gu
