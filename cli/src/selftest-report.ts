// The course of a test: steps one after the other, each with its time and its evidence, shown while they run.

import { Failure } from './failure.ts'
import { printable } from './printable.ts'
import type { Session } from './session.ts'

export type StepReport = {
  readonly id: string
  readonly title: string
  readonly passed: boolean
  readonly milliseconds: number
  /** What was seen, in one line. */
  readonly summary: string
  readonly evidence?: unknown
}

export type Outcome<T> = {
  readonly value: T
  readonly summary: string
  readonly evidence?: unknown
  /** Where the step itself knows better than the clock around it. */
  readonly milliseconds?: number
}

/** Says within a step what goes on: shown on a terminal, not kept. */
export type Say = (text: string) => void

export class Course {
  readonly steps: StepReport[] = []
  readonly #view: View
  readonly #signal: AbortSignal

  constructor(view: View, signal: AbortSignal) {
    this.#view = view
    this.#signal = signal
  }

  get passed(): boolean {
    return this.steps.every(({ passed }) => passed)
  }

  /** A step without which the rest makes no sense: its failure is recorded, and thrown on. */
  async need<T>(id: string, title: string, run: (say: Say) => Promise<Outcome<T>>): Promise<T> {
    this.#signal.throwIfAborted()
    const began = performance.now()
    this.#view.begin(title)
    try {
      const outcome = await run((text) => this.#view.say(title, text))
      const { value, summary, evidence, milliseconds = performance.now() - began } = outcome
      this.#end({ id, title, passed: true, milliseconds, summary, evidence })
      return value
    } catch (error) {
      const summary = error instanceof Error ? error.message : String(error)
      const milliseconds = performance.now() - began
      const evidence = error instanceof Contradiction ? error.evidence : undefined
      this.#end({ id, title, passed: false, milliseconds, summary, evidence })
      throw new StepFailed(title)
    }
  }

  /** A step that stands for itself: its failure is recorded, and the course goes on. */
  async check(id: string, title: string, run: (say: Say) => Promise<Omit<Outcome<unknown>, 'value'>>): Promise<void> {
    try {
      await this.need(id, title, async (say) => ({ value: undefined, ...(await run(say)) }))
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error
    }
  }

  #end(step: StepReport): void {
    const rounded = { ...step, milliseconds: Math.round(step.milliseconds * 10) / 10 }
    this.steps.push(rounded)
    this.#view.end(rounded)
  }
}

/** Thrown by a step that saw something else than it should have: what it saw is kept. */
export class Contradiction extends Failure {
  readonly evidence: unknown
  constructor(message: string, evidence: unknown) {
    super('contradiction', message)
    this.evidence = evidence
  }
}

/** The step has said why; this only ends what depends on it. */
export class StepFailed extends Error {}

export type View = {
  begin(title: string): void
  say(title: string, text: string): void
  end(step: StepReport): void
}

/** One line per step; on a terminal the line of the present step is shown meanwhile. */
export function terminalView({ json, terminal: { output } }: Session): View {
  if (json) return { begin: () => undefined, say: () => undefined, end: () => undefined }
  const live = output.isTTY === true
  const present = (text: string): void => {
    if (live) output.write(`\r\u001b[2K  … ${printable(text).slice(0, MAX_LIVE)}`)
  }
  return {
    begin: present,
    say: (title, text) => present(`${title}: ${text}`),
    end: ({ passed, title, summary, milliseconds }) => {
      const time = `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`.padStart(9)
      output.write(
        `${live ? '\r\u001b[2K' : ''}${passed ? '✔' : '✘'} ${time}  ${printable(title)}: ${printable(summary)}\n`,
      )
    },
  }
}

const MAX_LIVE = 76
