// Receiving one message: how it begins and how it ends, for DATA and for extensions that bring content another way.
// RFC 5321 §3.3 (a message is taken as a whole or not at all), §4.1.1.4

import { ContentReader, isStray } from './content.ts'
import { ContentRefused } from './content-error.ts'
import { faultReply } from './reply-codes.ts'
import { reply } from './reply.ts'
import {
  type Action,
  answerAndClose,
  type Context,
  type ReadyState,
  type RecipientsState,
  settle,
  type Step,
} from './server-state.ts'

/** One message on its way. Only a state with accepted recipients can make one. */
export type Reception = { readonly begin: Action; readonly reader: ContentReader; readonly end: () => Step }

export function beginReception(state: RecipientsState, context: Context, framing: 'dot' | 'count'): Reception {
  const { facts, transaction } = state
  const ready: ReadyState = { name: 'ready', facts }
  const reader = new ContentReader(framing === 'dot', context.limits)
  return {
    begin: { kind: 'begin-message', transaction, facts },
    reader,
    end() {
      const fault = reader.fault
      if (fault !== undefined) {
        const refusal = faultReply(fault, context.limits)
        // Who sent a stray CR or LF may disagree with us about where the message ended: nothing more is read.
        const step = framing === 'dot' && isStray(fault) ? answerAndClose(ready, refusal) : undefined
        const abort: Action = { kind: 'abort-message', error: new ContentRefused(fault) }
        return step === undefined
          ? { state: ready, actions: [abort, { kind: 'reply', reply: refusal }] }
          : { state: step.state, actions: [abort, ...step.actions] }
      }
      return {
        state: { name: 'asking', facts },
        actions: [{ kind: 'end-message', answered: (verdict) => settle(verdict, ready, RECEIVED, ready) }],
      }
    },
  }
}

const RECEIVED = reply(250, '2.0.0', 'Message accepted')
