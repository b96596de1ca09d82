import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { fuzzTarget, replay } from '../fuzzing/fuzz-target.ts'
import { type Coverage, instrument } from '../fuzzing/instrument.ts'
import { mutate } from '../fuzzing/mutate.ts'
import { Random } from '../fuzzing/random.ts'
import { corpusOf, saveCorpus } from '../fuzzing/kept-inputs.ts'
import { CORPUS_BOUNDS, distil } from '../fuzzing/distil.ts'
import { minimise } from '../fuzzing/minimise.ts'
import { findTargets, type Target } from '../fuzzing/targets.ts'

/** A library `x` with one parser and one target for it. */
function target(t: TestContext, parser: string, fuzz: string): Target {
  const root = mkdtempSync(path.join(tmpdir(), 'scop-fuzz-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  for (const folder of ['src', 'fuzz']) mkdirSync(path.join(root, 'libs/x', folder), { recursive: true })
  writeFileSync(path.join(root, 'package.json'), '{"type":"module"}')
  writeFileSync(path.join(root, 'libs/x/src/parser.ts'), parser)
  const head = "import { parse } from '../src/parser.ts'\nexport const seeds: readonly string[] = ['seed']\n"
  writeFileSync(
    path.join(root, 'libs/x/fuzz/parser.fuzz.ts'),
    `${head}export function fuzz(input: Uint8Array): void { ${fuzz} }\n`,
  )
  const [found] = findTargets(root)
  assert.ok(found !== undefined)
  return found
}

// Blind guessing needs 256⁴ tries for this; guided by its branches, a few thousand.
const DEEP = `
export function parse(input: Uint8Array): void {
  if (input[0] === 0x11) {
    if (input[1] === 0xa2) {
      if (input[2] === 0xb3) {
        if (input[3] === 0xc4) throw new Error('deep')
      }
    }
  }
}`

test('finds a failure behind four branches, shortens it, keeps it and replays it', async (t) => {
  const deep = target(t, DEEP, 'parse(input)')
  const { failure, savedAs } = await fuzzTarget(deep, { seconds: 60, seed: 1 })
  assert.match(failure ?? '', /Error: deep/)
  assert.deepEqual([...readFileSync(savedAs ?? '')], [0x11, 0xa2, 0xb3, 0xc4])
  const [replayed, ...others] = await replay(deep)
  assert.deepEqual([replayed?.name, others], [path.basename(savedAs ?? ''), []])
  assert.match(replayed?.failure ?? '', /Error: deep/)
})

test('uses the words of the code', async (t) => {
  const parser =
    "export const parse = (text: string): boolean => text.includes('STARTTLS') && text.includes('PIPELINING')"
  const words = target(t, parser, "if (parse(new TextDecoder().decode(input))) throw new Error('both')")
  assert.match((await fuzzTarget(words, { seconds: 60, seed: 1 })).failure ?? '', /Error: both/)
})

test('keeps an input that is never answered', async (t) => {
  const hangs = target(t, 'export function parse(n: number): void { while (n > 0) n = 1 }', 'parse(input.length)')
  const { failure, savedAs } = await fuzzTarget(hangs, { seconds: 60, seed: 1, hangSeconds: 1 })
  assert.equal(failure, 'no answer within 1 s')
  assert.equal(readFileSync(savedAs ?? '', 'utf8').length, 1)
  const [replayed] = await replay(hangs, [{ name: 'never', octets: Uint8Array.of(1) }], 1)
  assert.deepEqual(replayed, { name: 'never', failure: 'no answer within 1 s' })
})

test('reports what was covered where nothing breaks', async (t) => {
  const fine = target(
    t,
    'export const parse = (n: number): string => (n > 3 ? "long" : "short")',
    'parse(input.length)',
  )
  const { search, failure } = await fuzzTarget(fine, { seconds: 0.2, seed: 1 })
  assert.equal(failure, undefined)
  assert.deepEqual([search?.branchesTaken, search?.branches], [2, 2])
  assert.deepEqual(await replay(fine), [])
})

test('a target that cannot be loaded is a failure, not a pass', async (t) => {
  const broken = target(t, 'export const parse = 1', 'parse()')
  writeFileSync(broken.file, 'export const seeds = []')
  assert.match((await fuzzTarget(broken, { seconds: 1, seed: 1 })).failure ?? '', /must export "fuzz"/)
})

test('instrumented code does the same and counts each branch', () => {
  const coverage: Coverage = { counters: new Uint8Array(64), branches: 0, words: new Set() }
  const code = `
    const out = []
    const pick = (a, b, c) => a ? b ?? c : a || (b && c)
    function kind(n) { switch (n) { case 1: return 'one'; case 2: { return 'two' } default: return 'many' } }
    for (const n of [1, 2, 3]) if (n === 2) out.push(kind(n)); else if (n === 1) out.push('first')
    let i = 0
    while (i < 2) i++
    do i--; while (i > 0)
    try { throw 1 } catch { out.push('caught') }
    out.push(kind(1), kind(9), pick(0, 1, 2), pick(1, null, 2), i)
    return out`
  const module = `export default function () {${code}}`
  const changed = instrument(module, coverage)
  assert.equal(changed.split('\n').length, module.split('\n').length)
  globalThis.scopFuzzCounters = coverage.counters
  // oxlint-disable-next-line typescript/no-implied-eval, typescript/no-unsafe-call -- to run what was instrumented
  const run = (text: string): unknown => new Function(`${text.replace('export default', 'return (')})()`)()
  assert.deepEqual(run(changed), run(module))
  globalThis.scopFuzzCounters = undefined
  assert.equal(
    coverage.counters.subarray(0, coverage.branches).filter((times) => times > 0).length,
    coverage.branches - 0,
  )
  assert.deepEqual([...coverage.words].toSorted(), ['caught', 'first', 'many', 'one', 'two'])
})

test('the same seed gives the same inputs', () => {
  const make = (seed: number): string => {
    const random = new Random(seed)
    const corpus = [Uint8Array.of(1, 2, 3), new Uint8Array(0)]
    return Array.from({ length: 50 }, () =>
      [...mutate(corpus[0] ?? new Uint8Array(0), corpus, [Uint8Array.of(9)], random)].join(),
    ).join('/')
  }
  assert.equal(make(7), make(7))
  assert.notEqual(make(7), make(8))
  assert.notEqual(make(0), make(8))
})

test('no input grows past its bound', () => {
  const random = new Random(3)
  const long = new Uint8Array(5000)
  for (let i = 0; i < 200; i++) assert.ok(mutate(long, [long], [long], random).length <= 4096)
})

test('shortens to what matters', () => {
  const breaks = (input: Uint8Array): boolean => input.includes(5) && input.includes(9)
  assert.deepEqual([...minimise(breaks, Uint8Array.of(1, 5, 2, 2, 2, 9, 3, 3), 1000)], [5, 9])
  assert.deepEqual([...minimise(breaks, Uint8Array.of(5, 1, 9), 0)], [5, 1, 9])
})

test('shortens by lines first: few tries for a long text', () => {
  const text = new TextEncoder().encode(`${'a line of no matter\n'.repeat(500)}To: x\n${'another\n'.repeat(500)}`)
  let tries = 0
  const breaks = (input: Uint8Array): boolean => {
    tries++
    return new TextDecoder().decode(input).includes('To:')
  }
  assert.equal(new TextDecoder().decode(minimise(breaks, text, 2000)), 'To:')
  assert.ok(tries < 100, `${tries}`)
})

test('a failure is not shortened into another one', async (t) => {
  const parser = `export function parse(text: string): void {
    if (text.includes('deep') && text.includes('er')) throw new Error('the one')
    if (text.startsWith('d')) throw new Error('another')
  }`
  const two = target(t, parser, 'parse(new TextDecoder().decode(input))')
  writeFileSync(two.file, readFileSync(two.file, 'utf8').replace("['seed']", "['x deeper']"))
  const { failure, savedAs } = await fuzzTarget(two, { seconds: 10, seed: 1 })
  assert.match(failure ?? '', /the one/)
  assert.equal(readFileSync(savedAs ?? '', 'utf8'), 'deeper')
})

test('keeps inputs that reach new branches, and begins with them the next time', async (t) => {
  const parser = DEEP.replace("throw new Error('deep')", 'return')
  const deep = target(t, parser, 'parse(input)')
  const first = await fuzzTarget(deep, { seconds: 5, seed: 1, keepCorpus: true })
  assert.equal(first.failure, undefined)
  const kept = corpusOf(deep).map(({ octets }) => [...octets])
  // One for each depth, which leaves at another "else"; each as short as can be.
  assert.deepEqual(kept, [[0x11], [0x11, 0xa2], [0x11, 0xa2, 0xb3], [0x11, 0xa2, 0xb3, 0xc4]])
  const second = await fuzzTarget(deep, { seconds: 0.01, seed: 2, keepCorpus: true })
  assert.equal(second.search?.branchesTaken, first.search?.branchesTaken)
  assert.equal(second.search?.distilled, undefined)
  assert.deepEqual((await replay(deep))[0], { name: 'parser.txt:1', failure: undefined })
})

test('a kept corpus is the octets that were given to it; anything else in its file is refused', (t) => {
  const some = target(t, 'export const parse = 1', '')
  const all = Uint8Array.from({ length: 256 }, (_, octet) => octet)
  saveCorpus(some, [all, new Uint8Array(0)])
  assert.deepEqual(
    corpusOf(some).map(({ octets }) => octets),
    [new Uint8Array(0), all],
  )
  assert.match(readFileSync(some.corpusFile, 'latin1'), /^[\n\x20-\x7e]*$/)
  for (const line of ['"\\u0100"', '5', 'x']) {
    writeFileSync(some.corpusFile, `${line}\n`)
    assert.throws(() => corpusOf(some))
  }
})

test('distils to the fewest that reach as much, within its bounds', () => {
  const one = (length: number, ...branches: number[]) => ({
    input: new Uint8Array(length),
    features: Uint32Array.from(branches, (branch) => branch * 8),
  })
  const corpus = [one(10, 1, 2), one(10, 2, 3), one(10, 3, 4), one(20, 1, 2, 3, 4), one(9, 9)]
  const lengths = (bounds: Partial<typeof CORPUS_BOUNDS>, known: readonly number[] = []) =>
    distil(corpus, known, { ...CORPUS_BOUNDS, ...bounds }).map(({ input }) => input.length)
  assert.deepEqual(lengths({}), [20, 9])
  assert.deepEqual(lengths({}, [9 * 8]), [20])
  assert.deepEqual(lengths({ inputs: 1 }), [20])
  assert.deepEqual(lengths({ inputOctets: 19 }), [10, 10, 9])
  assert.deepEqual(lengths({ octets: 15 }), [10])
  assert.deepEqual(
    lengths(
      {},
      [1, 2, 3, 4, 9].map((branch) => branch * 8),
    ),
    [],
  )
})
