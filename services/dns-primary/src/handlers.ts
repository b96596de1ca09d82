// What the operator may do with our zones over the pipe. Their records change by UPDATE alone.

import type { Figures } from '@scop/bottle'
import type { Handlers, Log } from '@scop/bottle/node'
import { formatName, formatZone, formatZoneFileError, type Name, parseName, parseZone, ROOT } from '@scop/dns'
import type { Because, Primary } from '@scop/dns/node'
import { PipeRefusal } from '@scop/mesh/node'

export type PrimaryHandlersOptions = {
  readonly primary: Primary
  readonly log: Log
  readonly figures: Figures
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export function primaryHandlers({ primary, log, figures, now }: PrimaryHandlersOptions): Handlers<'dns-primary'> {
  const because = ({ author, reason }: { author: string; reason: string }): Because => ({
    author,
    reason,
    atMs: now(),
  })
  return {
    'add-zone': async ({ request }) => {
      const origin = readOrigin(request.zone)
      const zone = parseZone(request.text, origin)
      if (!zone.ok) throw new PipeRefusal('bad-zone', formatZoneFileError(formatName(origin), zone.error))
      if (!keep(() => primary.addZone(zone.value, because(request)))) {
        throw new PipeRefusal('exists', `the zone ${formatName(origin)} is here already`)
      }
      const { serial } = zone.value.soa
      figures.add('zones_added_total')
      log.info('zone added', { zone: formatName(origin), serial, author: request.author, reason: request.reason })
      return { response: { serial } }
    },
    'remove-zone': async ({ request }) => {
      const origin = readOrigin(request.zone)
      const removed = keep(() => primary.removeZone(origin, because(request)))
      if (removed) {
        figures.add('zones_removed_total')
        log.info('zone removed', { zone: formatName(origin), author: request.author, reason: request.reason })
      }
      return { response: { removed } }
    },
    'show-zone': async ({ request }) => {
      const zone = primary.zone(readOrigin(request.zone))
      return { response: zone === undefined ? {} : { text: formatZone(zone) } }
    },
    'list-zones': async () => {
      const zones = primary.zones().map(({ origin, soa, recordCount }) => ({
        zone: formatName(origin).replace(/(?<=.)\.$/, ''),
        serial: soa.serial,
        records: recordCount,
      }))
      return { response: { zones: zones.toSorted((a, b) => (a.zone < b.zone ? -1 : 1)) } }
    },
  }

  /** A disk that does not take a change is a temporary failure; nothing has changed then. */
  function keep(change: () => boolean): boolean {
    try {
      return change()
    } catch (error) {
      log.error('the store did not take a change', { error: error instanceof Error ? error : String(error) })
      throw new PipeRefusal('temporary', 'the store did not take the change')
    }
  }
}

function readOrigin(text: string): Name {
  const origin = parseName(text, ROOT)
  if (!origin.ok) throw new PipeRefusal('bad-request', `"${text}" is not a name: ${origin.error.kind}`)
  return origin.value
}
