// Contracts: every operation that can cross a pipe, with the shape of its request, its tail and its answer.
// Both ends check against this table, so neither trusts the other's types.
//
// A message travels as: head (the request), octets (the message as it was received), tail (header fields
// to stand above those octets, known only when all octets have been seen: a signature, a verdict).

import type * as v from 'valibot'
import { COMMON } from './contract-shapes.ts'
import { DIRECTORY_CONTRACT } from './directory-contract.ts'
import { DNS_PRIMARY_CONTRACT } from './dns-primary-contract.ts'
import { DNS_RESOLVER_CONTRACT } from './dns-resolver-contract.ts'
import { MAILBOX_CONTRACT } from './mailbox-contract.ts'
import { RECEIVER_CONTRACT } from './receiver-contract.ts'
import { RELAY_CONTRACT } from './relay-contract.ts'
import { SIGNER_CONTRACT } from './signer-contract.ts'
import { SUPERVISOR_CONTRACT } from './supervisor-contract.ts'
import { VERIFIER_CONTRACT } from './verifier-contract.ts'

export const CONTRACTS = {
  directory: DIRECTORY_CONTRACT,
  signer: SIGNER_CONTRACT,
  relay: RELAY_CONTRACT,
  verifier: VERIFIER_CONTRACT,
  mailbox: MAILBOX_CONTRACT,
  'dns-primary': DNS_PRIMARY_CONTRACT,
  'dns-resolver': DNS_RESOLVER_CONTRACT,
  submission: { ...COMMON },
  receiver: RECEIVER_CONTRACT,
  supervisor: SUPERVISOR_CONTRACT,
} as const

export type Contracts = typeof CONTRACTS
export type Callee = keyof Contracts
export type Operation<C extends Callee> = keyof Contracts[C] & string
type Shape<C extends Callee, O extends Operation<C>> = Contracts[C][O] extends {
  readonly request: infer Req extends v.GenericSchema
  readonly response: infer Res extends v.GenericSchema
}
  ? { request: v.InferOutput<Req>; response: v.InferOutput<Res> }
  : never
export type Request<C extends Callee, O extends Operation<C>> = Shape<C, O>['request']
export type Response<C extends Callee, O extends Operation<C>> = Shape<C, O>['response']
/** What stands in the tail frame; `undefined` where the contract has none. */
export type Tail<C extends Callee, O extends Operation<C>> = Contracts[C][O] extends {
  readonly tail: infer T extends v.GenericSchema
}
  ? v.InferOutput<T>
  : undefined
