// Questions about names: put to the resolver of the running bottle, or, where none runs, to one in this process that
// begins at the root.

import { CLASS, type Name } from '@scop/dns'
import { createAlgorithms } from '@scop/dnssec'
import {
  type DescribedOutcome,
  type DescribedStep,
  describeOutcome,
  describeStep,
  RESOLVER_CONFIG,
  ROOT_ANCHORS,
  ROOT_HINTS,
} from '@scop/resolver'
import { openResolver } from '@scop/resolver/node'
import { formatName, formatType } from '@scop/dns'
import { connectBottle, isRunning, openHomeOrFail, type RunningBottle } from './running-bottle.ts'

export type Answered = DescribedOutcome & { readonly milliseconds: number; readonly steps: readonly DescribedStep[] }

export type QuestionOptions = { readonly checkingDisabled?: boolean; readonly trace?: boolean }

export type Questions = {
  ask(name: Name, type: number, options?: QuestionOptions): Promise<Answered>
  /** The bottle whose resolver answers; absent: this process does. */
  readonly bottle: RunningBottle | undefined
  close(): Promise<void>
}

export async function openQuestions(directory: string): Promise<Questions> {
  const opened = await openHomeOrFail(directory).catch(() => undefined)
  return opened !== undefined && (await isRunning(opened.home)) ? ofBottle(await connectBottle(opened)) : ofOurOwn()
}

function ofBottle(bottle: RunningBottle): Questions {
  return {
    bottle,
    ask: async (name, type, { checkingDisabled = false, trace = false } = {}) => {
      const request = { name: formatName(name), type: formatType(type), checkingDisabled, trace }
      const { steps, ...answer } = await bottle.ask('dns-resolver', 'query', request)
      return { ...answer, steps: steps.map((step) => ({ parent: undefined, ...step })) }
    },
    close: () => bottle.close(),
  }
}

function ofOurOwn(): Questions {
  const validation = { ...RESOLVER_CONFIG.validation, anchors: ROOT_ANCHORS }
  const shell = openResolver({
    config: { ...RESOLVER_CONFIG, hints: ROOT_HINTS, validation },
    algorithms: createAlgorithms(),
  })
  return {
    bottle: undefined,
    ask: async (name, type, { checkingDisabled = false, trace = false } = {}) => {
      const steps: DescribedStep[] = []
      const began = performance.now()
      const outcome = await shell.lookUp(
        { name, type, class: CLASS.IN },
        { checkingDisabled, ...(trace && { onStep: (step) => void steps.push(describeStep(step)) }) },
      )
      return { ...describeOutcome(outcome), milliseconds: performance.now() - began, steps }
    },
    close: async () => shell.close(),
  }
}
