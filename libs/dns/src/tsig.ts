// TSIG: signs and verifies messages as octets, before anything in them but the record itself is believed.
// RFC 8945 §4.3 (what is signed), §5.2 (order of checks), §5.3 (answers), §6 (algorithms)

import { createHmac, type Hmac, timingSafeEqual } from 'node:crypto'
import { err, ok, type Result } from '@scop/result'
import { CLASS, TSIG_ERROR } from './codes.ts'
import { equalNames, type Name, parseName, ROOT } from './name.ts'
import { TSIG, type TsigData } from './rr/tsig.ts'
import { type DecodeError, WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

/** SHA-1 only because others still have such keys; MD5 is not among them. RFC 8945 §6 */
export type TsigAlgorithm =
  | 'hmac-sha1'
  | 'hmac-sha224'
  | 'hmac-sha256'
  | 'hmac-sha256-128'
  | 'hmac-sha384'
  | 'hmac-sha384-192'
  | 'hmac-sha512'
  | 'hmac-sha512-256'

export type TsigKey = {
  readonly name: Name
  readonly algorithm: TsigAlgorithm
  readonly secret: Uint8Array
  /** Shorter MACs are refused as BADTRUNC. Default: the whole MAC of the algorithm. RFC 8945 §5.2.2.1 */
  readonly minimumMacOctets?: number
}

export type SignOptions = {
  /** Seconds since 1970. */
  readonly now: number
  /** Default 300. */
  readonly fudgeSeconds?: number
  /** In an answer: the MAC of the request. */
  readonly requestMac?: Uint8Array
  /** In an answer: what was wrong. */
  readonly error?: number
  /** In a BADTIME answer: our own time, which goes into the other data, while `now` is the request's. RFC 8945 §5.2.3 */
  readonly serverTime?: number
  /** Sends the MAC cut to so many octets. */
  readonly macOctets?: number
}

export type VerifyOptions = {
  readonly now: number
  /** When an answer is verified: the MAC of the request. */
  readonly requestMac?: Uint8Array
  /** Default: what the key says. */
  readonly minimumMacOctets?: number
}

export type VerifiedTsig = {
  readonly key: TsigKey
  readonly mac: Uint8Array
  /** The TSIG error that the sender reports; 0 if none. */
  readonly error: number
  readonly timeSignedSeconds: number
}

export type TsigError =
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'malformed'; readonly error: DecodeError }
  /** The rest of what an answer to the sender needs stands beside the kind. */
  | { readonly kind: 'bad-key' | 'bad-signature'; readonly name: Name; readonly data: TsigData }
  | { readonly kind: 'bad-time' | 'bad-truncation'; readonly data: TsigData; readonly verified: VerifiedTsig }
  /** A MAC longer than the algorithm's, or shorter than any may be. RFC 8945 §5.2.2.1 */
  | { readonly kind: 'bad-mac-length'; readonly data: TsigData }

/** Adds a TSIG record to an encoded message, which has none. */
export function signMessage(
  octets: Uint8Array,
  key: TsigKey,
  options: SignOptions,
): { readonly octets: Uint8Array; readonly mac: Uint8Array } {
  const unsigned = unsignedTsig(octets, key, options)
  const whole = finishMac(startMac(key, options.requestMac).update(octets).update(variablesOf(key, unsigned)), key)
  const mac = whole.subarray(0, options.macOctets ?? whole.length)
  return { octets: appendTsig(octets, key.name, { ...unsigned, mac }), mac }
}

/** Adds the unsigned TSIG that answers BADKEY and BADSIG. RFC 8945 §5.3.2 */
export function appendTsigError(octets: Uint8Array, name: Name, request: TsigData, error: number): Uint8Array {
  return appendTsig(octets, name, { ...request, mac: EMPTY, error, other: EMPTY })
}

/** Checks the TSIG record at the end of a message: key, MAC, time, truncation, in this order. */
export function verifyMessage(
  octets: Uint8Array,
  keys: readonly TsigKey[],
  options: VerifyOptions,
): Result<VerifiedTsig, TsigError> {
  const found = findTsig(octets)
  if (!found.ok) return found
  const { name, data, offset } = found.value
  const key = keys.find((each) => equalNames(each.name, name))
  if (key === undefined) return err({ kind: 'bad-key', name, data })
  const digest = startMac(key, options.requestMac).update(withoutTsig(octets, offset, data.originalId))
  return checkTsig(found.value, key, digest.update(variablesOf(key, data)), options)
}

