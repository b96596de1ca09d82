// The verifier's process: the pipes, to the resolver too; what is known of senders on disk.

import { randomBytes, randomInt } from 'node:crypto'
import { formatTrace } from '@scop/bottle'
import { askNames, runService } from '@scop/bottle/node'
import { parseDomainName } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { privileges } from '../privileges.ts'
import { askDns } from './ask-dns.ts'
import { verifierHandlers } from './handlers.ts'
import { publishLists } from './publish-lists.ts'
import { startReputation } from './reputation.ts'
import { openReputationStore } from './reputation-store.ts'

await runService({ ...privileges, service: 'verifier' }, async ({ settings, dataDirectory, calls, log, figures }) => {
  const names = askNames(calls)
  const reputation = startReputation({
    settings,
    store: openReputationStore(dataDirectory),
    calls,
    now: Date.now,
    trace: () => formatTrace(randomBytes(8)),
    log,
    figures,
  })
  figures.observe('reputation_subjects', () => reputation.size)
  const lists =
    settings.reputation['dns-list'] === 'off'
      ? undefined
      : publishLists({
          standings: () => reputation.standings(),
          everySeconds: settings.reputation['dns-list-seconds'],
          calls,
          trace: () => formatTrace(randomBytes(8)),
          log,
        })
  const handlers = verifierHandlers({
    hostname: expectOk(parseDomainName(settings.hostname), 'read our hostname'),
    receivedFields: settings.limits['received-fields'],
    policy: {
      author: settings.author,
      dmarcReject: settings['dmarc-reject'],
      dmarcQuarantine: settings['dmarc-quarantine'],
      spfFail: settings['spf-fail'],
    },
    trustedSealers: settings['trusted-sealers'],
    sample: () => randomInt(100),
    askDns: (trace) => askDns(names, trace),
    reputation,
    calls,
    now: Date.now,
    log,
    figures,
  })
  return {
    handlers,
    drain: async () => {
      await lists?.stop()
      await reputation.close()
    },
  }
})
