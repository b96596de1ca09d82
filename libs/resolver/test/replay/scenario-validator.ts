// The validator that a scenario asks for.

import type { Validator } from '../../src/index.ts'
import type { ScenarioSetup } from './scenario-config.ts'

/** `undefined`: without one, all is insecure. */
export function makeValidator(_setup: Extract<ScenarioSetup, { kind: 'setup' }>): Validator | undefined {
  return undefined
}
