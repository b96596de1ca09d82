import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  SECONDARY_LIMITS,
  type SecondaryAction,
  type SecondaryConfig,
  type SecondaryEvent,
  type SecondaryState,
  type SoaData,
  startSecondary,
  stepSecondary,
} from '../src/index.ts'
import { exampleZone } from './example-zone.ts'

const SOA: SoaData = { ...exampleZone().soa, refreshSeconds: 7200, retrySeconds: 900, expireSeconds: 1_209_600 }
const soa = (serial: number, more: Partial<SoaData> = {}): SoaData => ({ ...SOA, serial, ...more })
const config: SecondaryConfig = { primaries: 2, random: () => 0 }

/** A secondary, its clock in seconds, and what it did. */
function start(kept?: SoaData, more: Partial<SecondaryConfig> = {}) {
  let state: SecondaryState = startSecondary(kept && { soa: kept, heardAtMs: 0 })
  const show = (action: SecondaryAction): string =>
    action.kind === 'ask'
      ? `${action.style} ${action.primary}`
      : action.kind === 'wake-at'
        ? `wake ${action.atMs / 1000}`
        : action.kind
  return (seconds: number, event: SecondaryEvent): string => {
    const step = stepSecondary(state, event, seconds * 1000, { ...config, ...more })
    state = step.state
    return step.actions.map(show).join(', ')
  }
}
const TICK: SecondaryEvent = { kind: 'tick' }
const FAILED: SecondaryEvent = { kind: 'failed' }
const notify = (serial?: number): SecondaryEvent => ({ kind: 'notify', serial })
const heard = (data: SoaData): SecondaryEvent => ({ kind: 'heard', soa: data })

test('without a zone: the whole, at once; then changes when the SOA says', () => {
  const at = start()
  assert.equal(at(0, TICK), 'axfr 0')
  assert.equal(at(1, TICK), '')
  assert.equal(at(2, heard(soa(1))), 'wake 7202')
  assert.equal(at(7201, TICK), 'wake 7202')
  assert.equal(at(7202, TICK), 'ixfr 0, wake 1209602')
  assert.equal(at(7203, heard(soa(1))), 'wake 14403')
})

test('with a zone from before: changes at once', () => {
  assert.equal(start(soa(1))(0, TICK), 'ixfr 0, wake 1209600')
})

test('NOTIFY: asks for what is newer, or of unknown serial, and for nothing else', () => {
  const at = start(soa(5))
  at(0, TICK)
  at(1, heard(soa(5)))
  assert.equal(at(2, notify(5)), 'wake 7201')
  assert.equal(at(2, notify(4)), 'wake 7201')
  assert.equal(at(2, notify(6)), 'ixfr 0, wake 1209601')
  assert.equal(at(3, heard(soa(6))), 'wake 7203')
  assert.equal(at(4, notify()), 'ixfr 0, wake 1209603')
})

test('NOTIFY while asking: once more afterwards, whatever came of it', () => {
  const at = start(soa(5))
  at(0, TICK)
  assert.equal(at(1, notify(7)), 'wake 1209600')
  assert.equal(at(1, notify(8)), 'wake 1209600')
  assert.equal(at(2, heard(soa(7))), 'ixfr 0, wake 1209602')
  assert.equal(at(3, notify(9)), 'wake 1209602')
  assert.equal(at(4, FAILED), 'ixfr 1, wake 1209602')
  assert.equal(at(5, heard(soa(9))), 'wake 7205')
})

test('however often NOTIFY comes, there is a second between two questions', () => {
  const at = start(soa(5))
  assert.equal(at(0, TICK), 'ixfr 0, wake 1209600')
  assert.equal(at(0.1, notify()), 'wake 1209600')
  assert.equal(at(0.2, heard(soa(5))), 'wake 1')
  for (const seconds of [0.3, 0.5, 0.9]) assert.equal(at(seconds, notify()), 'wake 1')
  assert.equal(at(1, TICK), 'ixfr 0, wake 1209600.2')
  assert.equal(at(1.1, heard(soa(5))), 'wake 7201.1')
  assert.equal(at(1.2, notify()), 'wake 2')
})

test('a primary that fails: the next at once; all of them: later, as the SOA says', () => {
  const at = start(soa(5))
  assert.equal(at(0, TICK), 'ixfr 0, wake 1209600')
  assert.equal(at(1, FAILED), 'ixfr 1, wake 1209600')
  assert.equal(at(2, FAILED), 'wake 902')
  assert.equal(at(902, TICK), 'ixfr 0, wake 1209600')
})

test('without a zone, failures are further and further apart, to a bound', () => {
  const at = start(undefined, { primaries: 1 })
  let now = 0
  const waits: number[] = []
  at(now, TICK)
  for (let i = 0; i < 12; i++) {
    const wake = Number(/wake (\d+)/.exec(at(now, FAILED))?.[1])
    waits.push(wake - now)
    now = wake
    assert.equal(at(now, TICK), 'axfr 0')
  }
  assert.deepEqual(waits, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 2560, 2560, 2560])
})

test('changes that are not to be had: the whole from the same primary, once', () => {
  const at = start(soa(5))
  at(0, TICK)
  assert.equal(at(1, { kind: 'failed', style: 'wrong' }), 'axfr 0, wake 1209600')
  assert.equal(at(2, { kind: 'failed', style: 'wrong' }), 'ixfr 1, wake 1209600')
})

test('a zone that nobody has confirmed expires, once, and then comes whole', () => {
  const at = start(soa(5, { expireSeconds: 1000, retrySeconds: 300 }), { primaries: 1 })
  at(0, TICK)
  assert.equal(at(1, FAILED), 'wake 301')
  assert.equal(at(999, TICK), 'ixfr 0, wake 1000')
  assert.equal(at(1000, TICK), 'expire')
  assert.equal(at(1001, TICK), '')
  assert.equal(at(1002, FAILED), 'wake 1302')
  assert.equal(at(1302, TICK), 'axfr 0')
  assert.equal(at(1303, heard(soa(5))), 'wake 8503')
})

test('what an SOA asks for is kept between bounds', () => {
  const wake = (data: SoaData, event: SecondaryEvent = heard(data)): number => {
    const at = start(undefined, { primaries: 1 })
    at(0, TICK)
    return Number(/wake (\d+)/.exec(at(0, event))?.[1])
  }
  const { shortestRefreshSeconds, longestRefreshSeconds, longestExpireSeconds } = SECONDARY_LIMITS
  assert.equal(wake(soa(1, { refreshSeconds: 0 })), shortestRefreshSeconds)
  assert.equal(wake(soa(1, { refreshSeconds: 2 ** 31, expireSeconds: 2 ** 31 })), longestRefreshSeconds)
  const at = start(soa(1, { retrySeconds: 2 ** 31, expireSeconds: 2 ** 32 - 1 }), { primaries: 1 })
  at(0, TICK)
  assert.equal(at(0, FAILED), `wake ${SECONDARY_LIMITS.longestRetrySeconds}`)
  const short = start(soa(1, { retrySeconds: 0 }), { primaries: 1 })
  short(0, TICK)
  assert.equal(short(0, FAILED), `wake ${SECONDARY_LIMITS.shortestRetrySeconds}`)
  const long = start(soa(1, { expireSeconds: 2 ** 32 - 1 }), { primaries: 1 })
  assert.equal(long(0, TICK), `ixfr 0, wake ${longestExpireSeconds}`)
})

test('refreshes are spread: up to a tenth earlier', () => {
  const at = start(undefined, { random: () => 1 })
  at(0, TICK)
  assert.equal(at(0, heard(soa(1))), 'wake 6480')
})
