// Scenarios of our own, and what the player must not let pass.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { play } from './replay/player.ts'
import { parseScenario, type Scenario } from './replay/scenario.ts'

const SCENARIOS = join(import.meta.dirname, 'scenarios')

for (const file of readdirSync(SCENARIOS)) {
  test(`scenario ${file}`, () => {
    assert.deepEqual(play(scenario(readFileSync(join(SCENARIOS, file), 'utf8'))), { kind: 'passed' })
  })
}

const TIMEOUT = readFileSync(join(SCENARIOS, 'timeout-and-raw-query.rpl'), 'utf8')

const FAILING: readonly (readonly [string, string, string, RegExp])[] = [
  [
    'another address',
    'x.example. IN A 10.20.30.40\nENTRY_END\n\nSTEP',
    'x.example. IN A 10.20.30.41\nENTRY_END\n\nSTEP',
    /has too much/,
  ],
  [
    'another response code',
    'REPLY QR RD RA NOERROR\nSECTION QUESTION\nwww',
    'REPLY QR RD RA NXDOMAIN\nSECTION QUESTION\nwww',
    /rcode/,
  ],
  [
    'another flag',
    'REPLY QR RD RA NOERROR\nSECTION QUESTION\nwww',
    'REPLY QR AA RD RA NOERROR\nSECTION QUESTION\nwww',
    /flags/,
  ],
  [
    'a mandatory entry that nobody used',
    'ENTRY_BEGIN\nADJUST copy_id copy_query\nMATCH qname',
    'ENTRY_BEGIN\nMANDATORY\nMATCH qname\nREPLY QR\nSECTION QUESTION\nunasked.example. IN A\nENTRY_END\nENTRY_BEGIN\nADJUST copy_id copy_query\nMATCH qname',
    /mandatory entry at line/,
  ],
  [
    'a named section that is not empty',
    'SECTION AUTHORITY\nexample. SOA a.example. b.example. 1 2 3 4 5\nENTRY_END\nSCENARIO',
    'SECTION AUTHORITY\nENTRY_END\nSCENARIO',
    /authority has too much/,
  ],
  [
    'servers that all are silent',
    'ADJUST copy_id copy_query\nMATCH qname',
    'ADJUST do_not_answer\nMATCH qname',
    /rcode: SERVFAIL/,
  ],
]

for (const [what, from, to, reason] of FAILING) {
  test(`scenario fails for ${what}`, () => {
    assert.ok(TIMEOUT.includes(from))
    const played = play(scenario(TIMEOUT.replace(from, to)))
    assert.equal(played.kind, 'failed')
    assert.match(played.kind === 'failed' ? played.reason : '', reason)
  })
}

test('refuses what it does not understand, with its line', () => {
  const refused = parseScenario(TIMEOUT.replace('STEP 11 CHECK_ANSWER', 'STEP 11 CHECK_MOOD'))
  assert.equal(refused.ok, false)
  assert.match(refused.ok ? '' : refused.error.text, /no such step/)
})

function scenario(text: string): Scenario {
  const parsed = parseScenario(text)
  if (!parsed.ok) throw new Error(`line ${parsed.error.line}: ${parsed.error.text}`)
  return parsed.value
}
