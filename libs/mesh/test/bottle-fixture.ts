// What the tests of the shell share: an authority for each bottle, certificates, sockets that are removed.

import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { type Authority, createAuthority } from '../src/node/authority.ts'
import {
  connectPipe,
  type ConnectOptions,
  type Identity,
  type Pipe,
  type PipeServer,
  servePipe,
  type ServeOptions,
} from '../src/node/index.ts'

export const authority: Authority = await createAuthority('one', { nowMs: Date.now() })
export const otherAuthority: Authority = await createAuthority('two', { nowMs: Date.now() })

export async function identity(role: string, from: Authority = authority, lifetimeSeconds = 600): Promise<Identity> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const der = publicKey.export({ type: 'spki', format: 'der' })
  const nowMs = lifetimeSeconds > 0 ? Date.now() : Date.now() - 30_000
  return {
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificatePem: await from.issue(role, der, { nowMs, lifetimeSeconds: Math.max(lifetimeSeconds, 1) }),
    authorityPem: authority.certificatePem,
  }
}

export const relay: Identity = await identity('relay')
export const mailbox: Identity = await identity('mailbox')

export async function socketPath(t: TestContext): Promise<{ readonly path: string }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  return { path: path.join(directory, 'pipe.sock') }
}

export type Serving = { readonly server: PipeServer; readonly refused: string[]; readonly errors: string[] }

/** A mailbox that takes `deliver` from the relay. */
export async function serve(t: TestContext, options: Partial<ServeOptions>): Promise<Serving> {
  const refused: string[] = []
  const errors: string[] = []
  const server = await servePipe({
    bottle: 'one',
    identity: () => mailbox,
    listen: options.listen ?? (await socketPath(t)),
    accepts: [{ role: 'relay', operations: ['deliver'] }],
    handle: { deliver: async ({ request }) => ({ response: request }) },
    onRefused: ({ peer, operation, reason }) => refused.push(`${peer ?? '-'} ${operation ?? '-'} ${reason}`),
    onError: (error) => errors.push(error.message),
    ...options,
    limits: { drainMs: 500, ...options.limits },
  })
  t.after(() => server.drain())
  return { server, refused, errors }
}

export function connect(t: TestContext, to: PipeServer, options: Partial<ConnectOptions> = {}): Pipe {
  const pipe = connectPipe({
    bottle: 'one',
    identity: () => relay,
    role: 'mailbox',
    to: to.address,
    ...options,
    limits: { drainMs: 200, ...options.limits },
  })
  t.after(() => pipe.close())
  return pipe
}

export async function* pieces(count: number, octets: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < count; i++) yield new Uint8Array(octets).fill(i)
}

export async function countOctets(octets: AsyncIterable<Uint8Array>): Promise<number> {
  let count = 0
  for await (const piece of octets) count += piece.length
  return count
}

/** Waits for what another task is about to make true. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2))
}
