// One mail of the corpus. It depends on nothing but seed, index and profile; the same on every machine, for ever.

import type { Entity } from '@scop/mime'
import { type HostileProduction, makeHostile } from './hostile.ts'
import { OctetWriter } from './octet-writer.ts'
import { Scribe } from './scribe.ts'
import type { Profile } from './weights.ts'
import { writeMessage } from './write-message.ts'

export type GeneratedMail = {
  readonly octets: Uint8Array
  /** What the octets mean, by the RFCs. */
  readonly entity: Entity
  /** How often each production was taken; those not taken are absent. */
  readonly productions: ReadonlyMap<string, number>
}

/** No RFC says what it means. */
export type HostileMail = {
  readonly octets: Uint8Array
  readonly entity: undefined
  readonly productions: ReadonlyMap<HostileProduction, number>
}

/** Changes when any octet of any mail does. */
export const GENERATOR_VERSION = '1'

/** `seed` and `index` are whole numbers from 0 to 2^53 - 1. `hostile` are mails of `grammar` with something broken. */
export function generateMail(seed: number, index: number, profile?: Profile): GeneratedMail
export function generateMail(seed: number, index: number, profile: 'hostile'): HostileMail
export function generateMail(
  seed: number,
  index: number,
  profile: Profile | 'hostile' = 'grammar',
): GeneratedMail | HostileMail {
  OUT.clear()
  const scribe = new Scribe(seed, index, profile === 'hostile' ? 'grammar' : profile, OUT)
  const entity = writeMessage(scribe, { parts: scribe.random.of(MOST_PARTS), depth: 0, writeMessage })
  const octets = OUT.copy()
  if (profile === 'hostile') return { ...makeHostile(scribe.random, octets), entity: undefined }
  return { octets, entity, productions: scribe.productions() }
}

/** Written over by each mail, copied before it is given out. */
const OUT = new OctetWriter()
const MOST_PARTS = [4, 6, 8, 12, 20, 30]
