// Scenarios of our own, and what the player must not let pass.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { play } from './replay/player.ts'
import { replayFile, scenarioFiles } from './replay/run.ts'
import { parseScenario } from './replay/read-scenario.ts'
import type { Scenario } from './replay/scenario.ts'

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
    'REPLY QR RD RA AD NOERROR\nSECTION QUESTION\nwww',
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

const FOREIGN: readonly (readonly [string, string, string, RegExp])[] = [
  ["data of the server's own", 'REPLY QR RD RA NOERROR', 'REPLY QR AA RD RA NOERROR', /AA/],
  ['servers that only other files name', 'stub-addr: 193.0.14.129', 'stub-addr: 193.0.14.130', /servers that/],
  ['a feature', 'query-minimization: on', 'features: dns64', /features/],
  ['a list of features', 'query-minimization: on', 'feature-list: policy=policy.add(x)', /feature-list/],
]

for (const [what, from, to, feature] of FOREIGN) {
  test(`scenario is another's for ${what}`, () => {
    assert.ok(TIMEOUT.includes(from))
    const played = play(scenario(TIMEOUT.replace(from, to)))
    assert.equal(played.kind, 'foreign')
    assert.match(played.kind === 'foreign' ? played.feature : '', feature)
  })
}

test('aliases in a circle are an error, whether or not the way to it is told', () => {
  const circle = TIMEOUT.replaceAll('x.example. IN A 10.20.30.40', 'x.example. IN CNAME www.example.').replace(
    'REPLY QR RD RA NOERROR\nSECTION QUESTION\nwww',
    'REPLY QR RD RA SERVFAIL\nSECTION QUESTION\nwww',
  )
  assert.deepEqual(play(scenario(circle)), { kind: 'passed' })
})

test('a folder of files: each has its verdict, whatever is in it', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'replay-'))
  t.after(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'deeper', 'folder.rpl'), { recursive: true })
  const put = (file: string, text: string | Uint8Array): void => writeFileSync(join(folder, file), text)
  put('a.rpl', TIMEOUT.replaceAll('\n', '\r\n'))
  put('b.rpl', '')
  put(
    'c.rpl',
    Uint8Array.from({ length: 2000 }, (_, i) => i * 7),
  )
  put('deeper/d.crpl', TIMEOUT)
  put('deeper/e.rpl', TIMEOUT.slice(0, TIMEOUT.length / 2))
  put('deeper/f.rpl', TIMEOUT.replace('stub-addr: 193.0.14.129', 'stub-addr: nowhere'))
  put('deeper/g.rpl', 'CONFIG_END\nSCENARIO_BEGIN nothing\nSCENARIO_END\n')
  put('deeper/i.rpl', TIMEOUT.replace('query-minimization: on', 'harden-glue: off'))
  const silent = TIMEOUT.replace('ADJUST copy_id copy_query\nMATCH qname', 'ADJUST do_not_answer\nMATCH qname')
  put('deeper/j.rpl', silent)
  put('deeper/k.rpl', silent.replace('query-minimization: on', 'harden-glue: "no"'))
  put('deeper/readme.txt', TIMEOUT)
  symlinkSync('nothing-there', join(folder, 'deeper', 'h.rpl'))
  const verdicts = [folder, join(folder, 'none.rpl')]
    .flatMap(scenarioFiles)
    .map((file) => `${basename(file)} ${replayFile(file).verdict}`)
  assert.deepEqual(verdicts, [
    'a.rpl passed',
    'b.rpl failed',
    'c.rpl failed',
    'd.crpl passed',
    'e.rpl failed',
    'f.rpl failed',
    'g.rpl failed',
    'h.rpl failed',
    'i.rpl passed',
    'j.rpl failed',
    'k.rpl skipped',
    'none.rpl failed',
  ])
})

function scenario(text: string): Scenario {
  const parsed = parseScenario(text)
  if (!parsed.ok) throw new Error(`line ${parsed.error.line}: ${parsed.error.text}`)
  return parsed.value
}
