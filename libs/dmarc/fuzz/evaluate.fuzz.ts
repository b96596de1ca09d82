// Law: whatever DNS says, an evaluation ends within its bounds: no name twice, no more than eight names of the author,
// a word with a reason, never a pass where nothing was verified.

import assert from 'node:assert/strict'
import { parseDomainName } from '@scop/identifiers'
import { decodeLatin1 } from '@scop/octets'
import { type DmarcAnswer, evaluateDmarc } from '../src/index.ts'

/** The author domain, then what stands under each name in the order asked: a record, several behind "|", `!` for no answer. */
export const seeds: readonly (string | Uint8Array)[] = [
  'a.b.example.com\n\nv=DMARC1; p=reject; psd=n',
  'a.example.bank\n\nv=DMARC1; p=none; np=reject\nv=DMARC1; p=reject; psd=y',
  'a.b.c.d.e.f.g.h.i.j\n!\nv=DMARC1|v=DMARC1\nv=DMARC1; p=reject; t=y; pct=3',
]

export function fuzz(input: Uint8Array): void {
  const [author = '', ...lines] = decodeLatin1(input).split('\n')
  const domain = parseDomainName(author)
  if (!domain.ok) return
  const evaluation = evaluateDmarc({
    author: { domain: domain.value, mailboxes: 1 },
    spfProof: undefined,
    signatures: [],
    sample: 50,
  })
  const asked = new Set<string>()
  let step = evaluation.next([])
  while (step.done !== true) {
    step = evaluation.next(
      step.value.map(({ kind, name }): DmarcAnswer => {
        assert.ok(!asked.has(kind + name), name)
        const line = lines[asked.size] ?? ''
        asked.add(kind + name)
        if (line === '!') return { kind: 'temporary-failure' }
        if (kind === 'exists') return { kind: line === '' ? 'no-such-name' : 'name-exists' }
        return line === '' ? { kind: 'no-such-record' } : { kind: 'texts', texts: line.split('|') }
      }),
    )
  }
  const { outcome, policy, steps, queries, proof } = step.value
  assert.ok(asked.size <= 9)
  assert.equal(queries, asked.size)
  assert.ok(outcome !== 'pass' && proof === undefined)
  assert.equal(policy !== undefined, outcome === 'fail')
  assert.ok(steps.length > 0)
}
