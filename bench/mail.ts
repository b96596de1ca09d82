// npm run bench:mail: our path submission → signer → relay → mailbox beside a stock Postfix submission → Maildir, in the
// same run, on the same messages, durable on both sides. Ours has TLS, AUTH and two DKIM signatures; Postfix has none
// of these. A first round of each size warms both up and is not counted. Rounds alternate; the figures are medians, the
// ratio is taken round by round. `--alone`: without Postfix.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { expectOk } from '@scop/result'
import { postfixAbsent, startPostfix } from '../tests/harness/postfix.ts'
import { startTestBottle } from '../tests/harness/bottle.ts'
import { median } from './median.ts'
import { cpuSeconds, cpuSecondsByTitle, pssByTitle, pssMebibytes } from './processes.ts'
import { makeMessage, sendAll, type Target } from '../tests/harness/smtp-load.ts'

type Subject = {
  readonly name: string
  readonly target: Target
  readonly recipient: string
  readonly rootPid: number
  /** Messages that lie in the recipient's mailbox. */
  delivered(): Promise<number>
}

type Round = {
  readonly perSecond: number
  /** Per message. */
  readonly cpuMs: number
  /** Per message, by the title of the process. */
  readonly cpuMsOf: Readonly<Record<string, number>>
  readonly pss: number
}

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '3000' },
    'warm-up': { type: 'string', default: '1000' },
    alone: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '8' },
    sizes: { type: 'string', default: '4096,102400' },
    json: { type: 'boolean', default: false },
  },
})

const bottle = await startTestBottle({ domain: 'bench.example', name: 'alice' })
const ours: Subject = {
  name: 'scop',
  target: {
    host: bottle.configuration.listen.submissions.address,
    port: bottle.configuration.listen.submissions.port,
    tls: 'implicit',
    login: { username: bottle.account, password: bottle.password },
  },
  recipient: bottle.account,
  rootPid: bottle.running.pid,
  delivered: async () => {
    const answer = await bottle.calls.call(
      'mailbox',
      'mailboxes',
      { account: bottle.account },
      { trace: '0'.repeat(16) },
    )
    return expectOk(answer, 'count the messages').response.mailboxes.reduce((sum, { messages }) => sum + messages, 0)
  },
}
await sleep(2000) // idle: what is left of starting has ended
const idle = { pss: pssMebibytes(ours.rootPid), processes: pssByTitle(ours.rootPid) }

const absent = values.alone ? '--alone' : postfixAbsent()
const postfixHome = mkdtempSync(path.join(tmpdir(), 'scop-postfix-'))
const postfix =
  absent === undefined
    ? await startPostfix({
        directory: postfixHome,
        address: '127.0.0.1',
        port: 2699,
        hostname: 'mx.postfix.example',
        domains: ['postfix.example'],
        main: {
          smtpd_client_connection_count_limit: '0',
          smtpd_client_connection_rate_limit: '0',
          default_process_limit: '100',
        },
      })
    : undefined
const theirs: Subject | undefined = postfix && {
  name: 'postfix',
  target: { host: postfix.address, port: postfix.port, tls: 'none' },
  recipient: 'bob@postfix.example',
  rootPid: postfix.masterPid,
  delivered: async () => postfix.count('bob@postfix.example'),
}

const report: Record<string, unknown>[] = []
try {
  for (const octets of values.sizes.split(',').map(Number)) {
    for (const subject of [ours, theirs])
      if (subject) await measure(subject, octets, `${octets}-warm`, Number(values['warm-up']))
    const rounds: { ours: Round; theirs: Round | undefined }[] = []
    for (let round = 0; round < Number(values.rounds); round++) {
      const seed = `${octets}-${round}`
      const count = Number(values.messages)
      rounds.push({
        ours: await measure(ours, octets, seed, count),
        theirs: theirs && (await measure(theirs, octets, seed, count)),
      })
    }
    print(octets, rounds)
  }
} finally {
  await postfix?.stop()
  await bottle.stop()
  rmSync(postfixHome, { recursive: true, force: true })
  rmSync(bottle.home.directory, { recursive: true, force: true })
}
console.log(`\nidle bottle: ${idle.pss.toFixed(0)} MiB PSS in ${idle.processes.length} processes`)
console.log(idle.processes.map(([title, pss]) => `${title.replace('scop-', '')} ${pss.toFixed(0)}`).join('  '))
if (absent !== undefined && !values.alone) console.log(`postfix skipped: ${absent}`)
if (values.json) console.log(JSON.stringify({ idle, report }))

