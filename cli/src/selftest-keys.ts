// The public keys of a domain as the world sees them: asked over DNS at the primary, before and after their UPDATE.
// RFC 6376 §3.6.2.1 (where keys are), RFC 8020 §2 (no name: nothing below it)

import { type AnswerReading, decodeRdata, parseName, readAnswer, ROOT, TXT } from '@scop/dns'
import { askServer } from '@scop/dns/node'
import { concatOctets } from '@scop/octets'
import { expectOk } from '@scop/result'
import type { Side } from './selftest-bottles.ts'
import { Contradiction } from './selftest-report.ts'

export type PublishedKey = {
  readonly name: string
  readonly algorithm: string
  readonly record: string
  /** When the primary acknowledged the signer's UPDATE. */
  readonly publishedAtMs: number
}

/** Asks for the name above all selectors; throws `Contradiction` unless the primary says that it does not exist. */
export async function absentOrFail(side: Side): Promise<string> {
  const above = `_domainkey.${side.domain}`
  const answer = await askPrimary(side, above)
  if (answer.kind === 'nxdomain') return `${above}: no such name, so no selector below it`
  throw new Contradiction(`${above} is there before any key was published`, answer)
}

/** Asks for every key; throws `Contradiction` unless the primary answers exactly the record that the signer published. */
export async function publishedOrFail(
  side: Side,
  keys: readonly PublishedKey[],
): Promise<readonly (PublishedKey & { readonly answered: string })[]> {
  const published: (PublishedKey & { readonly answered: string })[] = []
  for (const key of keys) {
    const { name, record } = key
    const answer = await askPrimary(side, name)
    if (answer.kind !== 'records')
      throw new Contradiction(`${name} was published and is not there: ${answer.kind}`, answer)
    const texts = answer.records.flatMap(({ rdata }) => {
      const txt = decodeRdata(TXT, rdata)
      return txt.ok ? [Buffer.from(concatOctets(txt.value.strings)).toString('latin1')] : []
    })
    if (texts.length !== 1 || texts[0] !== record)
      throw new Contradiction(`${name} is not what the signer published`, { name, record, texts })
    published.push({ ...key, answered: texts[0] })
  }
  if (published.length < 2) throw new Contradiction('there should be two keys', published)
  return published
}

/** Asks the primary of this side's bottle and nobody else. */
async function askPrimary(side: Side, text: string): Promise<AnswerReading> {
  const name = expectOk(parseName(text, ROOT), `read "${text}"`)
  const server = side.bottle.configuration.listen.dns
  const reply = await askServer({ server, name, type: TXT.code, recursionDesired: false })
  return reply.ok ? readAnswer(reply.value, name, TXT.code) : { kind: 'failed', reason: reply.error.reason }
}
