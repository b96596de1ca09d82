// The submission service's process: two listeners, each session with its own login and policy.

import { runService } from '@scop/bottle/node'
import { listenSmtp, ourHostname } from '@scop/bottle/smtp-listener'
import { privileges } from '../privileges.ts'
import { FailedLogins } from './failed-logins.ts'
import { knownAddresses } from './known-addresses.ts'
import { login } from './login.ts'
import { submissionPolicy } from './policy.ts'

await runService({ ...privileges, service: 'submission' }, async (context) => {
  const { settings, calls, log, figures, signal } = context
  const hostname = ourHostname(settings)
  const receivedFields = settings.limits['received-fields']
  const addresses = knownAddresses(calls, Date.now)
  const failed = new FailedLogins(Date.now)
  const session = () => {
    const { extension, mechanism } = login({ calls, failed, log, figures })
    const policy = submissionPolicy({
      hostname,
      receivedFields,
      calls,
      addresses,
      failed,
      now: Date.now,
      log,
      figures,
      mechanism,
    })
    return { extensions: [extension], policy }
  }
  const listeners = await Promise.all([
    listenSmtp(context, { endpoint: settings.listen.submissions, implicitTls: true, session }),
    listenSmtp(context, { endpoint: settings.listen.submission, implicitTls: false, session }),
  ])
  figures.observe('sessions', () => listeners.reduce((sum, { sessions }) => sum + sessions, 0))
  return {
    handlers: {},
    drain: async () => {
      await Promise.all(listeners.map((listener) => listener.drain(signal)))
    },
  }
})
