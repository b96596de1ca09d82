// AUTH at the client: any SASL mechanism over SMTP lines; the mechanism comes from outside. A server that says 235 before
// the mechanism is complete is not believed.
// RFC 4954 §4

import { decodeBase64, encodeAscii, encodeBase64 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import type { ClientError } from '../client-error.ts'
import type { ClientExtension, Exchange, ExchangeStep } from '../client-extension.ts'
import type { ClientTlsFacts } from '../client-facts.ts'
import type { Reply } from '../reply.ts'

/** One authentication; `@scop/sasl`'s `ClientMechanism` is one. */
export interface ClientMechanism {
  /** `undefined` asks for the initial response. */
  next(
    challenge: Uint8Array | undefined,
  ): Promise<Result<{ readonly octets: Uint8Array; readonly complete: boolean }, unknown>>
}

export type Credentials = {
  /** Who authenticates, for `facts`. */
  readonly identity: string
  /** The mechanism to use of those offered (upper case), or none. `tls`: as `tlsChannel` of `@scop/sasl` takes it. */
  readonly choose: (
    offered: readonly string[],
    tls: ClientTlsFacts | undefined,
  ) => { readonly name: string; readonly mechanism: ClientMechanism } | undefined
}

export function authClient(credentials: Credentials): ClientExtension {
  return {
    keyword: 'AUTH',
    prepare({ offers, tls, identity }) {
      if (identity !== undefined) return ok(undefined)
      const offered = (offers.get('AUTH') ?? []).map((name) => name.toUpperCase())
      const chosen = credentials.choose(offered, tls)
      if (chosen === undefined) return err({ kind: 'no-mechanism', offered })
      const { name, mechanism } = chosen
      // The mechanism begins by itself: what it says first goes with the command, where it fits.
      return ok({ begin: () => start(name, mechanism, credentials.identity) })
    },
  }
}

async function start(name: string, mechanism: ClientMechanism, identity: string): Promise<ExchangeStep> {
  const first = await mechanism.next(undefined)
  if (!first.ok) return failed(first.error)
  const { octets, complete } = first.value
  const response = octets.length === 0 ? '=' : encodeBase64(octets)
  const line = `AUTH ${name} ${response}`
  if (line.length + 2 <= COMMAND_LINE) return say(line, mechanism, complete, identity)
  // RFC 4954 §4: too long for the command, so it answers an empty challenge.
  const waiting: Exchange = {
    line: encodeAscii(`AUTH ${name}`),
    next: async (given) => (given.code === 334 ? say(response, mechanism, complete, identity) : refused(given)),
  }
  return { kind: 'say', exchange: waiting }
}

function say(line: string, mechanism: ClientMechanism, complete: boolean, identity: string): ExchangeStep {
  return {
    kind: 'say',
    exchange: { line: encodeAscii(line), next: (given) => respond(given, mechanism, complete, identity) },
  }
}

async function respond(
  given: Reply,
  mechanism: ClientMechanism,
  complete: boolean,
  identity: string,
): Promise<ExchangeStep> {
  if (given.code === 235) {
    return complete ? { kind: 'done', identity } : failed({ kind: 'server-not-proven' })
  }
  if (given.code !== 334) return refused(given)
  const challenge = decodeBase64(given.lines.join(''))
  if (!challenge.ok) return cancel(challenge.error)
  const next = await mechanism.next(challenge.value)
  if (!next.ok) return cancel(next.error)
  return say(encodeBase64(next.value.octets), mechanism, next.value.complete, identity)
}

/** Says `*`, reads the refusal, and gives up with our own reason. */
function cancel(reason: unknown): ExchangeStep {
  return { kind: 'say', exchange: { line: encodeAscii('*'), next: async () => failed(reason) } }
}

function refused(given: Reply): ExchangeStep {
  return { kind: 'failed', error: { kind: 'authentication-refused', reply: given } }
}

function failed(reason: unknown): ExchangeStep {
  const error: ClientError = { kind: 'authentication-failed', reason }
  return { kind: 'failed', error }
}

const COMMAND_LINE = 512
