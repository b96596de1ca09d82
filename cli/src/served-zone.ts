// A zone of the running bottle, as text.

import { Failure } from './failure.ts'
import type { RunningBottle } from './running-bottle.ts'
import { readAll } from './terminal.ts'

/** The text of a zone's records, and the serial of their version; throws `Failure` if there is no such zone. */
export async function readZone(
  bottle: RunningBottle,
  zone: string,
  records: 'own' | 'all',
): Promise<{ readonly serial: number; readonly text: string }> {
  const { response, octets } = await bottle.exchange('dns-primary', 'show-zone', { zone, records })
  const text = (await readAll(octets, MAX_OCTETS)).toString('latin1')
  if (response.serial !== undefined) return { serial: response.serial, text }
  throw new Failure('no-such-zone', `There is no zone ${zone}`, { next: 'scop dns zone list' })
}

const MAX_OCTETS = 1024 * 1024 * 1024
