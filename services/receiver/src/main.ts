// The receiver's process: one listener, each session with its own policy.

import { runService } from '@scop/bottle/node'
import { listenSmtp, ourHostname } from '@scop/bottle/smtp-listener'
import { privileges } from '../privileges.ts'
import { receiverPolicy } from './policy.ts'

await runService({ ...privileges, service: 'receiver' }, async (context) => {
  const { settings, calls, log, figures, signal } = context
  const hostname = ourHostname(settings)
  const listener = await listenSmtp(context, {
    endpoint: settings.listen.smtp,
    implicitTls: false,
    session: () => ({ extensions: [], policy: receiverPolicy({ hostname, calls, now: Date.now, log, figures }) }),
  })
  figures.observe('sessions', () => listener.sessions)
  return { handlers: {}, drain: () => listener.drain(signal) }
})
