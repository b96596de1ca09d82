// BIMI assertion records, as evidence that a domain shows a mark: read, and nothing fetched.
// draft-brand-indicators-for-message-identification §4.2 (record), §4.3 (l=, a=)

import { type Selector, trimFws } from '@scop/dkim'
import type { DomainName } from '@scop/identifiers'
import { concatOctets, decodeLatin1 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { DMARC_LIMITS, type DmarcLimits } from './limits.ts'

export type BimiRecord = {
  /** l: where the mark is, https; undefined where the domain declines to have one. */
  readonly location: string | undefined
  /** a: where its certificate is, https. */
  readonly evidence: string | undefined
}

export type BimiError = {
  readonly kind: 'record-too-long' | 'not-a-bimi-record' | 'no-location' | 'bad-location' | 'bad-evidence'
}

/** Reads a record from its character-strings, joined or not. */
export function parseBimiRecord(
  from: string | readonly Uint8Array[],
  limits: DmarcLimits = DMARC_LIMITS,
): Result<BimiRecord, BimiError> {
  const text = typeof from === 'string' ? from : decodeLatin1(concatOctets(from))
  if (text.length > limits.recordCharacters) return err({ kind: 'record-too-long' })
  const [version = '', ...parts] = text.split(';', limits.recordTags + 1)
  if (!VERSION.test(version)) return err({ kind: 'not-a-bimi-record' })
  const tags = new Map<string, string>()
  for (const part of parts) {
    const equals = part.indexOf('=')
    const name = trimFws(part.slice(0, Math.max(equals, 0))).toLowerCase()
    if (equals > 0 && !tags.has(name)) tags.set(name, trimFws(part.slice(equals + 1)))
  }
  const [location, evidence] = [tags.get('l'), tags.get('a') ?? '']
  if (location === undefined) return err({ kind: 'no-location' })
  if (location !== '' && !HTTPS.test(location)) return err({ kind: 'bad-location' })
  if (evidence !== '' && !HTTPS.test(evidence)) return err({ kind: 'bad-evidence' })
  return ok({ location: location || undefined, evidence: evidence || undefined })
}

/** `v=BIMI1; l=…; a=…`, read back the same. */
export function formatBimiRecord({ location = '', evidence }: BimiRecord): string {
  return `v=BIMI1; l=${location}${evidence === undefined ? '' : `; a=${evidence}`}`
}

/** Where the record of a domain stands. */
export function bimiName(domain: DomainName, selector?: Selector): string {
  return `${selector ?? 'default'}._bimi.${domain}`
}

const VERSION = /^[vV][ \t]*=[ \t]*BIMI1[ \t]*$/
const HTTPS = /^https:\/\/[!-:<-~]{1,2000}$/i
