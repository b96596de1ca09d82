// One question to one server, and whether octets that came back are its answer.
// RFC 5452 §4 (what must match), RFC 1035 §4.1.1, RFC 6891 §6.2.5 (payload size)

import { CLASS } from './codes.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { decodeMessage, EMPTY_MESSAGE, encodeMessage, type Message } from './message.ts'
import { equalNames, type Name } from './name.ts'

export type SentQuestion = {
  readonly octets: Uint8Array
  readonly id: number
  readonly name: Name
  readonly type: number
}

export type QuestionFlags = {
  /** RD; default true. */
  readonly recursionDesired?: boolean
  /** DO: signatures too. Default false. */
  readonly dnssecOk?: boolean
  /** CD: what validation refuses too. Default false. */
  readonly checkingDisabled?: boolean
}

/** `id` comes from a source that nobody can guess. */
export function encodeQuestion(
  id: number,
  name: Name,
  type: number,
  { recursionDesired = true, dnssecOk = false, checkingDisabled = false }: QuestionFlags = {},
  limits: Limits = DEFAULT_LIMITS,
): SentQuestion {
  const { octets } = encodeMessage({
    ...EMPTY_MESSAGE,
    id,
    recursionDesired,
    checkingDisabled,
    questions: [{ name, type, class: CLASS.IN }],
    edns: { udpOctets: limits.udpOctets, version: 0, dnssecOk, options: [] },
  })
  return { octets, id, name, type }
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
  return equalNames(question.name, sent.name) ? message : undefined
}
