// DKIM results as Authentication-Results writes them.            RFC 8601 §2.7.1 (policy: signed, and not acceptable), RFC 6008 §4 (header.b)

import type { SignatureResult } from '@scop/dkim'
import type { AuthenticationProperty, MethodResult } from '@scop/mime'

export const noSignature: MethodResult = { method: 'dkim', result: 'none', reason: 'no signature' }

/**
 * One for each signature, top first. `unreadable`: why other readers may show another message than was signed; a
 * signature that holds is then no pass. RFC 6376 §3.8, §8.15
 */
export function dkimResults(
  found: readonly SignatureResult[],
  unreadable: string | undefined,
): readonly MethodResult[] {
  return found.map((one): MethodResult => {
    const { signature, testing } = one
    const properties: AuthenticationProperty[] = []
    const property = (name: string, value: string): void => void properties.push({ type: 'header', name, value })
    if (signature !== undefined) {
      property('d', signature.domain)
      property('i', `${signature.auid.localPart}@${signature.auid.domain}`)
      property('s', signature.selector)
      property('a', signature.algorithm)
      property('b', signature.signature.toBase64().slice(0, B_CHARACTERS))
    }
    if (one.result === 'pass' && unreadable !== undefined)
      return { method: 'dkim', result: 'policy', reason: unreadable, properties }
    if (one.result === 'pass') return { method: 'dkim', result: 'pass', properties }
    // A domain that is only trying DKIM out must not be held to its failures. RFC 6376 §3.6.1
    const result = testing && one.result === 'fail' ? 'neutral' : one.result
    return { method: 'dkim', result, reason: one.failure.kind.replaceAll('-', ' '), properties }
  })
}

const B_CHARACTERS = 8 // enough to tell the signatures of one message apart
