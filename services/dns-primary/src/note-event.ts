// What the primary does, as figures and as lines of the log.

import type { Figures } from '@scop/bottle'
import type { Log } from '@scop/bottle/node'
import {
  describeZoneFinding,
  formatName,
  formatRcode,
  formatType,
  NSEC,
  NSEC3,
  type NotifyEvent,
  RCODE,
  RRSIG,
  SOA,
} from '@scop/dns'
import type { PrimaryEvent, SecondaryNews } from '@scop/dns/node'

export function noteEvent(event: PrimaryEvent, log: Log, figures: Figures): void {
  switch (event.kind) {
    case 'answered':
      figures.add('answers_total')
      if (event.rcode !== 0) figures.add(refusals(event.rcode))
      return
    case 'updated': {
      const { zone, diff } = event
      const lines = (records: typeof diff.added): readonly string[] =>
        records
          .filter(({ type }) => !FOLLOWING.has(type))
          .slice(0, MOST_SHOWN)
          .map(({ name, type }) => `${formatName(name)} ${formatType(type)}`)
      figures.add('updates_total')
      log.info('zone updated', {
        zone: formatName(zone.origin),
        serial: diff.toSerial,
        removed: lines(diff.removed),
        added: lines(diff.added),
      })
      return
    }
    case 'refused': {
      const { zone, key, address, rcode, errors } = event
      figures.add('updates_refused_total')
      const facts = {
        zone: formatName(zone),
        key: formatName(key.name),
        address,
        reason: errors.length === 0 ? formatRcode(rcode) : errors.slice(0, MOST_SHOWN).map(describeZoneFinding),
      }
      // What its prerequisites did not find is the answer that the client asked for.
      if (UNMET.has(rcode)) log.debug('update refused', facts)
      else log.warn('update refused', facts)
      return
    }
    case 'replaced':
      figures.add('zones_taken_total')
      log.info('zone taken', {
        zone: formatName(event.zone.origin),
        serial: event.zone.soa.serial,
        from: event.because.author,
      })
      return
    case 'removed':
      return
    case 'not-kept': {
      const { zone, error } = event
      figures.add('updates_not_kept_total')
      log.error('the store did not take an update', {
        zone: formatName(zone.origin),
        error: error instanceof Error ? error : String(error),
      })
    }
  }
}

/** What secondaries said to NOTIFY. */
export function noteNotify(event: NotifyEvent, log: Log, figures: Figures): void {
  const facts = { zone: formatName(event.zone), secondary: event.target.address }
  if (event.kind === 'told') figures.add('secondaries_told_total')
  else
    log.warn('a secondary was not told', {
      ...facts,
      reason: event.kind === 'refused' ? formatRcode(event.rcode) : event.kind,
    })
}

/** What became of a zone that is another server's. */
export function noteTransfer(zone: string, news: SecondaryNews, log: Log, figures: Figures): void {
  switch (news.kind) {
    case 'installed':
      return log.info('transfer', { zone, serial: news.zone.soa.serial, style: news.style })
    case 'up-to-date':
      return
    case 'failed':
      figures.add('transfers_failed_total')
      return log.warn('transfer failed', { zone, from: news.source.server.address, reason: JSON.stringify(news.error) })
    case 'expired':
      return log.error('zone expired', { zone })
  }
}

/** `answers_nxdomain_total` */
function refusals(rcode: number): Lowercase<string> {
  return `answers_${formatRcode(rcode)}_total`.toLowerCase() as Lowercase<string> // as: what toLowerCase gives for ASCII
}

const MOST_SHOWN = 20
/** These follow from the others. */
const FOLLOWING: ReadonlySet<number> = new Set([SOA.code, RRSIG.code, NSEC.code, NSEC3.code])
const UNMET: ReadonlySet<number> = new Set([RCODE.NXDOMAIN, RCODE.YXDOMAIN, RCODE.NXRRSET, RCODE.YXRRSET])
