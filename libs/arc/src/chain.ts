// The sets of a message, gathered from its header: three fields of each instance, none missing, none twice.
// RFC 8617 §4.2 (sets), §5.2 steps 1 to 3 (structure)

import type { Field, HeaderSection } from '@scop/mime'
import { err, ok, type Result } from '@scop/result'
import { ARC_LIMITS, type ArcLimits } from './limits.ts'
import { type MessageSignature, type MessageSignatureError, parseMessageSignature } from './message-signature.ts'
import { type ChainStatus, parseSeal, type Seal, type SealError } from './seal.ts'
import { parseSealedResults, type SealedResults, type SealedResultsError } from './sealed-results.ts'

export type ArcSet = {
  readonly instance: number
  readonly results: SealedResults
  readonly messageSignature: MessageSignature
  readonly seal: Seal
  readonly fields: { readonly results: Field; readonly messageSignature: Field; readonly seal: Field }
}

export type SetFieldName = 'ARC-Authentication-Results' | 'ARC-Message-Signature' | 'ARC-Seal'

export type ChainError =
  | { readonly kind: 'too-many-sets'; readonly limit: number }
  | {
      readonly kind: 'bad-field'
      readonly field: SetFieldName
      readonly error: SealedResultsError | MessageSignatureError | SealError
    }
  | { readonly kind: 'field-twice' | 'field-missing'; readonly field: SetFieldName; readonly instance: number }
  /** The newest sealer found the chain broken. */
  | { readonly kind: 'failed-before'; readonly instance: number }
  /** The first is `none`, every later one `pass`. */
  | { readonly kind: 'wrong-chain-status'; readonly instance: number; readonly status: ChainStatus }

/** The oldest set first; empty where the message has no ARC field. */
export function readChain(
  header: HeaderSection,
  limits: ArcLimits = ARC_LIMITS,
): Result<readonly ArcSet[], ChainError> {
  const results = new Map<number, readonly [Field, SealedResults]>()
  const signatures = new Map<number, readonly [Field, MessageSignature]>()
  const seals = new Map<number, readonly [Field, Seal]>()
  let count = 0
  for (const field of header.fields) {
    const name = NAMES.get(field.name.toLowerCase())
    if (name === undefined) continue
    if (++count > limits.sets * 3) return err({ kind: 'too-many-sets', limit: limits.sets })
    const placed =
      name === 'ARC-Seal'
        ? place(seals, name, field, parseSeal(field.value, limits))
        : name === 'ARC-Message-Signature'
          ? place(signatures, name, field, parseMessageSignature(field.value, limits))
          : place(results, name, field, parseSealedResults(field.value))
    if (placed !== undefined) return err(placed)
  }
  const length = Math.max(0, ...results.keys(), ...signatures.keys(), ...seals.keys())
  if (length > limits.sets) return err({ kind: 'too-many-sets', limit: limits.sets })
  const sets: ArcSet[] = []
  for (let instance = 1; instance <= length; instance++) {
    const missing = (field: SetFieldName): Result<never, ChainError> => err({ kind: 'field-missing', field, instance })
    const [resultsField, read] = results.get(instance) ?? []
    const [signatureField, messageSignature] = signatures.get(instance) ?? []
    const [sealField, seal] = seals.get(instance) ?? []
    if (resultsField === undefined || read === undefined) return missing('ARC-Authentication-Results')
    if (signatureField === undefined || messageSignature === undefined) return missing('ARC-Message-Signature')
    if (sealField === undefined || seal === undefined) return missing('ARC-Seal')
    const fields = { results: resultsField, messageSignature: signatureField, seal: sealField }
    sets.push({ instance, results: read, messageSignature, seal, fields })
  }
  const wrong = checkStatuses(sets)
  return wrong === undefined ? ok(sets) : err(wrong)
}

function place<T extends { readonly instance: number }>(
  known: Map<number, readonly [Field, T]>,
  name: SetFieldName,
  field: Field,
  read: Result<T, SealedResultsError | MessageSignatureError | SealError>,
): ChainError | undefined {
  if (!read.ok) return { kind: 'bad-field', field: name, error: read.error }
  const { instance } = read.value
  if (known.has(instance)) return { kind: 'field-twice', field: name, instance }
  known.set(instance, [field, read.value])
  return undefined
}

function checkStatuses(sets: readonly ArcSet[]): ChainError | undefined {
  const newest = sets.at(-1)
  if (newest?.seal.chainStatus === 'fail') return { kind: 'failed-before', instance: newest.instance }
  for (const { instance, seal } of sets) {
    const status = seal.chainStatus
    if (status !== (instance === 1 ? 'none' : 'pass')) return { kind: 'wrong-chain-status', instance, status }
  }
  return undefined
}

const NAMES: ReadonlyMap<string, SetFieldName> = new Map([
  ['arc-authentication-results', 'ARC-Authentication-Results'],
  ['arc-message-signature', 'ARC-Message-Signature'],
  ['arc-seal', 'ARC-Seal'],
])
