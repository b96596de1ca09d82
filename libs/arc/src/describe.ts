// Why a chain does not hold, in words, and the result as Authentication-Results writes it.      RFC 8601 §2.7, RFC 8617 §4.1.1

import type { MethodResult } from '@scop/mime'
import type { ArcFailure, ChainResult } from './validate.ts'

/** One sentence without its full stop. */
export function describeArcFailure(failure: ArcFailure): string {
  switch (failure.kind) {
    case 'too-many-sets':
      return `more than ${failure.limit} sets`
    case 'bad-field': {
      const tag = 'tag' in failure.error ? ` "${failure.error.tag}"` : ''
      return `Cannot read ${failure.field}: ${words(failure.error.kind)}${tag}`
    }
    case 'field-twice':
      return `${failure.field} of set ${failure.instance} occurs twice`
    case 'field-missing':
      return `${failure.field} of set ${failure.instance} is missing`
    case 'failed-before':
      return `the sealer of set ${failure.instance} found the chain broken`
    case 'wrong-chain-status':
      return `set ${failure.instance} says cv=${failure.status}`
    case 'bad-key':
      return `key of set ${failure.instance}: ${words(failure.failure.kind)}`
    case 'seal-wrong':
    case 'message-signature-wrong':
    case 'body-changed':
    case 'body-partly-signed':
      return `${words(failure.kind)} at set ${failure.instance}`
  }
}

export function arcResult(result: ChainResult): MethodResult {
  if (result.status === 'none') return { method: 'arc', result: 'none' }
  if (result.status !== 'pass')
    return { method: 'arc', result: result.status, reason: describeArcFailure(result.failure) }
  const newest = result.sets.at(-1)
  return {
    method: 'arc',
    result: 'pass',
    properties: [
      { type: 'header', name: 'oldest-pass', value: String(result.oldestPass) },
      ...(newest === undefined ? [] : [{ type: 'header', name: 'd', value: newest.seal.domain } as const]),
    ],
  }
}

const words = (kind: string): string => kind.replaceAll('-', ' ')
