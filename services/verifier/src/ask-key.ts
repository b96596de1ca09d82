// The resolver's answers as DKIM wants them. RFC 6376 §6.1.2
// Law: what could not be had, or is not validly signed where it should be, is a failure for now and never an absent key.

import type { NameAnswer } from '@scop/bottle/node'
import type { KeyAnswer } from '@scop/dkim'

export function keyAnswer(answer: NameAnswer<readonly Uint8Array[]>): KeyAnswer {
  switch (answer.kind) {
    case 'answer':
      return { kind: 'texts', texts: answer.value.map((text) => [text]) }
    case 'temporary':
      return { kind: 'temporary-failure' }
    case 'nodata':
    case 'nxdomain':
    case 'bad-name':
      return { kind: 'no-such-record' }
  }
}
