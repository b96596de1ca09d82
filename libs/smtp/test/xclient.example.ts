import { parseIpAddress } from '@scop/identifiers'
import { answer, type ReadyState, reply, type ServerExtension, type Step } from '@scop/smtp'

/** XCLIENT, as Postfix has it: a proxy in front of us tells whom it speaks for. */
export function xclient(isProxy: (address: string) => boolean): ServerExtension {
  const run = (state: ReadyState, argument: string): Step => {
    if (!isProxy(state.facts.client.address)) return answer(state, reply(550, '5.7.0', 'Not a proxy of ours'))
    const words = new Map(
      argument.split(' ').map((word) => [word.replace(/=.*/, '').toUpperCase(), word.replace(/.*=/, '')]),
    )
    const address = parseIpAddress((words.get('ADDR') ?? '').replace(/^IPV6:/i, ''))
    if (!address.ok) return answer(state, reply(501, '5.5.4', 'XCLIENT needs ADDR='))
    const client = { address: address.value, port: Number(words.get('PORT') ?? 0) }
    return answer(
      { name: 'fresh', facts: { ...state.facts, hello: undefined, client } },
      reply(220, undefined, 'Go on'),
    )
  }
  return {
    name: 'XCLIENT',
    offer: ({ client }) => (isProxy(client.address) ? 'XCLIENT ADDR PORT' : undefined),
    rows: { ready: { XCLIENT: run } },
  }
}
