// The published suite, where it is.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { vectorFiles } from '../../harness/vectors.ts'
import { runSuite } from './suite.ts'

const files = vectorFiles('mail/arc', '-tests.yml')

// Names that stand twice are run twice: 175 of 171 names.
for (const [name, count] of [
  ['arc-draft-validation-tests.yml', 175],
  ['arc-draft-sign-tests.yml', 17],
] as const)
  test(`agrees with all of ${name}`, { skip: files === undefined ? 'no test data here' : false }, () => {
    const file = files?.find((one) => one.endsWith(name))
    assert.ok(file !== undefined)
    const outcomes = runSuite(readFileSync(file, 'utf8'))
    assert.deepEqual(
      outcomes.filter(({ result }) => result !== 'passed'),
      [],
    )
    assert.equal(outcomes.length, count)
  })
