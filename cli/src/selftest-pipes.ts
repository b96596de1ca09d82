// The pipes of a bottle as its services report them: TLS 1.3 each, and at the other end the role that should be there.

import { SERVICES, type ServiceName } from '@scop/bottle'
import { Failure } from './failure.ts'
import type { Side } from './selftest-bottles.ts'

export type PipeEvidence = {
  readonly from: ServiceName
  readonly to: string
  readonly tls: string
  readonly cipher: string
  readonly peer: string
}

/** Pipes that every message in both directions has used. */
const USED: readonly (readonly [ServiceName, ServiceName])[] = [
  ['submission', 'directory'],
  ['submission', 'signer'],
  ['signer', 'relay'],
  ['receiver', 'directory'],
  ['receiver', 'verifier'],
  ['verifier', 'mailbox'],
]

/** Every open pipe of `side`; throws `Failure` if one is not what it should be, or one that was used is not there. */
export async function readPipes(side: Side): Promise<readonly PipeEvidence[]> {
  const pipes: PipeEvidence[] = []
  for (const from of SERVICES) {
    const health = await side.bottle.ask(from, 'health', {})
    for (const { role, tls, cipher, peer } of health.pipes) pipes.push({ from, to: role, tls, cipher, peer })
  }
  const { bottle } = side.bottle.configuration
  for (const { from, to, tls, peer } of pipes) {
    if (tls !== 'TLSv1.3') throw new Failure('weak-pipe', `The pipe from ${from} to ${to} speaks ${tls}`)
    if (peer !== `spiffe://${bottle}/${to}`)
      throw new Failure('wrong-peer', `The pipe from ${from} to ${to} ends at ${peer}`)
  }
  for (const [from, to] of USED) {
    if (!pipes.some((pipe) => pipe.from === from && pipe.to === to))
      throw new Failure('no-pipe', `There is no pipe from ${from} to ${to}, but mail went through`)
  }
  return pipes
}
