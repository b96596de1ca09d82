import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLASS, type Name, parseName, ROOT } from '@scop/dns'
import {
  Budget,
  type Fetched,
  type Job,
  lookUp,
  type LookupRequest,
  pause,
  RESOLVER_LIMITS,
  Scheduler,
  start,
  type Task,
  waitForOne,
} from '../src/index.ts'

const name = (text: string): Name => {
  const parsed = parseName(text, ROOT)
  assert.ok(parsed.ok)
  return parsed.value
}
const request = (text: string): LookupRequest => ({
  name: name(text),
  type: 1,
  class: CLASS.IN,
  validate: false,
  refresh: false,
})
const result = (rcode: number): Fetched => ({
  question: { name: ROOT, type: 1, class: CLASS.IN },
  rcode,
  answer: [],
  authority: [],
  additional: [],
  zone: ROOT,
  security: 'unchecked',
  ttlSeconds: 0,
  ede: [],
  stale: false,
})

function scheduler(work: (job: Job) => Task<Fetched>): {
  readonly run: (text: string) => number | undefined
  readonly it: Scheduler
  readonly runs: () => number
} {
  let runs = 0
  const ended = new Map<Job, Fetched>()
  const it = new Scheduler({
    run: (job) => {
      runs++
      return work(job)
    },
    send: () => {},
    ended: (job, fetched) => ended.set(job, fetched),
    maxDepth: RESOLVER_LIMITS.depth,
  })
  const run = (text: string): number | undefined => {
    const job = it.begin(request(text), new Budget(RESOLVER_LIMITS, 0))
    it.run()
    return ended.get(job)?.rcode
  }
  return { run, it, runs: () => runs }
}

test('equal lookups are one', () => {
  const { run, it, runs } = scheduler(function* () {
    yield* pause()
    return result(7)
  })
  assert.equal(run('a.example'), undefined)
  assert.equal(run('A.EXAMPLE'), undefined)
  assert.equal(runs(), 1)
  assert.ok(it.hasPaused)
  it.resume()
  it.run()
  assert.ok(!it.hasPaused)
  assert.equal(it.lookups, 0)
})

test('a lookup that would wait for itself is told so, by however many between them', () => {
  const next: Readonly<Record<string, string>> = { 'a.': 'b.', 'b.': 'c.', 'c.': 'a.' }
  const { run, runs } = scheduler(function* (job) {
    const of = next[String.fromCharCode(job.request.name.octets[1] ?? 0) + '.'] ?? '.'
    const fetched = yield* lookUp(request(of))
    return fetched ?? result(42)
  })
  assert.equal(run('a'), 42)
  assert.equal(runs(), 3)
})

test(`lookups nest to a depth of ${RESOLVER_LIMITS.depth} and no further`, () => {
  let deepest = 0
  const { run } = scheduler(function* (job) {
    deepest = Math.max(deepest, job.depth)
    return (yield* lookUp(request(`x${job.depth}`))) ?? result(9)
  })
  assert.equal(run('start'), 9)
  assert.equal(deepest, RESOLVER_LIMITS.depth)
})

test('waits for whichever of several ends first', () => {
  const { run } = scheduler(function* (job) {
    if (job.depth > 0) {
      if (job.request.name.octets[1] === 0x73) yield* pause()
      return result(job.request.name.octets[1] ?? 0)
    }
    const [slow, fast] = [yield* start(request('slow')), yield* start(request('fast'))]
    assert.ok(slow !== undefined && fast !== undefined)
    yield* waitForOne([slow, fast])
    return slow.ended ?? fast.ended ?? result(0)
  })
  assert.equal(run('top'), 0x66)
})
