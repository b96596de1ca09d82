import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFigures } from '../src/figures.ts'

test('counters add, gauges are set, observed figures are read when asked', () => {
  const figures = createFigures()
  let queue = 1
  figures.add('messages_total')
  figures.add('messages_total', 2)
  figures.set('sessions', 4)
  figures.observe('queue', () => queue)
  queue = 9
  assert.deepEqual(figures.snapshot(), { messages_total: 3, sessions: 4, queue: 9 })
  assert.equal(
    figures.format('dns-primary'),
    '# TYPE scop_dns_primary_messages_total counter\nscop_dns_primary_messages_total 3\n' +
      '# TYPE scop_dns_primary_sessions gauge\nscop_dns_primary_sessions 4\n' +
      '# TYPE scop_dns_primary_queue gauge\nscop_dns_primary_queue 9\n',
  )
})
