// Names: what the resolver's service answers to the others, as typed values.
// Law: a pipe that breaks is a failure for now, as is all that the resolver cannot vouch for; an absence is only what it says.

import { type DomainName, type IpAddress, parseDomainName, parseIpAddress } from '@scop/identifiers'
import type { Operation, Request, Response } from '../contracts.ts'
import type { Calls } from './calls.ts'

/** Signed from a trust anchor down; or provably, or by configuration, not signed. */
export type NameSecurity = 'secure' | 'insecure'

export type NameAnswer<T> =
  | { readonly kind: 'answer'; readonly value: T; readonly security: NameSecurity }
  | { readonly kind: 'nodata' | 'nxdomain'; readonly security: NameSecurity }
  /** Later may be different. */
  | { readonly kind: 'temporary'; readonly reason: string }
  /** What was asked is no name of the DNS. */
  | { readonly kind: 'bad-name' }

export type MailExchanges =
  /** Lowest preference first, equal ones in random order. */
  | {
      readonly kind: 'mx'
      readonly exchanges: readonly { readonly preference: number; readonly exchange: DomainName }[]
    }
  /** The domain says that it takes no mail. RFC 7505 */
  | { readonly kind: 'null-mx' }

export type Names = {
  mx(domain: DomainName, trace: string): Promise<NameAnswer<MailExchanges>>
  /** IPv6 first. */
  addresses(host: DomainName, trace: string): Promise<NameAnswer<readonly IpAddress[]>>
  /** The strings of each TXT record joined, one entry for each record. */
  txt(name: string, trace: string): Promise<NameAnswer<readonly Uint8Array[]>>
  /** Each record as text: an address, or the name of a host; of MX the lowest preference first. */
  records(name: string, type: 'A' | 'AAAA' | 'MX' | 'PTR', trace: string): Promise<NameAnswer<readonly string[]>>
}

/** Asks over the pipe of `calls`; privileges must list each operation that is used. */
export function askNames(calls: Calls): Names {
  return {
    mx: async (domain, trace) =>
      readValue(await ask(calls, 'mx', { domain }, trace), (value) =>
        value.kind === 'null-mx'
          ? value
          : {
              kind: 'mx',
              exchanges: value.exchanges.flatMap(({ preference, exchange }) => {
                const host = parseDomainName(exchange)
                return host.ok ? [{ preference, exchange: host.value }] : []
              }),
            },
      ),
    addresses: async (host, trace) =>
      readValue(await ask(calls, 'address', { host }, trace), ({ addresses }) =>
        addresses.flatMap((text) => {
          const address = parseIpAddress(text)
          return address.ok ? [address.value] : []
        }),
      ),
    txt: async (name, trace) =>
      readValue(await ask(calls, 'txt', { name }, trace), (texts) => texts.map((text) => Uint8Array.fromBase64(text))),
    records: async (name, type, trace) =>
      readValue(await ask(calls, 'records', { name, type }, trace), (texts) => texts),
  }
}

type Asked = Extract<Operation<'dns-resolver'>, 'mx' | 'address' | 'txt' | 'records'>
type Said<V> =
  | { readonly kind: 'answer'; readonly value: V; readonly security: NameSecurity }
  | { readonly kind: 'nodata' | 'nxdomain'; readonly security: NameSecurity }
  | { readonly kind: 'temporary'; readonly reason: string }
  | { readonly kind: 'bad-name' }

async function ask<O extends Asked>(
  calls: Calls,
  operation: O,
  request: Request<'dns-resolver', O>,
  trace: string,
): Promise<Response<'dns-resolver', O> | { readonly kind: 'temporary'; readonly reason: string }> {
  const answer = await calls.call('dns-resolver', operation, request, { trace, timeoutMs: LONGEST_MS })
  if (answer.ok) return answer.value.response
  return { kind: 'temporary', reason: `the resolver does not answer: ${answer.error.reason}` }
}

function readValue<V, T>(said: Said<V>, read: (value: V) => T): NameAnswer<T> {
  return said.kind === 'answer'
    ? { kind: 'answer', value: read(said.value), security: said.security }
    : said.kind === 'nodata' || said.kind === 'nxdomain'
      ? { kind: said.kind, security: said.security }
      : said.kind === 'temporary'
        ? { kind: 'temporary', reason: said.reason }
        : said
}

/** The resolver itself gives up after ten seconds. */
const LONGEST_MS = 15_000