/** Judges the TSIG record of a message against the digest of what it signs. */
export function checkTsig(
  { name, data }: FoundTsig,
  key: TsigKey,
  digest: Hmac,
  options: VerifyOptions,
): Result<VerifiedTsig, TsigError> {
  const { name: algorithm, macOctets } = ALGORITHMS[key.algorithm]
  if (!equalNames(key.name, name) || !equalNames(algorithm, data.algorithm)) return err({ kind: 'bad-key', name, data })
  const length = data.mac.length
  if (length > macOctets || (length < tsigLengths(key.algorithm).leastMacOctets && length > 0)) {
    return err({ kind: 'bad-mac-length', data })
  }
  const expected = finishMac(digest, key)
  // An empty MAC is an unsigned report of an error; it proves nothing.
  if (length === 0 || !timingSafeEqual(expected.subarray(0, length), data.mac)) {
    return err({ kind: 'bad-signature', name, data })
  }
  const verified: VerifiedTsig = { key, mac: data.mac, error: data.error, timeSignedSeconds: data.timeSignedSeconds }
  if (Math.abs(options.now - data.timeSignedSeconds) > data.fudgeSeconds)
    return err({ kind: 'bad-time', data, verified })
  const minimum = Math.min(options.minimumMacOctets ?? key.minimumMacOctets ?? macOctets, macOctets)
  return length < minimum ? err({ kind: 'bad-truncation', data, verified }) : ok(verified)
}

/** What our TSIG record will say, without its MAC. */
export function unsignedTsig(octets: Uint8Array, key: TsigKey, options: SignOptions): TsigData {
  const error = options.error ?? TSIG_ERROR.NOERROR
  return {
    algorithm: ALGORITHMS[key.algorithm].name,
    timeSignedSeconds: options.now,
    fudgeSeconds: options.fudgeSeconds ?? 300,
    mac: EMPTY,
    originalId: ((octets[0] ?? 0) << 8) | (octets[1] ?? 0),
    error,
    other: error === TSIG_ERROR.BADTIME ? encodeTime(options.serverTime ?? options.now) : EMPTY,
  }
}

/** In octets: the hash, than which a secret should not be shorter (§6); the whole MAC, and the shortest that any may be (§5.2.2.1). */
export function tsigLengths(algorithm: TsigAlgorithm): {
  readonly hashOctets: number
  readonly macOctets: number
  readonly leastMacOctets: number
} {
  const { hashOctets, macOctets } = ALGORITHMS[algorithm]
  return { hashOctets, macOctets, leastMacOctets: Math.max(10, hashOctets / 2) }
}

/** Octets that `signMessage` will add. */
export function tsigOctets(key: TsigKey): number {
  const { name, macOctets } = ALGORITHMS[key.algorithm]
  return key.name.octets.length + 10 + name.octets.length + 16 + macOctets + 6
}

/** A TSIG record, and where in its message it begins. */
export type FoundTsig = { readonly name: Name; readonly data: TsigData; readonly offset: number }

/** Walks the records without reading their data; the last one must be the TSIG. */
export function findTsig(octets: Uint8Array): Result<FoundTsig, TsigError> {
  const reader = new WireReader(octets, 4, octets.length, 8 * octets.length + 1024)
  const counts = [reader.u16(), reader.u16(), reader.u16(), reader.u16()] as const
  for (let i = 0; i < counts[0] && reader.error === undefined; i++) {
    reader.skipName()
    reader.take(4)
  }
  const records = counts[1] + counts[2] + counts[3]
  for (let i = 1; i <= records && reader.error === undefined; i++) {
    const offset = reader.position
    if (i < records || counts[3] === 0) {
      reader.skipName()
      reader.take(8)
      reader.take(reader.u16())
      continue
    }
    const name = reader.name()
    if (reader.u16() !== TSIG.code) break
    const [klass, ttl, length] = [reader.u16(), reader.u32(), reader.u16()]
    if (length !== reader.left || klass !== CLASS.ANY || ttl !== 0) reader.fail('tsig-misplaced', offset)
    const data = TSIG.read(reader)
    if (reader.left > 0) reader.fail('rdata-too-long')
    if (reader.error === undefined) return ok({ name, data, offset })
  }
  return err(reader.error === undefined ? { kind: 'unsigned' } : { kind: 'malformed', error: reader.error })
}

