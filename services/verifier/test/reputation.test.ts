import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createFigures, settingsFor } from '@scop/bottle'
import { parseConfiguration } from '@scop/bottle/configuration'
import type { Calls, Log } from '@scop/bottle/node'
import { parseDomainName, parseIpAddress } from '@scop/identifiers'
import { networkSubject } from '@scop/reputation'
import { err, expectOk, ok } from '@scop/result'
import { openReputationStore } from '../src/reputation-store.ts'
import { type Reputation, startReputation } from '../src/reputation.ts'

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} }
const CONFIGURATION = `bottle: one
hostname: mx.one.example
public-address: 192.0.2.1
listen: { submissions: "192.0.2.1:1", submission: "192.0.2.1:2", smtp: "192.0.2.1:3", dns: "192.0.2.1:4" }
firewall: { trusted: ["198.51.100.0/24"] }
`
const configuration = expectOk(parseConfiguration(CONFIGURATION), 'read the configuration')
const address = (text: string) => expectOk(parseIpAddress(text), `read ${text}`)
const domain = (text: string) => expectOk(parseDomainName(text), `read ${text}`)
let directory: string
before(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'scop-reputation-'))
})
after(() => rmSync(directory, { recursive: true, force: true }))

type Told = { rules: readonly { network: string; action: string; untilMs: number }[]; forget: readonly string[] }

function start(answers = () => true): { reputation: Reputation; told: Told[] } {
  const told: Told[] = []
  const calls: Calls = {
    call: async (_callee, _operation, request) => {
      if (!answers()) return err({ kind: 'unreachable', reason: 'not there' })
      told.push(request as unknown as Told) // as: nothing but `firewall-learn` is called
      return ok({ response: { kept: 1, ignored: 0 } as never, octets: (async function* () {})() }) // as: see above
    },
    facts: () => [],
    close: async () => undefined,
  }
  const reputation = startReputation({
    settings: settingsFor('verifier', configuration),
    store: openReputationStore(directory),
    calls,
    now: () => 1_700_000_000_000,
    trace: () => '0',
    log: SILENT,
    figures: createFigures(),
  })
  return { reputation, told }
}

const forged = (reputation: Reputation, client: string, count = 30): void => {
  for (let i = 0; i < count; i++)
    reputation.recordSeen({ client: address(client), helo: 'x', provenDomains: [], classes: ['forged'] })
}

async function until(holds: () => boolean): Promise<void> {
  for (const end = performance.now() + 20_000; performance.now() < end; await sleep(10)) if (holds()) return
  assert.fail('it did not happen')
}

test('a ban is told to the receiver, kept over a restart and told again; undo is told too', async () => {
  const first = start()
  forged(first.reputation, '203.0.113.9')
  await until(() => first.told.length > 0)
  assert.deepEqual(
    first.told.at(-1)?.rules.map(({ network, action }) => `${action} ${network}`),
    ['refuse 203.0.113.0/24'],
  )
  await first.reputation.close()

  const second = start()
  const subject = networkSubject(address('203.0.113.1'))
  assert.equal(second.reputation.standingOf(subject).ban?.measure, 'refuse')
  assert.ok(Math.abs(second.reputation.standingOf(subject).evidence - 30) < 1e-9, 'no event is lost')
  await until(() => second.told.length > 0)
  assert.equal(second.reputation.pardon(subject), true)
  await until(() => second.told.some(({ forget }) => forget.includes('203.0.113.0/24')))
  await second.reputation.close()

  const third = start()
  assert.equal(third.reputation.standingOf(subject).ban, undefined)
  await third.reputation.close()
})

test('a receiver that does not answer is told again', async () => {
  let there = false
  const { reputation, told } = start(() => there)
  forged(reputation, '203.0.113.9')
  await sleep(100)
  assert.equal(told.length, 0)
  there = true
  await until(() => told.length > 0)
  reputation.pardon(networkSubject(address('203.0.113.9')))
  await reputation.close()
})

test('of this machine and of trusted networks nothing is counted', async () => {
  const { reputation } = start()
  const before_ = reputation.size
  for (const client of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '198.51.100.7', '::ffff:198.51.100.7'])
    forged(reputation, client)
  assert.equal(reputation.size, before_)
  await reputation.close()
})

test('a proved domain has its own good mail, and not what is forged beside it', async () => {
  const { reputation } = start()
  const seen = { client: address('203.0.113.200'), helo: 'mail.a.example', provenDomains: [domain('a.example')] }
  reputation.recordSeen({ ...seen, classes: ['pass'] })
  reputation.recordSeen({ ...seen, classes: ['pass', 'dmarc-fail'] })
  const { contributions } = reputation.standingOf({ kind: 'domain', name: domain('a.example') })
  assert.deepEqual(
    contributions.map((one) => `${one.class} ${one.count}`),
    ['pass 2'],
  )
  await reputation.close()
})
