// The validator of a resolver: it judges answers, makes some of what it knows, and keeps keys and denials between them.
// RFC 4035 §5, RFC 8198 §5, RFC 5011 §2

import { equalNames, EXTENDED_ERROR, isAtOrBelow, type Question } from '@scop/dns'
import type { AlgorithmTable } from '@scop/dnssec'
import { type Judgement, validateAnswer } from './answer-validation.ts'
import type { ResolverConfig } from './config.ts'
import { DenialCache } from './denial-cache.ts'
import { KeyCache } from './key-cache.ts'
import { ManagedAnchors } from './managed-anchors.ts'
import type { Fetched, Validated } from './outcome.ts'
import { contradictsSentinel } from './root-key-sentinel.ts'
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
    synthesise: (question, { nowMs }) => {
      if (!validation.enabled || !validation.aggressive) return undefined
      const made = state.denials.synthesise(question, nowMs(), validation.nsec3Iterations)
      const point = state.anchors.closest(question.name, nowMs())
      // What its zone proved does not hold below a closer anchor, or where trust was taken back since.
      return made !== undefined && point?.kind === 'anchor' && isAtOrBelow(made.zone, point.zone) ? made : undefined
    },
    anchored: (zone, nowMs) => {
      const point = state.anchors.closest(zone, nowMs)
      return point?.kind === 'anchor' && equalNames(point.zone, zone)
    },
    referred: (zone, authority, nowMs) => {
      if (validation.enabled) state.denials.keepReferral(zone, authority, nowMs)
    },
    due: (nowMs) => {
      const { zones, nextSeconds } = managed.due(Math.floor(nowMs / 1000))
      return {
        tasks: zones.map((zone) => (context) => managed.probe(zone, new ValidationRun(state, context))),
        nextMs: nextSeconds === undefined ? undefined : nextSeconds * 1000,
      }
    },
  }
}

/** A bad answer may be one server's fault only. */
function* validate(question: Question, fetched: Fetched, run: ValidationRun): Task<Validated> {
  if (!run.context.config.validation.enabled) return { ...fetched, security: 'indeterminate' }
  const first = { fetched, judged: yield* validateAnswer(question, fetched, run) }
  const judged: Judgement = yield* run.untilGood<Judgement>(
    question,
    (other) => validateAnswer(question, other ?? fetched, run),
    ({ security, blamesAnswer }) => security === 'bogus' && blamesAnswer,
    first,
  )
  const { blamesAnswer: _, ...validated } = judged
  if (validated.security !== 'secure' || !contradictsSentinel(question, run.state.anchors, run.nowMs)) return validated
  return { ...validated, security: 'bogus', ede: [{ code: EXTENDED_ERROR.OTHER, text: 'root key sentinel' }] }
}
