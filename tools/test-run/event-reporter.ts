// A reporter for `node --test`: one line of JSON per finished test or note, for `npm test` to count.

import type { EventData } from 'node:test'
import type { TestEvent } from 'node:test/reporters'
import path from 'node:path'
import { inspect } from 'node:util'
import type { Line, Outcome } from './outcome.ts'

// oxlint-disable-next-line import/no-default-export -- how the runner finds its reporter
export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string, void> {
  for await (const event of source) {
    const line = lineFor(event)
    if (line !== undefined) yield `${JSON.stringify(line)}\n`
  }
}

function lineFor(event: TestEvent): Line | undefined {
  if (event.type === 'test:pass') {
    return event.data.details.type === 'suite' ? undefined : { kind: 'outcome', outcome: passed(event.data) }
  }
  if (event.type === 'test:fail') return { kind: 'outcome', outcome: failed(event.data) }
  // The runner's own totals carry no file.
  if (event.type === 'test:diagnostic' && event.data.file !== undefined && event.data.level === 'info') {
    return { kind: 'note', note: { file: relative(event.data.file), text: event.data.message } }
  }
  return undefined
}

function passed({ name, file, skip, todo }: EventData.TestPass): Outcome {
  const reason = skip ?? todo
  if (reason === undefined || reason === false) return { name, file: relative(file), result: 'passed' }
  const detail = typeof reason === 'string' && reason !== '' ? reason : 'no reason given'
  return { name, file: relative(file), result: 'skipped', detail }
}

function failed({ name, file, todo, details }: EventData.TestFail): Outcome {
  const { cause } = details.error
  const detail = inspect(cause instanceof Error ? cause : details.error, { depth: 4, colors: false })
  // A test marked `todo` is allowed to fail, and is listed with what is not there yet.
  const result = todo === undefined || todo === false ? 'failed' : 'skipped'
  return { name, file: relative(file), result, detail: result === 'failed' ? detail : `todo: ${String(todo)}` }
}

const relative = (file: string | undefined): string => (file === undefined ? '' : path.relative(process.cwd(), file))