/** The message as it was before the TSIG record: count one less, the original ID. RFC 8945 §4.3.2 */
export function withoutTsig(octets: Uint8Array, offset: number, originalId: number): Uint8Array {
  const before = new Uint8Array(octets.subarray(0, offset)) // not slice: a Buffer's is no copy
  const view = new DataView(before.buffer)
  view.setUint16(0, originalId)
  view.setUint16(10, view.getUint16(10) - 1)
  return before
}

/** A digest that begins with the MAC before, if there is one. RFC 8945 §4.3.1, §5.3.1 */
export function startMac(key: TsigKey, before: Uint8Array | undefined): Hmac {
  const hmac = createHmac(ALGORITHMS[key.algorithm].hash, key.secret)
  if (before === undefined) return hmac
  return hmac.update(Uint8Array.of(before.length >>> 8, before.length)).update(before)
}

export function finishMac(digest: Hmac, key: TsigKey): Uint8Array {
  return new Uint8Array(digest.digest()).subarray(0, ALGORITHMS[key.algorithm].macOctets)
}

/** RFC 8945 §4.3.3 */
function variablesOf(key: TsigKey, data: TsigData): Uint8Array {
  const variables = new WireWriter('canonical')
  variables.uncompressedName(key.name)
  variables.u16(CLASS.ANY)
  variables.u32(0)
  variables.uncompressedName(ALGORITHMS[key.algorithm].name)
  variables.u48(data.timeSignedSeconds)
  variables.u16(data.fudgeSeconds)
  variables.u16(data.error)
  variables.u16(data.other.length)
  variables.write(data.other)
  return variables.finish()
}

export function appendTsig(octets: Uint8Array, name: Name, data: TsigData): Uint8Array {
  const writer = new WireWriter('plain', 0, octets.length + 512)
  writer.write(octets)
  writer.setU16(10, (((octets[10] ?? 0) << 8) | (octets[11] ?? 0)) + 1)
  writer.uncompressedName(name)
  writer.u16(TSIG.code)
  writer.u16(CLASS.ANY)
  writer.u32(0)
  writer.lengthPrefixed(() => TSIG.write(writer, data))
  return writer.finish()
}

function encodeTime(seconds: number): Uint8Array {
  const writer = new WireWriter('plain', 0, 6)
  writer.u48(seconds)
  return writer.finish()
}

function algorithmName(text: string): Name {
  const name = parseName(text, ROOT)
  if (!name.ok) throw new Error(`Cannot read algorithm name "${text}"`)
  return name.value
}

const EMPTY = new Uint8Array(0)
type Algorithm = {
  readonly name: Name
  readonly hash: string
  readonly hashOctets: number
  readonly macOctets: number
}
const algorithm = (name: TsigAlgorithm, hash: string, hashOctets: number, macOctets = hashOctets): Algorithm => ({
  name: algorithmName(name),
  hash,
  hashOctets,
  macOctets,
})
const ALGORITHMS: Readonly<Record<TsigAlgorithm, Algorithm>> = {
  'hmac-sha1': algorithm('hmac-sha1', 'sha1', 20),
  'hmac-sha224': algorithm('hmac-sha224', 'sha224', 28),
  'hmac-sha256': algorithm('hmac-sha256', 'sha256', 32),
  'hmac-sha256-128': algorithm('hmac-sha256-128', 'sha256', 32, 16),
  'hmac-sha384': algorithm('hmac-sha384', 'sha384', 48),
  'hmac-sha384-192': algorithm('hmac-sha384-192', 'sha384', 48, 24),
  'hmac-sha512': algorithm('hmac-sha512', 'sha512', 64),
  'hmac-sha512-256': algorithm('hmac-sha512-256', 'sha512', 64, 32),
}
