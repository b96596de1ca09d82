// Handlers: what a service answers to each operation of its contract, and who may ask.
// A request that does not have the contract's shape is refused before the handler sees it.

import { type Handler as PipeHandler, PipeRefusal } from '@scop/mesh/node'
import * as v from 'valibot'
import { CONTRACTS, type Operation, type Request, type Response, type Tail } from '../contracts.ts'
import { isRole, type Role, type ServiceName } from '../role.ts'

export type HandlerCall<N extends Handled, O extends Operation<N>> = {
  readonly peer: Role
  readonly trace: string
  readonly request: Request<N, O>
  readonly octets: AsyncIterable<Uint8Array>
  /** After the last octet. A message whose tail never came rejects: it is not a message. */
  readonly tail: () => Promise<Tail<N, O>>
  readonly signal: AbortSignal
}
export type HandlerAnswer<N extends Handled, O extends Operation<N>> = {
  readonly response: Response<N, O>
  readonly octets?: AsyncIterable<Uint8Array>
}
/** Throws `PipeRefusal` to refuse with a reason that the caller may read. */
export type Handler<N extends Handled, O extends Operation<N>> = (
  call: HandlerCall<N, O>,
) => Promise<HandlerAnswer<N, O>>

export type Handled = ServiceName | 'supervisor'
/** The runtime itself answers `health` and `metrics`. */
export type Handlers<N extends Handled> = { readonly [O in Exclude<Operation<N>, 'health' | 'metrics'>]: Handler<N, O> }

/** Wraps typed handlers as those of a pipe: parses, calls, answers. */
export function pipeHandlers(
  service: Handled,
  handlers: Readonly<Record<string, Handler<never, never>>>,
): Record<string, PipeHandler> {
  const contract: Readonly<Record<string, { request: v.GenericSchema; tail?: v.GenericSchema }>> = CONTRACTS[service]
  const wrapped: Record<string, PipeHandler> = {}
  for (const [operation, handler] of Object.entries(handlers)) {
    const row = contract[operation]
    if (row === undefined) throw new Error(`Cannot handle "${operation}": not in the contract of ${service}`)
    wrapped[operation] = async (raw) => {
      const { peer, trace, request, octets } = raw
      if (!isRole(peer)) throw new PipeRefusal('bad-request', 'unknown role')
      const call = {
        peer,
        trace,
        request: checked(row.request, request, operation),
        octets,
        tail: async () => checked(row.tail ?? v.undefined(), (await raw.tail()) ?? undefined, operation),
        // Asked for only when the handler does: making one costs more than many an answer.
        get signal() {
          return raw.signal
        },
      }
      return handler(call)
    }
  }
  return wrapped
}

function checked(schema: v.GenericSchema, value: unknown, operation: string): unknown {
  const parsed = v.safeParse(schema, value)
  if (parsed.success) return parsed.output
  throw new PipeRefusal(
    'bad-request',
    `${operation}: ${v.getDotPath(parsed.issues[0]) ?? ''} ${parsed.issues[0].message}`,
  )
}
