// Calls: the pipes that a service may use, typed by CONTRACTS and limited by its privileges.

import { connectPipe, type Identity, type Pipe, type PipeError } from '@scop/mesh/node'
import { err, ok, type Result } from '@scop/result'
import * as v from 'valibot'
import type { PipeAddress } from '../boot.ts'
import { type Callee, CONTRACTS, type Operation, type Request, type Response, type Tail } from '../contracts.ts'
import type { Edge } from '../privileges.ts'
import type { Role } from '../role.ts'

export type CallOptions<C extends Callee, O extends Operation<C>> = {
  readonly trace: string
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  readonly octets?: AsyncIterable<Uint8Array>
  /** Asked for when all octets have gone. */
  readonly tail?: () => Tail<C, O> | Promise<Tail<C, O>>
}

export type CallError = PipeError | { readonly kind: 'bad-response'; readonly reason: string }

export type PipeFacts = {
  readonly role: Role
  readonly tls: string
  readonly cipher: string
  /** The SPIFFE name in the peer's certificate. */
  readonly peer: string
  readonly since: number
}

export type Calls = {
  /** One call over the pipe to `callee`. The answer's shape has been checked against the contract. */
  call<C extends Callee, O extends Operation<C>>(
    callee: C,
    operation: O,
    request: Request<C, O>,
    options: CallOptions<C, O>,
  ): Promise<Result<{ readonly response: Response<C, O>; readonly octets: AsyncIterable<Uint8Array> }, CallError>>
  /** Our side of every pipe that is open. */
  facts(): readonly PipeFacts[]
  close(): Promise<void>
}

export type CallsOptions = {
  readonly bottle: string
  /** Read again for each new connection, so that a renewed certificate is used. */
  readonly identity: () => Identity
  readonly pipes: Readonly<Partial<Record<Role, PipeAddress>>>
  readonly calls: readonly Edge[]
}

export function createCalls(options: CallsOptions): Calls {
  const pipes = new Map<Role, Pipe>()
  const allowed = new Map(options.calls.map((edge) => [edge.role, new Set(edge.operations)]))
  const pipeTo = (callee: Role): Pipe => {
    const open = pipes.get(callee)
    if (open !== undefined) return open
    const to = options.pipes[callee]
    if (to === undefined) throw new Error(`Cannot call "${callee}": this bottle has no such pipe`)
    const pipe = connectPipe({ bottle: options.bottle, identity: options.identity, role: callee, to })
    pipes.set(callee, pipe)
    return pipe
  }
  return {
    call: async (
      callee,
      operation,
      request,
      { trace, signal, octets, tail, timeoutMs = octets === undefined ? CALL_MS : MESSAGE_MS },
    ) => {
      if (!allowed.get(callee)?.has(operation))
        throw new Error(`Cannot call ${callee}.${operation}: not in privileges.ts`)
      const answer = await pipeTo(callee).call(operation, {
        request,
        trace,
        timeoutMs,
        ...(signal && { signal }),
        ...(octets && { octets }),
        ...(tail && { tail }),
      })
      if (!answer.ok) return answer
      const checked = v.safeParse(responseSchema(callee, operation), answer.value.response)
      if (!checked.success)
        return err({ kind: 'bad-response', reason: `${callee}.${operation}: ${checked.issues[0].message}` })
      // as: CONTRACTS gives the schema and Response the type of the same row
      return ok({ response: checked.output as Response<typeof callee, typeof operation>, octets: answer.value.octets })
    },
    facts: () =>
      [...pipes].flatMap(([role, pipe]) => {
        const facts = pipe.facts()
        return facts === undefined ? [] : [{ role, ...facts }]
      }),
    close: async () => {
      await Promise.all([...pipes.values()].map((pipe) => pipe.close()))
    },
  }
}

function responseSchema(callee: Callee, operation: string): v.GenericSchema {
  // as: `operation` is one of this callee's, by the type of `call`; TypeScript does not correlate the two
  return (CONTRACTS[callee] as Record<string, { response: v.GenericSchema }>)[operation]?.response ?? v.never()
}

const CALL_MS = 60_000
/** A message takes as long as its sender takes: SMTP's own limits are the clock, and a pipe ends what stands still. */
const MESSAGE_MS = 4 * 3_600_000
