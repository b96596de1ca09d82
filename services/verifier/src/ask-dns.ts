// What one message asks of DNS: each question once; and a check that takes too long has its answers as not to be had.
// Law: what could not be had, or is not validly signed where it should be, is a failure for now and never an absence. The
// time is that of a check, not of the message: a slow sender's is judged as any other.
// RFC 7208 §4.6.4 (time), RFC 6376 §6.1.2

import type { NameAnswer, Names } from '@scop/bottle/node'
import type { KeyAnswer } from '@scop/dkim'
import type { SpfAnswer, SpfQuestion } from '@scop/spf'

export type AskDns = (question: SpfQuestion) => Promise<SpfAnswer>
/** Neither rejects. */
export type Dns = {
  readonly ask: AskDns
  /** Whether DNS has this name, or one below it: only NXDOMAIN says no. RFC 8020 §2 */
  readonly exists: (name: string) => Promise<NameExistence>
}
export type NameExistence = { readonly kind: 'name-exists' | 'no-such-name' | 'temporary-failure' }

export function askDns(names: Pick<Names, 'txt' | 'records'>, trace: string): Dns {
  const asked = new Map<string, Promise<SpfAnswer>>()
  const ask: AskDns = async ({ name, type }) => {
    if (type === 'TXT') return answerOf(await names.txt(name, trace), (texts) => ({ kind: 'texts', texts }))
    return answerOf(await names.records(name, type, trace), (records) => ({ kind: 'records', records }))
  }
  return {
    ask: (question) => {
      const key = `${question.type} ${question.name}`
      const answer = asked.get(key) ?? ask(question)
      asked.set(key, answer)
      return answer
    },
    exists: async (name) => {
      const { kind } = await names.records(name, 'A', trace)
      if (kind === 'temporary') return TEMPORARY
      return { kind: kind === 'nxdomain' || kind === 'bad-name' ? 'no-such-name' : 'name-exists' }
    },
  }
}

/** Runs `check` over `dns`: what is not there after so many seconds is not to be had now. */
export async function askWithin<T>(dns: Dns, seconds: number, check: (dns: Dns) => Promise<T>): Promise<T> {
  const late = Promise.withResolvers<typeof TEMPORARY>()
  const timer = setTimeout(() => late.resolve(TEMPORARY), seconds * 1000)
  try {
    return await check({
      ask: (question) => Promise.race([dns.ask(question), late.promise]),
      exists: (name) => Promise.race([dns.exists(name), late.promise]),
    })
  } finally {
    clearTimeout(timer)
  }
}

/** The TXT records of a name, as DKIM, ARC and DMARC want them. */
export async function askTexts(ask: AskDns, name: string): Promise<KeyAnswer> {
  const answer = await ask({ name, type: 'TXT' })
  if (answer.kind === 'texts') return { kind: 'texts', texts: answer.texts.map((text) => [text]) }
  return answer.kind === 'temporary-failure' ? answer : { kind: 'no-such-record' }
}

function answerOf<T>(answer: NameAnswer<T>, found: (value: T) => SpfAnswer): SpfAnswer {
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
