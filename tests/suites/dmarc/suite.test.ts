// The reports of real senders, where they are.

import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { vectorFiles } from '../../harness/vectors.ts'
import { runSuite } from './suite.ts'

const files = vectorFiles('mail/dmarc', '.xml')
const first = files?.find((file) => file.split(path.sep).includes('parsedmarc'))
const folder = first?.slice(0, first.split(path.sep).join('/').lastIndexOf('/parsedmarc/'))

test('reads all reports of mail/dmarc, or refuses them with reason', {
  skip: folder === undefined ? 'no test data here' : false,
}, () => {
  const outcomes = runSuite(folder ?? '')
  assert.deepEqual(
    outcomes.filter(({ result }) => result === 'failed'),
    [],
  )
  assert.ok(outcomes.length >= 44)
})
