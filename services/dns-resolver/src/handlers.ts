// What the resolver answers over its pipe: names as mail asks for them, each with how far the answer can be trusted.

import type { Response } from '@scop/bottle'
import type { Handlers } from '@scop/bottle/node'
import { A, AAAA, DS, MX, type Name, parseName, parseType, PTR, ROOT, TLSA, TXT } from '@scop/dns'
import { PipeRefusal } from '@scop/mesh/node'
import {
  describeOutcome,
  describeStep,
  type MailAnswer,
  type Outcome,
  readAddresses,
  readDs,
  readMx,
  readHostRecords,
  readTlsa,
  readTxt,
  tlsaName,
  type TraceStep,
} from '@scop/resolver'
import type { LookUpOptions } from '@scop/resolver/node'
import type { OwnZones } from './own-zones.ts'

export type ResolverHandlersOptions = {
  readonly lookUp: (name: Name, type: number, options?: LookUpOptions) => Promise<Outcome>
  readonly reload: OwnZones['reload']
  readonly forget: () => void
  /** An integer from 0 up to, and without, `below`. */
  readonly random: (below: number) => number
  /** Milliseconds of any clock. */
  readonly now: () => number
}

export function resolverHandlers({
  lookUp,
  reload,
  forget,
  random,
  now,
}: ResolverHandlersOptions): Handlers<'dns-resolver'> {
  return {
    mx: async ({ request }) => {
      const domain = parseName(request.domain, ROOT)
      if (!domain.ok) return BAD_NAME
      const answer = readMx(await lookUp(domain.value, MX.code), domain.value, random)
      return {
        response: say(answer, (value) =>
          value.kind === 'null-mx'
            ? { kind: 'null-mx' as const }
            : {
                kind: 'mx' as const,
                exchanges: value.exchanges.map((one) => ({ ...one })),
                unusable: [...value.unusable],
              },
        ),
      }
    },
    txt: async ({ request }) => {
      const name = parseName(request.name, ROOT)
      if (!name.ok) return BAD_NAME
      const answer = readTxt(await lookUp(name.value, TXT.code), name.value)
      return { response: say(answer, (texts) => texts.map((text) => text.toBase64())) }
    },
    tlsa: async ({ request }) => {
      const name = tlsaName(request.host, request.port)
      if (!name.ok) return BAD_NAME
      const answer = readTlsa(await lookUp(name.value, TLSA.code), name.value)
      return {
        response: say(answer, (records) =>
          records.map(({ association, ...rest }) => ({ ...rest, association: association.toBase64() })),
        ),
      }
    },
    address: async ({ request }) => {
      const host = parseName(request.host, ROOT)
      if (!host.ok) return BAD_NAME
      const [v6, v4] = await Promise.all([lookUp(host.value, AAAA.code), lookUp(host.value, A.code)])
      return {
        response: say(readAddresses(v6, v4, host.value), ({ addresses, canonical }) => ({
          addresses: [...addresses],
          canonical,
        })),
      }
    },
    ds: async ({ request }) => {
      const zone = parseName(request.zone, ROOT)
      if (!zone.ok) return BAD_NAME
      const answer = readDs(await lookUp(zone.value, DS.code), zone.value)
      return { response: say(answer, (records) => records.map((rdata) => rdata.toBase64())) }
    },
    records: async ({ request: { name: text, type } }) => {
      const name = parseName(text, ROOT)
      if (!name.ok) return BAD_NAME
      const answer = readHostRecords(await lookUp(name.value, HOST_TYPES[type].code), name.value, type)
      return { response: say(answer, (records) => [...records]) }
    },
    query: async ({ request }) => {
      const name = parseName(request.name, ROOT)
      const type = parseType(request.type)
      if (!name.ok) throw new PipeRefusal('bad-request', `"${request.name}" is no name: ${name.error.kind}`)
      if (type === undefined) throw new PipeRefusal('bad-request', `"${request.type}" is no record type`)
      const { checkingDisabled } = request
      const steps: Response<'dns-resolver', 'query'>['steps'] = []
      const onStep = (step: TraceStep): void => {
        if (steps.length >= MOST_STEPS) return
        const { parent, ...described } = describeStep(step)
        steps.push({ ...described, ...(parent !== undefined && { parent }) })
      }
      const began = now()
      const outcome = await lookUp(name.value, type, { checkingDisabled, ...(request.trace && { onStep }) })
      const { answer, authority, ede, ...rest } = describeOutcome(outcome)
      const errors = ede.slice(0, MOST_ERRORS).map(({ code, text }) => ({ code, text: text.slice(0, LONGEST_REASON) }))
      const records = { answer: [...answer], authority: [...authority], ede: errors }
      return { response: { ...rest, ...records, milliseconds: now() - began, steps } }
    },
    'reload-zones': async () => {
      const learnt = await reload()
      if (!learnt.ok) throw new PipeRefusal('temporary', learnt.error)
      return { response: { zones: learnt.value } }
    },
    forget: async () => {
      forget()
      return { response: {} }
    },
  }
}

type Said<V> =
  | { kind: 'answer'; value: V; security: 'secure' | 'insecure'; ttlSeconds: number }
  | { kind: 'nodata' | 'nxdomain'; security: 'secure' | 'insecure'; ttlSeconds: number }
  | { kind: 'temporary'; reason: string; ede: { code: number; text: string }[] }

function say<T, V>(answer: MailAnswer<T>, value: (value: T) => V): Said<V> {
  switch (answer.kind) {
    case 'answer':
      return { ...answer, value: value(answer.value) }
    case 'temporary':
      return {
        ...answer,
        reason: answer.reason.slice(0, LONGEST_REASON),
        ede: answer.ede.slice(0, MOST_ERRORS).map(({ code, text }) => ({ code, text: text.slice(0, LONGEST_REASON) })),
      }
    default:
      return answer
  }
}

const HOST_TYPES = { A, AAAA, MX, PTR }
const BAD_NAME = { response: { kind: 'bad-name' as const } }
const MOST_STEPS = 2000
const MOST_ERRORS = 16
const LONGEST_REASON = 1000
