// The resolver's process: the core with its sockets, our own zones from the primary, the ports for clients, the pipe.

import { randomInt } from 'node:crypto'
import path from 'node:path'
import { type Context, type RunningService, runService } from '@scop/bottle/node'
import { CLASS, RCODE } from '@scop/dns'
import { type DnsServer, serveDns } from '@scop/dns/node'
import { openAnchorStore } from '@scop/resolver/node'
import { privileges } from '../privileges.ts'
import { tlsCertificate } from './certificate.ts'
import { mayAsk } from './clients.ts'
import { resolverHandlers } from './handlers.ts'
import { watchOwnZones } from './own-zones.ts'
import { openResolvers, type Resolvers } from './resolvers.ts'

// Above the wait: what stands below it is not there yet while the service runs.
const OWN_ZONES_MS = 10_000

await runService({ ...privileges, service: 'dns-resolver' }, start)

async function start({
  settings,
  dataDirectory,
  calls,
  log,
  figures,
  signal,
}: Context<'dns-resolver'>): Promise<RunningService<'dns-resolver'>> {
  const anchors = await openAnchorStore(path.join(dataDirectory, 'anchors.json'), (error) =>
    log.error('the state of the trust anchors was not kept', { error }),
  )
  let opened: Resolvers | undefined
  const ownZones = await watchOwnZones({
    calls,
    everyMs: OWN_ZONES_MS,
    changed: (zones) => {
      if (opened === undefined) opened = openResolvers({ settings, ours: zones, anchors, mayAsk: mayAsk(settings) })
      else opened.configure(zones)
      log.info('our zones', {
        signed: zones.filter(({ ds }) => ds.length > 0).map(({ zone }) => zone),
        unsigned: zones.filter(({ ds }) => ds.length === 0).map(({ zone }) => zone),
      })
    },
    now: () => performance.now(),
    failed: (reason) => log.warn('the primary does not say which zones are ours', { reason }),
  })
  if (opened === undefined) throw new Error('Cannot resolve: nobody has said which zones are ours')
  const resolvers: Resolvers = opened
  for (const [name, read] of resolvers.figures) figures.observe(name, read)
  const servers = await listen()
  return {
    handlers: resolverHandlers({
      lookUp: async (name, type, options) => {
        const question = { name, type, class: CLASS.IN }
        const outcome = await resolvers.lookUp(question, options)
        // A zone of ours may be a moment old.
        const found = outcome.rcode === RCODE.NOERROR || !(await ownZones.news())
        return found ? outcome : resolvers.lookUp(question, options)
      },
      reload: () => ownZones.reload(),
      forget: () => resolvers.forget(),
      random: (below) => randomInt(below),
      now: () => performance.now(),
    }),
    drain: async () => {
      ownZones.stop()
      await Promise.all(servers.map((server) => server.close()))
      await resolvers.close()
    },
  }

  async function listen(): Promise<readonly DnsServer[]> {
    const { resolver: plain, 'resolver-tls': tls } = settings.listen
    const common = {
      handle: resolvers.handle,
      signal,
      onTrouble: (error: Error) => {
        figures.add('troubles_total')
        log.debug('a client could not be answered', { error })
      },
    }
    if (plain === undefined) return []
    const options = tls && (await tlsCertificate(dataDirectory, settings.hostname, Date.now()))
    const tlsAt = tls && options && { port: tls.port, options }
    return [await serveDns({ ...plain, ...common, ...(tlsAt && { tls: tlsAt }) })]
  }
}
