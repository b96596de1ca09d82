// Signs with whatever tags a test wants, also those our signer would never write.
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { parseHeaderSection } from '@scop/mime'
import { concatOctets, encodeAscii, encodeBase64, encodeLatin1 } from '@scop/octets'
import { expectOk } from '@scop/result'
import { BodyHasher } from '../src/body-hash.ts'
import { canonicalizeField, relaxValue, selectFields } from '../src/canonical-header.ts'
import { formatKeyRecord, type KeyAnswer, type SignatureResult, startVerifying } from '../src/index.ts'

export const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 })
export const ed25519 = generateKeyPairSync('ed25519')
export const NOW = 1_700_000_000

export const texts = (...records: readonly string[]): KeyAnswer => ({ kind: 'texts', texts: records })
export const answersOf = (name: string, answer: KeyAnswer): ReadonlyMap<string, KeyAnswer> => new Map([[name, answer]])

/** The message with a relaxed/relaxed signature of `tags` on top; `tags` lacks bh= and b=. */
export function forge(
  message: string,
  tags: string,
  options: { key?: KeyObject; bodyOctets?: number } = {},
): Uint8Array {
  const octets = encodeLatin1(message)
  const { header, bodyStart } = expectOk(parseHeaderSection(octets), 'read')
  const hasher = new BodyHasher('relaxed', options.bodyOctets)
  hasher.update(octets.subarray(bodyStart))
  const value = `${tags} bh=${encodeBase64(hasher.finish().digest)}; b=`
  const names =
    /(?:^|;)\s*h=([^;]*)/
      .exec(tags)?.[1]
      ?.split(':')
      .map((name) => name.trim().toLowerCase()) ?? []
  const covered = selectFields(header, names).map((field) => canonicalizeField(field, 'relaxed'))
  const signed = concatOctets([...covered, encodeAscii('dkim-signature:'), relaxValue(encodeLatin1(value))])
  const key = options.key ?? rsa.privateKey
  const signature =
    key.asymmetricKeyType === 'rsa'
      ? sign('sha256', signed, key)
      : sign(null, createHash('sha256').update(signed).digest(), key)
  return concatOctets([encodeLatin1(`DKIM-Signature:${value}${encodeBase64(signature)}\r\n`), octets])
}

/** Verifies a whole message; `answer` may be one for all names. */
export function verifyMessage(
  message: Uint8Array,
  answer: KeyAnswer | ReadonlyMap<string, KeyAnswer>,
  nowSeconds = NOW,
): readonly SignatureResult[] {
  const { header, bodyStart } = expectOk(parseHeaderSection(message), 'read')
  const verifying = startVerifying(header, { nowSeconds })
  verifying.update(message.subarray(bodyStart))
  const answers = 'kind' in answer ? new Map(verifying.keyNames.map((name) => [name, answer])) : answer
  return verifying.finish(answers)
}

/** `pass`, or `word kind`. */
export const verdict = (result: SignatureResult | undefined): string =>
  result === undefined ? 'none' : result.result === 'pass' ? 'pass' : `${result.result} ${result.failure.kind}`

export const rsaRecord: string = formatKeyRecord(rsa.publicKey)
export const ed25519Record: string = formatKeyRecord(ed25519.publicKey)

export const firstValue = (message: Uint8Array): Uint8Array => {
  const [field] = expectOk(parseHeaderSection(message), 'read').header.fields
  if (field === undefined) throw new Error('no field')
  return field.value
}
