// Reports out of gzip and zip, and into gzip. Law: what unfolds past the limit is stopped there, not afterwards.
// RFC 1952 (gzip), RFC 1951 (deflate); RFC 9990 §7

import { crc32, gzipSync, inflateRawSync } from 'node:zlib'
import { concatOctets } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { REPORT_LIMITS, type ReportLimits } from '../limits.ts'
import type { Unfold } from '../read-report.ts'
import { readZip, type UnfoldError } from '../zip.ts'

/** By what the octets begin with, whatever they are called; what is neither gzip nor zip is itself. Quirk: gzip in gzip. */
export function unfold(octets: Uint8Array, limits: ReportLimits = REPORT_LIMITS): ReturnType<Unfold> {
  return unfoldAgain(octets, limits, limits.folds)
}

/** For `formatReportMail`. */
export function fold(octets: Uint8Array): Uint8Array {
  return gzipSync(octets)
}

function unfoldAgain(
  octets: Uint8Array,
  limits: ReportLimits,
  left: number,
): Result<readonly Uint8Array[], UnfoldError> {
  const [first, second, third, fourth] = octets
  const isGzip = first === 0x1f && second === 0x8b
  const isZip = first === 0x50 && second === 0x4b && third === 0x03 && fourth === 0x04
  if (!isGzip && !isZip) return ok([octets])
  if (left === 0) return err({ kind: 'folded-too-often', limit: limits.folds })
  const inside = isGzip ? gunzip(octets, limits) : readZip(octets, inflate, limits)
  if (!inside.ok) return inside
  const documents: Uint8Array[] = []
  let total = 0
  for (const one of inside.value) {
    const unfolded = unfoldAgain(one, limits, left - 1)
    if (!unfolded.ok) return unfolded
    documents.push(...unfolded.value)
    total += unfolded.value.reduce((sum, { length }) => sum + length, 0)
    if (total > limits.reportOctets) return err({ kind: 'unfolds-too-far', limit: limits.reportOctets })
  }
  return ok(documents)
}

/**
 * Every member, one behind the other; what stands behind the last and begins no other is passed over.
 * Quirk: a line end behind the member (Mimecast), which the runtime's own gunzip refuses.
 */
function gunzip(octets: Uint8Array, { reportOctets: limit }: ReportLimits): Result<readonly Uint8Array[], UnfoldError> {
  const members: Uint8Array[] = []
  let left = limit
  for (let at = 0; octets[at] === 0x1f && octets[at + 1] === 0x8b; ) {
    if (left === 0 || members.length === MAX_MEMBERS) return err({ kind: 'unfolds-too-far', limit })
    const start = endOfMemberHeader(octets, at)
    if (start === undefined) return err({ kind: 'bad-gzip' })
    const member = bounded(() => inflateMember(octets.subarray(start), left), limit, 'bad-gzip')
    if (!member.ok) return member
    const trailer = start + member.value.used
    if (trailer + TRAILER > octets.length) return err({ kind: 'bad-gzip' })
    const view = new DataView(octets.buffer, octets.byteOffset + trailer, TRAILER)
    const { inflated } = member.value
    if (view.getUint32(0, true) !== crc32(inflated) || view.getUint32(4, true) !== inflated.length)
      return err({ kind: 'bad-gzip' })
    members.push(inflated)
    left -= inflated.length
    at = trailer + TRAILER
  }
  return ok([concatOctets(members)])
}

// member = ID1 ID2 CM FLG MTIME XFL OS [extra] [name] [comment] [crc16] blocks crc32 isize      RFC 1952 §2.3
function endOfMemberHeader(octets: Uint8Array, start: number): number | undefined {
  const flags = octets[start + 3]
  if (octets[start + 2] !== DEFLATE || flags === undefined) return undefined
  let at = start + 10
  if ((flags & FEXTRA) !== 0) at += 2 + (octets[at] ?? 0) + ((octets[at + 1] ?? 0) << 8)
  for (const flag of [FNAME, FCOMMENT]) {
    if ((flags & flag) === 0) continue
    const zero = octets.indexOf(0, at)
    if (zero < 0) return undefined
    at = zero + 1
  }
  if ((flags & FHCRC) !== 0) at += 2
  return at < octets.length ? at : undefined
}

function inflateMember(deflated: Uint8Array, limit: number): { readonly inflated: Uint8Array; readonly used: number } {
  const found: unknown = inflateRawSync(deflated, { maxOutputLength: limit, info: true })
  if (!hasEngine(found)) throw new Error('Cannot inflate: the runtime does not say how much it read')
  return { inflated: found.buffer, used: found.engine.bytesWritten }
}

/** What the runtime answers with `info`; its types do not say so. */
function hasEngine(
  found: unknown,
): found is { readonly buffer: Uint8Array; readonly engine: { readonly bytesWritten: number } } {
  return typeof found === 'object' && found !== null && 'engine' in found && 'buffer' in found
}

function inflate(deflated: Uint8Array, limit: number): Result<Uint8Array, UnfoldError> {
  if (limit === 0) return err({ kind: 'unfolds-too-far', limit })
  return bounded(() => inflateRawSync(deflated, { maxOutputLength: limit }), limit, 'bad-zip')
}

function bounded<T>(work: () => T, limit: number, otherwise: 'bad-gzip' | 'bad-zip'): Result<T, UnfoldError> {
  try {
    return ok(work())
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
    if (code === 'ERR_BUFFER_TOO_LARGE') return err({ kind: 'unfolds-too-far', limit })
    if (code.startsWith('Z_')) return err({ kind: otherwise })
    throw cause
  }
}

const MAX_MEMBERS = 1000 // an empty one costs as much as a full one
const TRAILER = 8
const DEFLATE = 8
const FHCRC = 0x02
const FEXTRA = 0x04
const FNAME = 0x08
const FCOMMENT = 0x10
