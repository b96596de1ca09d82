// The verifier's process: the pipes, to the resolver too; nothing on disk.

import { askNames, runService } from '@scop/bottle/node'
import { parseDomainName } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { privileges } from '../privileges.ts'
import { keyAnswer } from './ask-key.ts'
import { verifierHandlers } from './handlers.ts'

await runService({ ...privileges, service: 'verifier' }, async ({ settings, calls, log, figures }) => {
  const names = askNames(calls)
  const handlers = verifierHandlers({
    hostname: expectOk(parseDomainName(settings.hostname), 'read our hostname'),
    receivedFields: settings.limits['received-fields'],
    askKey: async (name, trace) => keyAnswer(await names.txt(name, trace)),
    calls,
    now: Date.now,
    log,
    figures,
  })
  return { handlers, drain: async () => undefined }
})
