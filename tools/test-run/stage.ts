// One stage of `npm test`: a live line while it runs, one line with its time when it is over.

import type { Outcome, Note } from './outcome.ts'

export type Stage = {
  readonly name: string
  run(onProgress: (text: string) => void): Promise<StageReport>
}

export type StageReport = { readonly outcomes: readonly Outcome[]; readonly notes: readonly Note[] }

export type Output = { readonly isTTY: boolean; write(text: string): void }

/** Runs all stages in order, even after a failure, and writes the summary. Whether all passed. */
export async function runStages(stages: readonly Stage[], output: Output): Promise<boolean> {
  const outcomes: Outcome[] = []
  const started = performance.now()
  for (const stage of stages) outcomes.push(...(await runStage(stage, output)))
  const of = (result: Outcome['result']): readonly Outcome[] => outcomes.filter((outcome) => outcome.result === result)
  const skipped = of('skipped')
  if (skipped.length > 0) output.write('\nSkipped:\n')
  for (const { name, file, detail } of skipped) output.write(`  - ${where(file)}${name}: ${detail ?? ''}\n`)
  const failed = of('failed')
  if (failed.length > 0) output.write('\nFailed:\n')
  for (const { name, file } of failed) output.write(`  - ${where(file)}${name}\n`)
  const took = seconds(performance.now() - started)
  output.write(`\n${took}\n${of('passed').length} passed, ${failed.length} failed, ${skipped.length} skipped\n`)
  return failed.length === 0 && outcomes.length > 0
}

async function runStage(stage: Stage, output: Output): Promise<readonly Outcome[]> {
  const started = performance.now()
  const live = (text: string): void => {
    if (output.isTTY) output.write(`\r\x1b[2K… ${stage.name} ${text} ${seconds(performance.now() - started)}`)
  }
  live('')
  const { outcomes, notes } = await stage.run(live).catch(
    (error: unknown): StageReport => ({
      outcomes: [
        {
          name: stage.name,
          result: 'failed',
          detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
        },
      ],
      notes: [],
    }),
  )
  const count = (result: Outcome['result']): number => outcomes.filter((outcome) => outcome.result === result).length
  const mark = count('failed') > 0 ? '✗' : '✓'
  const numbers = [`${count('passed')} passed`]
  if (count('failed') > 0) numbers.push(`${count('failed')} failed`)
  if (count('skipped') > 0) numbers.push(`${count('skipped')} skipped`)
  if (output.isTTY) output.write('\r\x1b[2K')
  output.write(
    `${mark} ${stage.name.padEnd(NAME_WIDTH)} ${seconds(performance.now() - started).padStart(8)}  ${numbers.join(', ')}\n`,
  )
  for (const { file, text } of notes) output.write(`    ${where(file)}${text}\n`)
  for (const { name, file, result, detail } of outcomes) {
    if (result === 'failed') output.write(`    ✗ ${where(file)}${name}\n${indent(detail ?? '')}\n`)
  }
  return outcomes
}

const where = (file: string | undefined): string => (file === undefined || file === '' ? '' : `${file}: `)
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
const indent = (text: string): string => text.trimEnd().replace(/^/gm, '      ')

const NAME_WIDTH = 34
