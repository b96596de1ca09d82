// What one message asks of DNS: each question once, and all of it within the time that a check may take.
// Law: what could not be had, or is not validly signed where it should be, is a failure for now and never an absence.
// RFC 7208 §4.6.4 (time), RFC 6376 §6.1.2

import type { NameAnswer, Names } from '@scop/bottle/node'
import type { KeyAnswer } from '@scop/dkim'
import type { SpfAnswer, SpfQuestion } from '@scop/spf'

export type DnsQuestion = SpfQuestion
export type DnsAnswer = SpfAnswer
/** Neither rejects. */
export type AskDns = {
  ask(question: DnsQuestion): Promise<DnsAnswer>
  /** Whether DNS has this name, or one below it: only NXDOMAIN says no. RFC 8020 §2 */
  exists(name: string): Promise<NameExistence>
}
export type NameExistence = { readonly kind: 'name-exists' | 'no-such-name' | 'temporary-failure' }

export function askDns(names: Pick<Names, 'txt' | 'records'>, trace: string, withinSeconds: number): AskDns {
  const asked = new Map<string, Promise<DnsAnswer>>()
  const late = Promise.withResolvers<typeof TEMPORARY>()
  const timer = setTimeout(() => late.resolve(TEMPORARY), withinSeconds * 1000)
  timer.unref()
  const ask = async ({ name, type }: DnsQuestion): Promise<DnsAnswer> => {
    if (type === 'TXT') return answerOf(await names.txt(name, trace), (texts) => ({ kind: 'texts', texts }))
    return answerOf(await names.records(name, type, trace), (records) => ({ kind: 'records', records }))
  }
  return {
    ask: (question) => {
      const key = `${question.type} ${question.name}`
      const known = asked.get(key)
      if (known !== undefined) return known
      const answer = Promise.race([ask(question), late.promise])
      asked.set(key, answer)
      return answer
    },
    exists: (name) => Promise.race([exists(names, name, trace), late.promise.then(() => TEMPORARY)]),
  }
}

async function exists(names: Pick<Names, 'records'>, name: string, trace: string): Promise<NameExistence> {
  const { kind } = await names.records(name, 'A', trace)
  if (kind === 'temporary') return TEMPORARY
  return { kind: kind === 'nxdomain' || kind === 'bad-name' ? 'no-such-name' : 'name-exists' }
}

/** A key's TXT records as DKIM wants them. */
export async function askKey(dns: AskDns, name: string): Promise<KeyAnswer> {
  const answer = await dns.ask({ name, type: 'TXT' })
  return answer.kind === 'texts' ? { kind: 'texts', texts: answer.texts.map((text) => [text]) } : keyFailure(answer)
}

function keyFailure(answer: DnsAnswer): KeyAnswer {
  return answer.kind === 'temporary-failure' ? answer : { kind: 'no-such-record' }
}

function answerOf<T>(answer: NameAnswer<T>, found: (value: T) => DnsAnswer): DnsAnswer {
  switch (answer.kind) {
    case 'answer':
      return found(answer.value)
    case 'temporary':
      return TEMPORARY
    case 'nodata':
    case 'nxdomain':
    case 'bad-name':
      return { kind: 'no-such-record' }
  }
}

const TEMPORARY = { kind: 'temporary-failure' } as const
