// The published suites, where they are. RFC 7208's own: 203 tests, edition 2014.04 with the additions of 2019.08.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { vectorFiles } from '../../harness/vectors.ts'
import { runSuite } from './suite.ts'

const files = vectorFiles('mail/spf', '.yml')
const EXPECTED: { readonly [file: string]: number } = {
  'pyspf/rfc7208-tests.yml': 203,
  'pyspf/rfc4408-tests.yml': 191,
  'blitiri/blitirispf-tests.yml': 21,
}

for (const [name, count] of Object.entries(EXPECTED)) {
  test(`agrees with all of ${name}`, { skip: files === undefined ? 'no test data here' : false }, async () => {
    const file = files?.find((one) => one.split(path.sep).join('/').endsWith(name))
    assert.ok(file !== undefined)
    const outcomes = await runSuite(readFileSync(file, 'utf8'))
    assert.deepEqual(
      outcomes.filter(({ result }) => result !== 'passed'),
      [],
    )
    assert.equal(outcomes.length, count)
  })
}
