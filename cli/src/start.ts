// scop start (npm start): from nothing to a bottle that has just shown that it works, and stays up.

import path from 'node:path'
import { formatEndpoint } from '@scop/bottle'
import { freePorts, homeAt, initHome, openHome, type RunningBottle as BottleProcess } from '@scop/bottle/home'
import { parseDomainName } from '@scop/identifiers'
import { Command } from 'commander'
import { accountsFile, type MadeAccount, readAccounts, writeAccounts } from './accounts-file.ts'
import { addDomain } from './domain.ts'
import { Failure } from './failure.ts'
import { generatePassword } from './password.ts'
import { connectBottle, type OpenedHome, openHomeOrFail } from './running-bottle.ts'
import { selfTest, selfTestFailure } from './selftest.ts'
import { ADDRESSES, DOMAINS } from './selftest-bottles.ts'
import { act, examples, type Session } from './session.ts'
import type { Terminal } from './terminal.ts'
import { startOrFail, untilStopped } from './up.ts'

export function startCommand(terminal: Terminal): Command {
  return new Command('start')
    .description('make a bottle if there is none, start it, test it, say what to do next; Ctrl-C stops it')
    .option('--skip-selftest', 'do not send the test mail')
    .addHelpText('after', examples('npm start', 'scop start', 'scop --home /tmp/try start --skip-selftest'))
    .action(
      act(terminal, async (session, options: { readonly skipSelftest?: true }) => {
        const fresh = await makeHomeIfNone(session)
        const opened = await openHomeOrFail(session.home)
        session.say(`${fresh ? 'Made a new' : 'Found the'} bottle in ${opened.home.directory}`)
        const bottle = await startOrFail(opened, session)
        try {
          const accounts = await firstAccounts(opened)
          const report = options.skipSelftest ? undefined : await selfTest(session, session.home)
          const settings = clientSettings(opened, accounts)
          session.answer({ ...settings, ...(report && { selftest: report }) }, formatSettings(settings, opened))
          const failure = report && !report.passed ? selfTestFailure(report) : undefined
          if (failure) terminal.errors.write(`\n${failure.message}\n`)
          await untilStopped(session, bottle)
          if (failure) throw failure
        } catch (error) {
          await stopQuietly(bottle)
          throw error
        }
      }),
    )
}

/** Defaults that need no root and find a second bottle on the same machine. */
async function makeHomeIfNone(session: Session): Promise<boolean> {
  const opened = await openHome(session.home)
  if (opened.ok || opened.error.kind !== 'no-home') return false
  const ports = await freePorts(Object.values(ADDRESSES))
  const made = await initHome(
    session.home,
    {
      bottle: 'one',
      hostname: `mx.${DOMAINS.one}`,
      address: ADDRESSES.one,
      ports,
      relayPort: ports.smtp,
      allowLoopback: true,
      root: [],
      forward: [],
      zones: { [DOMAINS.two]: `${ADDRESSES.two}:${ports.dns}` },
    },
    Date.now(),
  )
  return made.ok
}

/** A domain and alice where there are none yet; the accounts whose passwords we made. */
async function firstAccounts(opened: OpenedHome): Promise<readonly MadeAccount[]> {
  const bottle = await connectBottle(opened)
  try {
    const because = { author: 'scop start', reason: 'first start' }
    const { domains } = await bottle.ask('directory', 'list-domains', {})
    const known = parseDomainName(domains[0] ?? DOMAINS.one)
    if (!known.ok) throw new Failure('bad-domain', `The directory has a domain that is no name: ${domains[0]}`)
    if (domains.length === 0) await addDomain(bottle, known.value, because)
    const { accounts } = await bottle.ask('directory', 'list-accounts', {})
    const names = new Set(accounts.map(({ name }) => name))
    if (names.size === 0) {
      const alice = { account: `alice@${known.value}`, password: generatePassword() }
      await writeAccounts(opened.home, [alice]) // before the account: a password that is nowhere helps nobody
      await bottle.ask('directory', 'add-account', { ...alice, ...because })
      return [alice]
    }
    return (await readAccounts(opened.home)).filter(({ account }) => names.has(account))
  } finally {
    await bottle.close()
  }
}

type ClientSettings = {
  readonly home: string
  readonly bottle: string
  readonly hostname: string
  readonly listen: Readonly<Record<'submissions' | 'submission' | 'smtp' | 'dns', string>> & {
    readonly resolver?: string
  }
  readonly certificate: string
  readonly accounts: readonly MadeAccount[]
}

function clientSettings({ home, configuration }: OpenedHome, accounts: readonly MadeAccount[]): ClientSettings {
  const { bottle, hostname, listen, tls } = configuration
  return {
    home: home.directory,
    bottle,
    hostname,
    listen: {
      submissions: formatEndpoint(listen.submissions),
      submission: formatEndpoint(listen.submission),
      smtp: formatEndpoint(listen.smtp),
      dns: formatEndpoint(listen.dns),
      ...(listen.resolver && { resolver: formatEndpoint(listen.resolver) }),
    },
    certificate: tls.certificate ?? home.tlsCertificate,
    accounts,
  }
}

function formatSettings(settings: ClientSettings, { home, configuration }: OpenedHome): string {
  const { accounts, hostname, listen, certificate } = settings
  const { submissions } = configuration.listen
  const at = home.directory === homeAt('./data').directory ? 'npx scop' : `npx scop --home ${home.directory}`
  const [first] = accounts
  const user = first?.account ?? 'NAME@DOMAIN'
  const remembered = path.relative('.', accountsFile(home))
  const logins = accounts.flatMap(({ account, password }) => [`  Account   ${account}`, `  Password  ${password}`])
  return [
    '',
    'The bottle is up.',
    '',
    ...(first
      ? [
          ...logins,
          `            (made at the first start, kept in ${remembered}: delete that file when you have noted it)`,
        ]
      : [`  Accounts  ${at} user list`]),
    '',
    'Mail client',
    `  Outgoing  ${listen.submissions} with TLS, or ${listen.submission} with STARTTLS; username: the whole address`,
    `  Name      ${hostname}, certificate ${path.relative('.', certificate)}`,
    'Other servers',
    `  Mail      ${listen.smtp}`,
    `  Names     ${listen.dns}, UDP and TCP`,
    ...(listen.resolver === undefined ? [] : [`  Resolver  ${listen.resolver}, for this machine`]),
    '',
    'Next',
    `  ${at} status`,
    `  printf 'From: ${user}\\nTo: ${user}\\nSubject: hello\\n\\nHello.\\n' | ${at} mail send --user ${user} --crlf`,
    `  swaks --server ${submissions.address} --port ${submissions.port} --tls-on-connect --auth PLAIN --auth-user ${user} --from ${user} --to ${user}`,
    `  ${at} mail list ${user}`,
    `  ${at} user add bob@${user.split('@').at(-1)} --generate`,
    '',
    'Ctrl-C stops it. What it keeps stays for the next start.',
  ].join('\n')
}

/** After a failure: the bottle does not outlive the command that started it. */
async function stopQuietly(bottle: BottleProcess): Promise<void> {
  await bottle.stop().catch(() => undefined)
}
