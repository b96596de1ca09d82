// Sealing: what was seen of the message, a signature of it as it goes on, and a seal over the whole chain so far.
// RFC 8617 §5.1 (the sealer), §5.1.1 (what a seal covers), §5.1.2 (a chain that failed)

import { createHash, type KeyObject, sign } from 'node:crypto'
import { type Selector, SharedBodyHashers, type SigningAlgorithm, selectFields } from '@scop/dkim'
import type { DomainName } from '@scop/identifiers'
import { type Field, formatField, type HeaderSection, parseHeaderSection } from '@scop/mime'
import { concatOctets, encodeAscii, encodeBase64, encodeUtf8 } from '@scop/octets'
import { err, expectOk, ok, type Result } from '@scop/result'
import { readChain } from './chain.ts'
import { parseInstance } from './instance.ts'
import { ARC_LIMITS } from './limits.ts'
import type { ChainStatus } from './seal.ts'
import { sealedOctets, signedOctets } from './validate.ts'

export type SealingOptions = {
  readonly domain: DomainName
  readonly selector: Selector
  readonly algorithm: SigningAlgorithm
  /** RSA or Ed25519, as `algorithm` says. */
  readonly privateKey: KeyObject
  /** How the chain stood when the message came. */
  readonly status: ChainStatus
  /** authserv-id and results, as an Authentication-Results value. */
  readonly results: string
  /** Names for h=, in order; default `SEALED_FIELDS`, each as often as it occurs. */
  readonly signedFields?: readonly string[]
  /** Seconds since 1970. */
  readonly nowSeconds: number
}

export type SealingError =
  /** The newest seal says `fail`: nothing may be added to it. RFC 8617 §5.1.2 */
  | { readonly kind: 'failed-before' }
  | { readonly kind: 'too-many-sets'; readonly limit: number }
  /** `status` says that there is a chain that holds, or that there is none, and the header says otherwise. */
  | { readonly kind: 'status-does-not-fit' }
  | { readonly kind: 'bad-results' }

export type Sealing = {
  /** The body as it goes on, in any pieces. */
  update(chunk: Uint8Array): void
  /** The three fields with their line ends, to be put on top of the header: seal, signature, results. */
  finish(): readonly [seal: Uint8Array, messageSignature: Uint8Array, results: Uint8Array]
}

export const SEALED_FIELDS: readonly string[] = [
  'from',
  'to',
  'cc',
  'subject',
  'date',
  'message-id',
  'reply-to',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'list-id',
  'list-unsubscribe',
  'list-post',
  'dkim-signature',
]

/** `header`: the message's as it goes on. */
export function startSealing(header: HeaderSection, options: SealingOptions): Result<Sealing, SealingError> {
  const { status, domain, selector, algorithm, nowSeconds } = options
  const chain = readChain(header)
  const instance = highestInstance(header) + 1
  if (!chain.ok && chain.error.kind === 'failed-before') return err({ kind: 'failed-before' })
  if (instance > ARC_LIMITS.sets) return err({ kind: 'too-many-sets', limit: ARC_LIMITS.sets })
  const before = chain.ok ? chain.value : []
  if (status === 'none' ? instance > 1 : status === 'pass' && before.length === 0)
    return err({ kind: 'status-does-not-fit' })
  const results = formatField('ARC-Authentication-Results', `i=${instance}; ${options.results}`)
  if (!results.ok) return err({ kind: 'bad-results' })
  const hashers = new SharedBodyHashers()
  const body = hashers.for('relaxed')
  const signer = [
    ['d', domain],
    ['i', String(instance)],
    ['s', selector],
    ['t', String(nowSeconds)],
  ] as const
  return ok({
    update: (chunk) => hashers.update(chunk),
    finish: () => {
      const names = options.signedFields ?? occurring(header, SEALED_FIELDS)
      const signatureTags: readonly Tag[] = [
        ['a', algorithm],
        ['bh', encodeBase64(body.finish().digest)],
        ['c', 'relaxed/relaxed'],
        ['h', names.join(':')],
        ...signer,
      ]
      const covered = selectFields(
        header,
        names.map((name) => name.toLowerCase()),
      )
      const messageSignature = signField('ARC-Message-Signature', signatureTags, options, (value) =>
        signedOctets(covered, 'relaxed', { before: value, value }),
      )
      const own = {
        results: onlyField(results.value),
        messageSignature: onlyField(messageSignature),
        seal: onlyField(results.value),
      }
      // A chain that failed says nothing: only what is added can be vouched for. RFC 8617 §5.1.2
      const sets = status === 'fail' ? [{ fields: own }] : [...before, { fields: own }]
      const seal = signField('ARC-Seal', [['a', algorithm], ['cv', status], ...signer], options, (value) =>
        sealedOctets(sets, value),
      )
      return [seal, messageSignature, results.value]
    },
  })
}

type Tag = readonly [name: string, value: string]

/** Tags in the order of their names, b= among them; folded between tags. */
function signField(
  name: string,
  tags: readonly Tag[],
  { algorithm, privateKey }: SealingOptions,
  octetsToSign: (value: Uint8Array) => Uint8Array,
): Uint8Array {
  const write = (signature: string): Uint8Array => {
    const all = [...tags, ['b', signature] as const].toSorted(([a], [b]) => (a < b ? -1 : 1))
    return encodeAscii(` ${all.map(([tag, value]) => `${tag}=${value}`).join(';\r\n ')}\r\n`)
  }
  const octets = octetsToSign(write(''))
  const signature =
    algorithm === 'rsa-sha256'
      ? sign('sha256', octets, privateKey)
      : sign(null, createHash('sha256').update(octets).digest(), privateKey)
  // b= in one piece: a fold in it would be white space that the seal covers. RFC 8617's suite has it so.
  return concatOctets([encodeAscii(`${name}:`), write(encodeBase64(signature))])
}

/** Of the fields that say one, readable or not. */
function highestInstance(header: HeaderSection): number {
  let highest = 0
  for (const field of header.fields) {
    if (!field.name.toLowerCase().startsWith('arc-')) continue
    const instance = parseInstance(INSTANCE_TAG.exec(field.text)?.[1] ?? '')
    highest = Math.max(highest, instance ?? 0)
  }
  return highest
}

function occurring(header: HeaderSection, names: readonly string[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const { name } of header.fields) counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1)
  return names.flatMap((name) => Array.from({ length: counts.get(name) ?? 0 }, () => name))
}

function onlyField(octets: Uint8Array): Field {
  const { header } = expectOk(parseHeaderSection(concatOctets([octets, encodeUtf8('\r\n')])), 'read our own field')
  const [field] = header.fields
  if (field === undefined) throw new Error('Cannot find the field that was just written')
  return field
}

const INSTANCE_TAG = /(?:^|;)[ \t\r\n]{0,64}i[ \t\r\n]{0,64}=[ \t\r\n]{0,64}([0-9]{1,3})/
