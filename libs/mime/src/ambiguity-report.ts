// Where readers of mail are known to differ, each place with a name and an offset: what a filter saw may not be what the
// reader shows. A message without ambiguities is read the same by all; one with them may still be honest.
// draft-chen-email-mime-ambiguity-defense

import { AMBIGUITY_LIMITS, type Ambiguity, type ReportAmbiguity } from './ambiguity.ts'
import { BodiesObserver, observeBodies } from './body-observer.ts'
import { inspectPart } from './inspect-part.ts'
import { type LineEndFindings, LineEndObserver } from './line-end-observer.ts'
import { type MessageTree, MessageTreeReader } from './message-tree.ts'
import { MESSAGE_LIMITS, type MessageLimits } from './part-event.ts'

/** In order of offset. `tree` is what `parseMessage(message)` answers. */
export function reportAmbiguities(
  tree: MessageTree,
  message: Uint8Array,
  limits: { readonly ambiguities: number } = AMBIGUITY_LIMITS,
): readonly Ambiguity[] {
  const lineEnds = new LineEndObserver()
  lineEnds.feed(message)
  return reportOf(tree, lineEnds.finish(), observeBodies(tree, message), limits)
}

/** The same report of a message that comes in pieces: keeps headers and delimiters, and nothing else of it. */
export class AmbiguityReader {
  readonly #tree: MessageTreeReader
  readonly #lineEnds = new LineEndObserver()
  readonly #bodies = new BodiesObserver()

  constructor(limits: MessageLimits = MESSAGE_LIMITS) {
    this.#tree = new MessageTreeReader(limits, (event) => this.#bodies.add(event))
  }

  feed(chunk: Uint8Array): void {
    this.#lineEnds.feed(chunk)
    this.#tree.feed(chunk)
  }

  finish(limits: { readonly ambiguities: number } = AMBIGUITY_LIMITS): {
    readonly tree: MessageTree
    readonly ambiguities: readonly Ambiguity[]
  } {
    const tree = this.#tree.finish()
    return { tree, ambiguities: reportOf(tree, this.#lineEnds.finish(), this.#bodies.found, limits) }
  }
}

function reportOf(
  tree: MessageTree,
  { bareCr, nul, mixed }: LineEndFindings,
  bodies: readonly Ambiguity[],
  limits: { readonly ambiguities: number },
): readonly Ambiguity[] {
  const found: Ambiguity[] = []
  const report: ReportAmbiguity = (kind, path, offset) => {
    if (found.length < limits.ambiguities) found.push({ kind, path, offset })
  }
  for (const { kind, path, offset } of tree.defects) report(kind, path, offset)
  if (bareCr !== undefined) report('bare-cr', [], bareCr)
  if (nul !== undefined) report('nul', [], nul)
  if (mixed !== undefined) report('mixed-line-ends', [], mixed)
  inspectPart(tree.root, true, [], report)
  for (const { kind, path, offset } of bodies) report(kind, path, offset)
  return found.sort((a, b) => a.offset - b.offset)
}
