// The loopback self-test: two bottles, real messages both ways through every service, and what must be refused.
// It claims nothing that it has not read back: from mailboxes, logs, zones, pipes and replies.

import { randomBytes } from 'node:crypto'
import { parseMailbox } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { addDomainAndZone } from './domain.ts'
import { generatePassword } from './password.ts'
import { openFirst, openSecond, planBottles, type Side } from './selftest-bottles.ts'
import { absentOrFail, publishedOrFail } from './selftest-keys.ts'
import { type LogWatch, watchLog } from './selftest-logs.ts'
import { readPipes } from './selftest-pipes.ts'
import { type Login, refusalsOf } from './selftest-refusals.ts'
import { Contradiction, Course, StepFailed, type StepReport, type View } from './selftest-report.ts'
import { JOURNEYS, travel, type Traveller } from './selftest-travel.ts'

export type SelfTestReport = {
  readonly passed: boolean
  readonly milliseconds: number
  readonly steps: readonly StepReport[]
}
export type SelfTestOptions = {
  /** The home whose bottle takes part if it runs and may; else both are throwaway ones. */
  readonly home: string | undefined
  readonly view: View
  readonly signal: AbortSignal
}

/** Runs the whole test; everything that it made is gone when it answers, also when it fails or is interrupted. */
export async function runSelfTest({ home, view, signal }: SelfTestOptions): Promise<SelfTestReport> {
  const began = performance.now()
  const course = new Course(view, signal)
  const undo: (() => Promise<unknown>)[] = []
  try {
    await runCourse(course, home, signal, undo)
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error
  } finally {
    await cleanUp(course, view, undo)
  }
  return { passed: course.passed, milliseconds: Math.round(performance.now() - began), steps: course.steps }
}

async function runCourse(
  course: Course,
  home: string | undefined,
  signal: AbortSignal,
  undo: (() => Promise<unknown>)[],
): Promise<void> {
  const plan = await course.need('plan', 'choose two bottles', async () => {
    const value = await planBottles(home)
    const summary =
      value.kind === 'running'
        ? `"one" is the bottle that runs here (${value.domain}), "two" a throwaway one`
        : `two throwaway bottles: ${value.reason}`
    return { value, summary, evidence: { kind: value.kind, ports: value.ports } }
  })
  const open = (
    name: string,
    opening: (say: (service: string, state: string) => void) => Promise<Side>,
  ): Promise<Side> =>
    course.need(`bottle-${name}`, `bottle ${name}`, async (say) => {
      const side = await opening((service, state) => say(`${service} ${state}`))
      undo.push(() => side.end())
      const { listen } = side.bottle.configuration
      const summary = `${side.throwaway ? 'started' : 'runs'} with ${side.domain} on ${listen.smtp.address}`
      return { value: side, summary, evidence: { home: side.bottle.home.directory, throwaway: side.throwaway } }
    })
  const one = await open('one', (say) => openFirst(plan, say))
  const two = await open('two', (say) => openSecond(plan, one, say))
  const watches = new Map<Side, LogWatch>()
  for (const side of [one, two]) {
    const watch = await watchLog(side.bottle.home.log)
    watches.set(side, watch)
    undo.push(() => watch.stop())
    await publishKeys(course, side)
  }
  const alice = await makeAccount(course, one, 'alice', undo)
  const bob = await makeAccount(course, two, 'bob', undo)
  const travellers = { alice, bob }
  for (const journey of JOURNEYS) await travel(course, journey, travellers, watches, signal)
  for (const side of [one, two]) {
    await course.check(`pipes-${side.name}`, `pipes of ${side.name}`, async () => {
      const pipes = await readPipes(side)
      const listed = pipes.map(({ from, to }) => `${from}→${to}`).join(' ')
      return { summary: `${pipes.length} pipes, each TLSv1.3 to the role it should reach: ${listed}`, evidence: pipes }
    })
  }
  const { login } = alice
  for (const refusal of refusalsOf(one, login, bob.login.account)) {
    await course.check(`refuses-${refusal.id}`, `refuses ${refusal.title}`, async () => {
      const reply = await refusal.attempt()
      const shown = `${reply.code} ${reply.text}`
      if (!refusal.due(reply)) throw new Contradiction(`answered ${shown}`, reply)
      return { summary: shown, evidence: reply }
    })
  }
}

/** Domain, zone, and keys that travel by UPDATE: looked for before and after. */
async function publishKeys(course: Course, side: Side): Promise<void> {
  const { bottle, domain, name } = side
  const because = { author: 'scop selftest', reason: 'self-test' }
  await course.need(`keys-${name}`, `DKIM keys of ${domain} travel by UPDATE`, async () => {
    const added = await addDomainAndZone(bottle, domain, because)
    const absentBefore = added.includes('zone') ? await absentOrFail(side) : undefined
    const { keys } = await bottle.ask('signer', 'prepare-domain', { domain })
    const published = await publishedOrFail(side, keys)
    const listed = published.map(({ name: at, algorithm }) => `${at} (${algorithm})`).join(', ')
    const before = absentBefore === undefined ? 'there before, published again' : 'absent before, published now'
    return { value: undefined, summary: `${before}: ${listed}`, evidence: { absentBefore, published } }
  })
}

async function makeAccount(
  course: Course,
  side: Side,
  name: 'alice' | 'bob',
  undo: (() => Promise<unknown>)[],
): Promise<Traveller> {
  const { bottle, domain } = side
  const local = side.throwaway ? name : `selftest-${randomBytes(4).toString('hex')}`
  const account = `${local}@${domain}`
  const because = { author: 'scop selftest', reason: 'self-test' }
  return course.need(`account-${name}`, `account of ${name}`, async () => {
    const login: Login = { account, password: generatePassword() }
    await bottle.ask('directory', 'add-account', { ...login, ...because })
    if (!side.throwaway) {
      undo.push(() => bottle.ask('mailbox', 'remove-account', { account }))
      undo.push(() => bottle.ask('directory', 'remove-account', { account, ...because }))
    }
    const mailbox = expectOk(parseMailbox(account), 'read an address of our own')
    return { value: { side, login, mailbox }, summary: account }
  })
}

/** The last made goes first; what cannot be undone is said, and does not keep the rest. */
async function cleanUp(course: Course, view: View, undo: (() => Promise<unknown>)[]): Promise<void> {
  const cleaning = new Course(view, new AbortController().signal) // an interrupted test is cleaned up as well
  await cleaning.check('clean-up', 'remove what the test made', async () => {
    const problems: string[] = []
    for (const step of undo.reverse()) {
      await step().catch((error: unknown) => problems.push(error instanceof Error ? error.message : String(error)))
    }
    if (problems.length > 0) throw new Contradiction(problems.join('; '), problems)
    return { summary: 'accounts, mail and throwaway bottles are gone' }
  })
  course.steps.push(...cleaning.steps)
}