async function measure(subject: Subject, octets: number, seed: string, count: number): Promise<Round> {
  const before = await subject.delivered()
  const jobs = Array.from({ length: count }, (_, i) => {
    const id = `${subject.name}-${seed}-${i}`
    const sender = subject.target.login?.username ?? 'alice@postfix.example'
    return { id, sender, recipient: subject.recipient, octets: makeMessage(id, sender, subject.recipient, octets) }
  })
  const cpu = cpuSeconds(subject.rootPid)
  const cpuOf = cpuSecondsByTitle(subject.rootPid)
  const start = performance.now()
  let refused = 0
  await sendAll(subject.target, jobs, Number(values.connections), ({ reply }) => {
    if (!reply.startsWith('250')) refused++
  })
  if (refused > 0) throw new Error(`${subject.name} refused ${refused} of ${count} messages`)
  while ((await subject.delivered()) < before + count) {
    if (performance.now() - start > 300_000)
      throw new Error(`${subject.name} delivered too few of ${count} messages in 300 s`)
    await sleep(20)
  }
  const seconds = (performance.now() - start) / 1000
  return {
    perSecond: count / seconds,
    cpuMs: ((cpuSeconds(subject.rootPid) - cpu) * 1000) / count,
    cpuMsOf: Object.fromEntries(
      [...cpuSecondsByTitle(subject.rootPid)].map(([title, seconds]) => {
        return [title, ((seconds - (cpuOf.get(title) ?? 0)) * 1000) / count]
      }),
    ),
    pss: pssMebibytes(subject.rootPid),
  }
}

function print(octets: number, rounds: readonly { ours: Round; theirs: Round | undefined }[]): void {
  const row = (name: string, all: readonly Round[]): void =>
    console.log(
      `${String(octets).padStart(7)} octets  ${name.padEnd(8)} ${median(all.map((r) => r.perSecond))
        .toFixed(0)
        .padStart(6)} messages/s` +
        `  ${median(all.map((r) => r.cpuMs))
          .toFixed(2)
          .padStart(6)} ms CPU each  ${median(all.map((r) => r.pss))
          .toFixed(0)
          .padStart(5)} MiB PSS`,
    )
  row(
    'scop',
    rounds.map((r) => r.ours),
  )
  const titles = Object.keys(rounds[0]?.ours.cpuMsOf ?? {})
  const parts = titles.map(
    (title) => `${title.replace('scop-', '')} ${median(rounds.map((r) => r.ours.cpuMsOf[title] ?? 0)).toFixed(2)}`,
  )
  console.log(`${''.padStart(17)}${parts.join('  ')}`)
  const paired = rounds.flatMap((r) => (r.theirs === undefined ? [] : [{ ours: r.ours, theirs: r.theirs }]))
  if (paired.length > 0) {
    row(
      'postfix',
      paired.map((r) => r.theirs),
    )
    const ratio = (pick: (round: Round) => number): string =>
      median(paired.map((r) => pick(r.ours) / pick(r.theirs))).toFixed(2)
    console.log(
      `${''.padStart(7)}         ratio    ${ratio((r) => r.perSecond).padStart(6)} × messages/s  ${ratio((r) => r.cpuMs).padStart(5)} × CPU` +
        `  ${ratio((r) => r.pss).padStart(10)} × PSS`,
    )
  }
  report.push({ octets, rounds })
}
