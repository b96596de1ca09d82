// DNS in memory: what stands under _dmarc of each domain, and which names do not exist or do not answer.
import { expectOk } from '@scop/result'
import { parseHeaderSection } from '@scop/mime'
import { encodeAscii } from '@scop/octets'
import {
  type DmarcAnswer,
  type DmarcQuestion,
  type DmarcRequest,
  type DmarcVerdict,
  evaluateDmarc,
  findAuthorDomain,
} from '../src/index.ts'

export type Zone = {
  /** The record of each domain; several as a list; `down` does not answer. */
  readonly records?: Readonly<Record<string, string | readonly string[]>>
  readonly missing?: readonly string[]
  readonly down?: readonly string[]
}

export type Asked = { readonly verdict: DmarcVerdict; readonly asked: readonly string[]; readonly rounds: number }

export function evaluate(author: string, zone: Zone, request: Partial<Omit<DmarcRequest, 'author'>> = {}): Asked {
  const { header } = expectOk(parseHeaderSection(encodeAscii(`From: a@${author}\r\n\r\n`)), 'read')
  const found = expectOk(findAuthorDomain(header), author)
  const evaluation = evaluateDmarc({ author: found, spfProof: undefined, signatures: [], sample: 0, ...request })
  const asked: string[] = []
  let rounds = 0
  let step = evaluation.next([])
  while (step.done !== true) {
    rounds++
    asked.push(...step.value.map(({ name }) => name))
    step = evaluation.next(step.value.map((question) => answer(zone, question)))
  }
  return { verdict: step.value, asked, rounds }
}

export function answer(zone: Zone, { kind, name }: DmarcQuestion): DmarcAnswer {
  if (zone.down?.includes(name.replace(/^_dmarc\./, '')) === true) return { kind: 'temporary-failure' }
  if (kind === 'exists') return { kind: zone.missing?.includes(name) === true ? 'no-such-name' : 'name-exists' }
  const found = zone.records?.[name.replace(/^_dmarc\./, '')]
  if (found === undefined) return { kind: 'no-such-record' }
  return { kind: 'texts', texts: typeof found === 'string' ? [found] : found }
}
