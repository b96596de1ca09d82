// The directory service: opens the repository, answers its pipe.

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Context, type RunningService, runService } from '@scop/bottle/node'
import { openDirectory } from '@scop/directory/node'
import { parseDomainName } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { privileges } from '../privileges.ts'
import { directoryHandlers } from './handlers.ts'

await runService({ ...privileges, service: 'directory' }, start)

async function start({
  settings,
  dataDirectory,
  log,
  figures,
}: Context<'directory'>): Promise<RunningService<'directory'>> {
  const path = join(dataDirectory, 'directory.git')
  const opened = await openDirectory({
    path,
    now: Date.now,
    randomOctets: (count) => randomBytes(count),
    limits: { scramIterations: settings['scram-iterations'], passwordChecks: settings['password-checks'] },
    onProblem: (problem) =>
      problem === undefined
        ? log.info('the repository can be read again')
        : log.error('the repository is at a commit that cannot be used', { problem: JSON.stringify(problem) }),
  })
  if (!opened.ok) throw new Error(`Cannot open the directory in "${path}": ${JSON.stringify(opened.error)}`)
  const directory = opened.value
  figures.observe('domains', () => directory.latest().domains.size)
  figures.observe('accounts', () => directory.latest().accounts.size)
  figures.observe('aliases', () => directory.latest().aliases.size)
  figures.observe('password_checks_under_way', () => directory.passwordLoad())
  figures.observe('unreadable', () => (directory.problem() === undefined ? 0 : 1))
  return {
    handlers: directoryHandlers({
      directory,
      hostname: expectOk(parseDomainName(settings.hostname), 'read our hostname'),
      log,
      figures,
    }),
    drain: async () => undefined, // nothing runs but requests, and the pipe finishes those
  }
}
