// One question of a stub, and whether octets that came back are its answer.
// RFC 5452 §4 (what must match), RFC 1035 §4.1.1, RFC 6891 §6.2.5 (payload size), draft-vixie-dnsext-dns0x20 (mixed case)

import { equalOctets } from '@scop/octets'
import { CLASS } from './codes.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { decodeMessage, EMPTY_MESSAGE, encodeMessage, type Message } from './message.ts'
import { equalNames, Name } from './name.ts'

export type SentQuestion = {
  readonly octets: Uint8Array
  readonly id: number
  readonly name: Name
  readonly type: number
  /** Whether the case of the name was chosen at random, so that the answer must repeat it. */
  readonly mixedCase: boolean
}

/** `id` and `caseBits` come from a source that nobody can guess. Without `caseBits` the name goes as it is. */
export function encodeQuestion(
  id: number,
  name: Name,
  type: number,
  caseBits?: Uint8Array,
  limits: Limits = DEFAULT_LIMITS,
): SentQuestion {
  const asked = caseBits === undefined ? name : mixCase(name, caseBits)
  const { octets } = encodeMessage({
    ...EMPTY_MESSAGE,
    id,
    recursionDesired: true,
    questions: [{ name: asked, type, class: CLASS.IN }],
    edns: { udpOctets: limits.udpOctets, version: 0, dnssecOk: false, options: [] },
  })
  return { octets, id, name: asked, type, mixedCase: caseBits !== undefined }
}

/** The answer to `sent`; `undefined` for octets that are none and must not end the waiting. */
export function matchReply(
  sent: SentQuestion,
  octets: Uint8Array,
  limits: Limits = DEFAULT_LIMITS,
): Message | undefined {
  if (octets.length < 12 || (((octets[0] ?? 0) << 8) | (octets[1] ?? 0)) !== sent.id) return undefined
  const decoded = decodeMessage(octets, limits)
  if (!decoded.ok) return undefined
  const message = decoded.value
  const question = message.questions[0]
  if (!message.response || message.opcode !== 0 || message.questions.length > 1) return undefined
  // Servers that could not read the question need not repeat it.
  if (question === undefined) return message.rcode !== 0 ? message : undefined
  if (question.type !== sent.type || question.class !== CLASS.IN) return undefined
  const same = sent.mixedCase
    ? equalOctets(question.name.octets, sent.name.octets)
    : equalNames(question.name, sent.name)
  return same ? message : undefined
}

function mixCase(name: Name, caseBits: Uint8Array): Name {
  const octets = new Uint8Array(name.octets)
  for (let i = 0; i < octets.length; i++) {
    const lower = (octets[i] ?? 0) | 0x20
    if (lower < 0x61 || lower > 0x7a) continue
    octets[i] = ((caseBits[i >> 3] ?? 0) >> (i & 7)) & 1 ? lower & 0xdf : lower
  }
  return new Name(octets)
}
