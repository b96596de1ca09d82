// The relay's process: queue, dispatcher, connections, the pipe.

import { readFile } from 'node:fs/promises'
import { askNames, runService } from '@scop/bottle/node'
import { formatMailDomain, parseDomainName } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { privileges } from '../privileges.ts'
import { openConnections } from './connections.ts'
import { type Deliver, Dispatcher, DISPATCHER_LIMITS } from './dispatcher.ts'
import { relayHandlers } from './handlers.ts'
import { deliverLocally, ourDomains } from './local.ts'
import { openQueue } from './queue.ts'
import { deliverRemotely } from './remote.ts'
import { makeReport } from './report.ts'

// Above the wait: what stands below it is not there yet while the service runs.
const IDLE_MS = 10_000
const MESSAGES_PER_CONNECTION = 100
const HOSTS = 5
const ADDRESSES_PER_HOST = 4

await runService(
  { ...privileges, service: 'relay' },
  async ({ settings, dataDirectory, calls, log, figures, signal }) => {
    const hostname = expectOk(parseDomainName(settings.hostname), 'read our hostname')
    const queue = await openQueue(dataDirectory, { messageOctets: settings.limits['message-octets'] })
    figures.observe('queue_entries', () => queue.size())
    const connections = openConnections({
      hostname,
      port: settings.port,
      sourceAddresses: settings['source-addresses'],
      authorities: settings.authorities === undefined ? undefined : await readFile(settings.authorities, 'utf8'),
      perDestination: settings['connections-per-destination'],
      idleMs: IDLE_MS,
      messages: MESSAGES_PER_CONNECTION,
      signal,
    })
    figures.observe('connections', () => connections.open())
    const remote = {
      queue,
      names: askNames(calls),
      connections,
      rules: {
        hostname,
        ownAddresses: settings.ourAddresses,
        allowLoopback: settings['allow-loopback'],
        hosts: HOSTS,
        addressesPerHost: ADDRESSES_PER_HOST,
      },
      verifiedTlsFor: (domain: string) => settings.tls === 'required' || settings['tls-required-for'].includes(domain),
      receivedFields: settings.limits['received-fields'],
    }
    const isOurs = ourDomains(calls, Date.now)
    const deliver: Deliver = async (entry, recipients) => {
      const [first] = recipients
      if (first === undefined) return new Map()
      const ours = await isOurs(first, entry.envelope.trace)
      if (ours === undefined) {
        const reply = `451 4.3.0 cannot tell whether ${formatMailDomain(first.mailbox.domain)} is ours`
        return new Map(
          recipients.map(({ position }) => [position, { kind: 'later', reply, remote: undefined, status: '4.3.0' }]),
        )
      }
      return ours
        ? deliverLocally(calls, queue, entry, recipients, remote.receivedFields)
        : deliverRemotely(remote, entry, recipients)
    }
    const dispatcher = new Dispatcher({
      queue,
      settings,
      deliver,
      report: (kind, entry, recipients) =>
        makeReport(kind, entry, queue.octetsOf(entry), recipients, hostname, Date.now()),
      limits: DISPATCHER_LIMITS,
      now: Date.now,
      random: Math.random,
      log,
      figures,
    })
    dispatcher.wake() // what the last run left
    return {
      handlers: relayHandlers({ queue, dispatcher, settings, now: Date.now, log, figures }),
      drain: async () => {
        await dispatcher.drain()
        await connections.close()
      },
    }
  },
)
