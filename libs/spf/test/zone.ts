// A zone as a table, and a check against it.

import { parseIpAddress } from '@scop/identifiers'
import { encodeLatin1 } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  checkHost,
  runCheck,
  type SpfAnswer,
  type SpfOutcome,
  type SpfQuestion,
  type SpfRequest,
} from '../src/index.ts'

/** `TXT example.com` → its records; `'fails'`: DNS does not answer. */
export type Zone = { readonly [question: string]: readonly string[] | 'fails' }

export function answerFrom(zone: Zone, { name, type }: SpfQuestion): SpfAnswer {
  const found = zone[`${type} ${name}`]
  if (found === 'fails') return { kind: 'temporary-failure' }
  if (found === undefined) return { kind: 'no-such-record' }
  return type === 'TXT' ? { kind: 'texts', texts: found.map(encodeLatin1) } : { kind: 'records', records: found }
}

export function check(
  zone: Zone,
  {
    client = '192.0.2.1',
    sender = 'a@example.com',
    ...more
  }: Partial<Omit<SpfRequest, 'client' | 'mailFrom'>> & { client?: string; sender?: string | undefined } = {},
): Promise<SpfOutcome> {
  const at = sender.lastIndexOf('@')
  const request: SpfRequest = {
    client: expectOk(parseIpAddress(client), 'read the client'),
    helo: 'mail.example.com',
    mailFrom: sender === '' ? undefined : { localPart: sender.slice(0, Math.max(at, 0)), domain: sender.slice(at + 1) },
    nowSeconds: 1_700_000_000,
    ...more,
  }
  return runCheck(checkHost(request), async (question) => answerFrom(zone, question))
}
