// What a server says of itself in class CH: which of several it is, and what it runs. REFUSED where it says nothing.
// RFC 4892 §2 (id.server, the older hostname.bind and version.bind), §3 (nothing but what the operator has chosen)

import { encodeLatin1 } from '@scop/octets'
import { CLASS, RCODE } from './codes.ts'
import { type Message, responseTo } from './message.ts'
import { type Name, parseName, ROOT } from './name.ts'
import { encodeRdata } from './rdata.ts'
import { TXT } from './rr/txt.ts'
import { TYPE_ANY } from './type-names.ts'

/** Latin-1, at most 255 octets each. */
export type SelfDescription = {
  readonly version: string | undefined
  readonly identity: string | undefined
}

/** The data of the TXT record, if this name and type ask for one that there is. */
export function chaosRdata(name: Name, type: number, self: SelfDescription): Uint8Array | undefined {
  const asked = VERSION_KEYS.has(name.key) ? self.version : IDENTITY_KEYS.has(name.key) ? self.identity : undefined
  if (asked === undefined || (type !== TXT.code && type !== TYPE_ANY)) return undefined
  return encodeRdata(TXT, { strings: [encodeLatin1(asked)] })
}

/** The answer to a question of class CH. */
export function answerChaos(query: Message, self: SelfDescription | undefined): Message {
  const question = query.questions[0]
  const rdata =
    question === undefined || self === undefined ? undefined : chaosRdata(question.name, question.type, self)
  if (question === undefined || rdata === undefined) return responseTo(query, RCODE.REFUSED)
  const record = { name: question.name, type: TXT.code, class: CLASS.CH, ttlSeconds: 0, rdata }
  return { ...responseTo(query, RCODE.NOERROR), authoritative: true, answers: [record] }
}

function keysOf(...texts: string[]): ReadonlySet<string> {
  return new Set(
    texts.map((text) => {
      const name = parseName(text, ROOT)
      return name.ok ? name.value.key : ''
    }),
  )
}

const VERSION_KEYS = keysOf('version.bind', 'version.server')
const IDENTITY_KEYS = keysOf('hostname.bind', 'id.server')
