// What a service may say to the supervisor. A service may have been taken over, so nothing else is listened to.

import type { FromService } from '@scop/bottle'

/** `undefined`: not one of the four sentences. */
export function readFromService(message: unknown): FromService | undefined {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return undefined
  const { kind } = message
  if (kind === 'hello' || kind === 'ready') return { kind }
  if (kind === 'certify' && 'publicKey' in message && isText(message.publicKey, KEY_CHARACTERS)) {
    return BASE64.test(message.publicKey) ? { kind, publicKey: message.publicKey } : undefined
  }
  if (kind === 'cannot-start' && 'reason' in message && isText(message.reason, REASON_CHARACTERS)) {
    return { kind, reason: message.reason }
  }
  return undefined
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value.length <= longest
}

const KEY_CHARACTERS = 1024
const REASON_CHARACTERS = 4096
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/
