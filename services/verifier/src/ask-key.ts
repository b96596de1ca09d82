// The stub's answers as DKIM wants them. RFC 6376 §6.1.2

import type { KeyAnswer } from '@scop/dkim'
import type { Stub } from '@scop/dns/node'

export function askKeyOf(stub: Stub): (name: string) => Promise<KeyAnswer> {
  return async (name) => {
    const answer = await stub.txt(name)
    if (answer.ok) return { kind: 'texts', texts: answer.value.map((text) => [text]) }
    return { kind: answer.error.kind === 'temporary' ? 'temporary-failure' : 'no-such-record' }
  }
}
