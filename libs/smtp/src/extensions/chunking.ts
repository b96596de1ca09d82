// CHUNKING: content by count instead of by dot. A chunk is always read to its end, whatever becomes of it, so its octets
// never become commands. RFC 3030 §2 (BDAT), §4.2 (errors)

import { type Reply, reply } from '../reply.ts'
import { ContentReader } from '../content.ts'
import { faultReply, OUT_OF_ORDER } from '../reply-codes.ts'
import { beginReception, type Reception } from '../receive-message.ts'
import type { ServerExtension } from '../server-extension.ts'
import {
  type Action,
  answer,
  answerAndClose,
  type CommandState,
  type Context,
  type ExtensionState,
  type FreshState,
  type MailState,
  type ReadyState,
  type RecipientsState,
  type Step,
} from '../server-state.ts'

// todo RFC 3030 §3: BINARYMIME
// todo RFC 3030 §2: BDAT at the client
export const CHUNKING: ServerExtension = {
  name: 'CHUNKING',
  offer: () => 'CHUNKING',
  rows: {
    fresh: { BDAT: (state: FreshState, argument, context) => discard(state, argument, context) },
    ready: { BDAT: (state: ReadyState, argument, context) => discard(state, argument, context) },
    mail: { BDAT: (state: MailState, argument, context) => discard(state, argument, context) },
    recipients: {
      BDAT(state: RecipientsState, argument, context) {
        const chunk = parseChunk(argument)
        if (chunk === undefined) return answerAndClose(state, BAD_CHUNK)
        const reception = beginReception(state, context, 'count')
        return receive(state, chunk, reception, context, [reception.begin])
      },
    },
  },
}

type Chunk = { readonly octets: number; readonly last: boolean }

function receive(
  { facts }: CommandState,
  { octets, last }: Chunk,
  reception: Reception,
  context: Context,
  actions: readonly Action[],
): Step {
  const { reader, end } = reception
  const between: ExtensionState = {
    name: 'extension',
    facts,
    receiving: true,
    row: {
      BDAT(state, argument) {
        const chunk = parseChunk(argument)
        return chunk === undefined ? answerAndClose(state, BAD_CHUNK) : receive(state, chunk, reception, context, [])
      },
    },
  }
  const ended = (): Step => {
    if (last) {
      reader.end()
      return end()
    }
    const { fault } = reader
    // The transaction is over; chunks that follow are read and refused as out of order.
    if (fault !== undefined) return answer({ name: 'ready', facts }, faultReply(fault, context.limits))
    return answer(between, reply(250, '2.0.0', `${octets} octets received`))
  }
  return { state: { name: 'content', facts, reader, count: octets, receiving: true, ended }, actions }
}

/** No message to add it to: read and thrown away. */
function discard(state: CommandState, argument: string, { limits }: Context): Step {
  const chunk = parseChunk(argument)
  if (chunk === undefined) return answerAndClose(state, BAD_CHUNK)
  const most = limits.messageOctets + limits.discardedMessageOctets
  if (chunk.octets > most) return answerAndClose(state, faultReply('too-large', limits))
  const reader = new ContentReader(false, limits)
  const ended = (): Step => answer(state, state.name === 'mail' ? NO_RECIPIENTS_YET : OUT_OF_ORDER)
  return {
    state: { name: 'content', facts: state.facts, reader, count: chunk.octets, receiving: false, ended },
    actions: [],
  }
}

// bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ]; chunk-size = 1*DIGIT; end-marker = "LAST"
function parseChunk(argument: string): Chunk | undefined {
  const match = /^([0-9]{1,12})( LAST)?$/i.exec(argument)
  return match === null ? undefined : { octets: Number(match[1]), last: match[2] !== undefined }
}

/** How many octets follow is not known: the connection is closed. */
const BAD_CHUNK: Reply = reply(501, '5.5.4', 'BDAT needs a number of octets, and LAST or nothing')
const NO_RECIPIENTS_YET: Reply = reply(503, '5.5.1', 'No valid recipients')
