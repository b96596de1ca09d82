// The validator of a resolver: it judges answers, makes some of what it knows, and keeps keys and denials between them.
// RFC 4035 §5, RFC 8198 §5, RFC 5011 §2

import type { Question } from '@scop/dns'
import type { AlgorithmTable } from '@scop/dnssec'
import { validateAnswer } from './answer-validation.ts'
import type { ResolverConfig } from './config.ts'
import { DenialCache } from './denial-cache.ts'
import { KeyCache } from './key-cache.ts'
import { ManagedAnchors } from './managed-anchors.ts'
import type { Fetched, Validated } from './outcome.ts'
import type { Task } from './task.ts'
import { TrustAnchors } from './trust-anchor.ts'
import type { Validator } from './validation-context.ts'
import { ValidationRun, type ValidationState } from './validation-run.ts'

export function createValidator(config: ResolverConfig, algorithms: AlgorithmTable): Validator {
  const { validation, limits } = config
  const negative = [
    ...validation.insecureZones.map((zone) => ({ zone, untilSeconds: undefined })),
    ...validation.negativeAnchors,
  ]
  const managed = new ManagedAnchors(validation.managedAnchors, validation)
  const state: ValidationState = {
    algorithms,
    keys: new KeyCache(limits.trustedZones),
    anchors: new TrustAnchors(validation.anchors, negative, (zone) => managed.find(zone)),
    denials: new DenialCache(limits),
  }
  return {
    validate: (question, fetched, context) => validate(question, fetched, new ValidationRun(state, context)),
    synthesise: (question, { nowMs }) =>
      validation.enabled && validation.aggressive
        ? state.denials.synthesise(question, nowMs(), validation.nsec3Iterations)
        : undefined,
    due: (nowMs) => {
      const { zones, nextSeconds } = managed.due(Math.floor(nowMs / 1000))
      return {
        tasks: zones.map((zone) => (context) => managed.probe(zone, new ValidationRun(state, context))),
        nextMs: nextSeconds === undefined ? undefined : nextSeconds * 1000,
      }
    },
  }
}

/** A bad answer may be one server's fault only: others are asked, so often as the limit says. */
function* validate(question: Question, fetched: Fetched, run: ValidationRun): Task<Validated> {
  const { config, fetch, budget } = run.context
  if (!config.validation.enabled) return { ...fetched, security: 'indeterminate' }
  let judged = yield* validateAnswer(question, fetched, run)
  for (let again = 0; again < config.limits.validationRetries; again++) {
    if (judged.security !== 'bogus' || !judged.blamesAnswer || budget.exceeded !== undefined) break
    const other: Fetched | undefined = yield* fetch(question.name, question.type, true)
    if (other === undefined) break
    judged = yield* validateAnswer(question, other, run)
  }
  const { blamesAnswer: _, ...validated } = judged
  return validated
}
