// TSIG: signs and verifies messages as octets, before anything in them but the record itself is believed.
// RFC 8945 §4.3 (what is signed), §5.2 (order of checks), §5.3 (answers), §6 (algorithms)

import { createHmac, timingSafeEqual } from 'node:crypto'
import { err, ok, type Result } from '@scop/result'
import { CLASS, TSIG_ERROR } from './codes.ts'
import { equalNames, type Name, parseName, ROOT } from './name.ts'
import { TSIG, type TsigData } from './rr/tsig.ts'
import { type DecodeError, WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

export type TsigAlgorithm = 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512'

export type TsigKey = { readonly name: Name; readonly algorithm: TsigAlgorithm; readonly secret: Uint8Array }

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
}

export type VerifyOptions = {
  readonly now: number
  /** When an answer is verified: the MAC of the request. */
  readonly requestMac?: Uint8Array
  /** Shorter MACs are refused as BADTRUNC. Default: the whole MAC of the algorithm. RFC 8945 §5.2.2.1 */
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
  const error = options.error ?? TSIG_ERROR.NOERROR
  const unsigned: TsigData = {
    algorithm: ALGORITHMS[key.algorithm].name,
    timeSignedSeconds: options.now,
    fudgeSeconds: options.fudgeSeconds ?? 300,
    mac: EMPTY,
    originalId: ((octets[0] ?? 0) << 8) | (octets[1] ?? 0),
    error,
    other: error === TSIG_ERROR.BADTIME ? encodeTime(options.serverTime ?? options.now) : EMPTY,
  }
  const mac = computeMac(octets, key, unsigned, options.requestMac)
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
  if (key === undefined || !equalNames(ALGORITHMS[key.algorithm].name, data.algorithm)) {
    return err({ kind: 'bad-key', name, data })
  }
  const full = ALGORITHMS[key.algorithm].macOctets
  if (data.mac.length > full || (data.mac.length < Math.max(10, full / 2) && data.mac.length > 0)) {
    return err({ kind: 'bad-mac-length', data })
  }
  const expected = computeMac(withoutTsig(octets, offset, data.originalId), key, data, options.requestMac)
  // An empty MAC is an unsigned report of an error; it proves nothing.
  if (data.mac.length === 0 || !timingSafeEqual(expected.subarray(0, data.mac.length), data.mac)) {
    return err({ kind: 'bad-signature', name, data })
  }
  const verified: VerifiedTsig = { key, mac: data.mac, error: data.error, timeSignedSeconds: data.timeSignedSeconds }
  if (Math.abs(options.now - data.timeSignedSeconds) > data.fudgeSeconds)
    return err({ kind: 'bad-time', data, verified })
  if (data.mac.length < (options.minimumMacOctets ?? full)) return err({ kind: 'bad-truncation', data, verified })
  return ok(verified)
}

/** Octets that `signMessage` will add. */
export function tsigOctets(key: TsigKey): number {
  const { name, macOctets } = ALGORITHMS[key.algorithm]
  return key.name.octets.length + 10 + name.octets.length + 16 + macOctets + 6
}

/** Walks the records without reading their data; the last one must be the TSIG. */
function findTsig(
  octets: Uint8Array,
): Result<{ readonly name: Name; readonly data: TsigData; readonly offset: number }, TsigError> {
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
function withoutTsig(octets: Uint8Array, offset: number, originalId: number): Uint8Array {
  const before = new Uint8Array(octets.subarray(0, offset)) // not slice: a Buffer's is no copy
  const view = new DataView(before.buffer)
  view.setUint16(0, originalId)
  view.setUint16(10, view.getUint16(10) - 1)
  return before
}

function computeMac(octets: Uint8Array, key: TsigKey, data: TsigData, requestMac: Uint8Array | undefined): Uint8Array {
  const hmac = createHmac(ALGORITHMS[key.algorithm].hash, key.secret)
  if (requestMac !== undefined) {
    hmac.update(Uint8Array.of(requestMac.length >>> 8, requestMac.length))
    hmac.update(requestMac)
  }
  hmac.update(octets)
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
  return new Uint8Array(hmac.update(variables.finish()).digest())
}

function appendTsig(octets: Uint8Array, name: Name, data: TsigData): Uint8Array {
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
const ALGORITHMS: Readonly<
  Record<TsigAlgorithm, { readonly name: Name; readonly hash: string; readonly macOctets: number }>
> = {
  'hmac-sha256': { name: algorithmName('hmac-sha256'), hash: 'sha256', macOctets: 32 },
  'hmac-sha384': { name: algorithmName('hmac-sha384'), hash: 'sha384', macOctets: 48 },
  'hmac-sha512': { name: algorithmName('hmac-sha512'), hash: 'sha512', macOctets: 64 },
}
// todo RFC 8945 §5.3.1: a MAC over several messages, for zone transfers
