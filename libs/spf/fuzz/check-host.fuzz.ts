// Law: whatever DNS answers, a check ends within its limits, and an error is never a pass. The input is the script of the
// answers: each line the next record that is asked for.

import assert from 'node:assert/strict'
import { parseIpAddress } from '@scop/identifiers'
import { decodeLatin1, encodeLatin1 } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  checkHost,
  formatReceivedSpf,
  reasoningOf,
  SPF_LIMITS,
  type SpfAnswer,
  type SpfQuestion,
} from '../src/index.ts'
import { parseDomainName } from '@scop/identifiers'

export const seeds: readonly (string | Uint8Array)[] = [
  'v=spf1 include:a.example -all\nv=spf1 +all',
  'v=spf1 mx ptr exists:%{p}.example exp=e.example -all\na.example b.example\n192.0.2.1\n\nno %{c} for %{s}',
  'v=spf1 redirect=%{l}.%{h}.example\n!',
]

const client = expectOk(parseIpAddress('192.0.2.1'), 'read')
const receiver = expectOk(parseDomainName('mx.example'), 'read')

export function fuzz(input: Uint8Array): void {
  const lines = decodeLatin1(input).split('\n')
  const [helo = ''] = lines
  const mailFrom = { localPart: helo.slice(0, 64), domain: 'sender.example' }
  const check = checkHost({ client, helo, mailFrom, nowSeconds: 1_700_000_000 })
  let asked = 0
  let step = check.next([])
  while (step.done !== true) {
    asked += step.value.length
    assert.ok(asked <= MOST_QUESTIONS, `${asked} questions`)
    step = check.next(step.value.map((question) => answer(question, lines.shift())))
  }
  const outcome = step.value
  assert.ok(outcome.lookups <= SPF_LIMITS.lookups + 1)
  if (outcome.problem !== undefined) assert.notEqual(outcome.result, 'pass')
  reasoningOf(outcome)
  formatReceivedSpf(outcome, { receiver, helo, mailFrom: helo })
}

function answer({ type }: SpfQuestion, line: string | undefined): SpfAnswer {
  if (line === undefined || line === '') return { kind: 'no-such-record' }
  if (line === '!') return { kind: 'temporary-failure' }
  if (type === 'TXT') return { kind: 'texts', texts: [encodeLatin1(line)] }
  return { kind: 'records', records: line.split(' ') }
}

// TXT, ten terms with at most ten hosts or names each, PTR, its names, the explanation
const MOST_QUESTIONS = 150
