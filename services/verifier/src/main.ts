// The verifier's process: a stub for the DNS, the pipe; nothing on disk.

import { runService } from '@scop/bottle/node'
import { createStub } from '@scop/dns/node'
import { parseDomainName } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { privileges } from '../privileges.ts'
import { askKeyOf } from './ask-key.ts'
import { verifierHandlers } from './handlers.ts'

await runService({ ...privileges, service: 'verifier' }, async ({ settings, calls, log, figures, signal }) => {
  const { dns, ourPrimary } = settings
  const stub = createStub({
    // Ours first: it refuses what is not in our zones, and the resolvers are asked next.
    servers: [ourPrimary, ...dns.resolvers],
    forward: Object.entries(dns.forward).map(([zone, servers]) => ({ zone, servers })),
    signal,
  })
  const handlers = verifierHandlers({
    hostname: expectOk(parseDomainName(settings.hostname), 'read our hostname'),
    receivedFields: settings.limits['received-fields'],
    askKey: askKeyOf(stub),
    calls,
    now: Date.now,
    log,
    figures,
  })
  return { handlers, drain: async () => undefined }
})
