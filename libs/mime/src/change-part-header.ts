// A message with the header of one part changed: every octet outside that header stays, and so does the tree's shape.
// RFC 2046 §5.1

import { err, ok, type Result } from '@scop/result'
import { type HeaderError, parseHeaderSection } from './header-section.ts'
import type { MessageTree, Part } from './message-tree.ts'
import { MESSAGE_LIMITS, type MessageLimits, type PartPath, type PartStructure } from './part-event.ts'
import { readStructure } from './part-structure.ts'
import { type HeaderChange, type RewriteError, rewriteHeader } from './rewrite-header.ts'

export type PartHeaderError =
  | RewriteError
  | HeaderError
  | { readonly kind: 'no-such-part' }
  /** The header is beyond the limits, and so is text. */
  | { readonly kind: 'unread-header' }
  /** The body would be read another way, or a line of the header as a delimiter. */
  | { readonly kind: 'changes-structure' }

/**
 * The tree with `change` done to the header of the part at `path`. Offsets are still those of the original message, which
 * `formatMessage` still needs. What is put on top must be whole fields with their line ends.
 */
export function withHeader(
  tree: MessageTree,
  path: PartPath,
  change: HeaderChange,
  limits: MessageLimits = MESSAGE_LIMITS,
): Result<MessageTree, PartHeaderError> {
  const root = changeAt(tree.root, path, 0, change, limits)
  return root.ok ? ok({ ...tree, root: root.value }) : root
}

function changeAt(
  part: Part,
  path: PartPath,
  depth: number,
  change: HeaderChange,
  limits: MessageLimits,
): Result<Part, PartHeaderError> {
  const place = path[depth]
  if (place === undefined) return changeHeader(part, change, limits)
  const { content } = part
  if (content.kind === 'message' && place === 0) {
    // Without empty line the inner header would go on where the outer one is.
    if (part.header.emptyLine.length === 0) return err({ kind: 'changes-structure' })
    const message = changeAt(content.message, path, depth + 1, change, limits)
    return message.ok ? ok({ ...part, content: { ...content, message: message.value } }) : message
  }
  const entry = content.kind === 'multipart' ? content.parts[place] : undefined
  if (entry === undefined || content.kind !== 'multipart') return err({ kind: 'no-such-part' })
  // A delimiter at the very end of the message may have no line end: a field would belong to its line.
  if (entry.delimiter.octets.at(-1) !== LF) return err({ kind: 'changes-structure' })
  const inner = changeAt(entry.part, path, depth + 1, change, limits)
  if (!inner.ok) return inner
  const parts = content.parts.with(place, { ...entry, part: inner.value })
  return ok({ ...part, content: { ...content, parts } })
}

function changeHeader(part: Part, change: HeaderChange, limits: MessageLimits): Result<Part, PartHeaderError> {
  const { header, content } = part
  const isUnread = header.octets.length === 0 && content.kind === 'leaf' && content.body.end > content.body.start
  if (isUnread) return err({ kind: 'unread-header' })
  if (change.prepend?.some((field) => !isWholeField(field)) === true) return err({ kind: 'changes-structure' })
  const octets = rewriteHeader(header, change)
  if (!octets.ok) return octets
  const parsed = parseHeaderSection(octets.value, limits.header)
  if (!parsed.ok) return parsed
  if (parsed.value.bodyStart !== octets.value.length) return err({ kind: 'changes-structure' })
  const before = readStructure(header, part.defaultType, limits.boundaryOctets)
  const after = readStructure(parsed.value.header, part.defaultType, limits.boundaryOctets)
  if (before.defect !== after.defect || !isSame(before.structure, after.structure)) {
    return err({ kind: 'changes-structure' })
  }
  return ok({ ...part, type: after.structure.type, header: parsed.value.header })
}

/** One field with its line end that no reader takes for a delimiter. */
function isWholeField(octets: Uint8Array): boolean {
  const parsed = parseHeaderSection(octets)
  if (!parsed.ok) return false
  const { fields, defects } = parsed.value.header
  const [field] = fields
  if (fields.length !== 1 || field?.octets.length !== octets.length || field.name.startsWith('--')) return false
  return defects.every((defect) => defect.kind !== 'unterminated-line')
}

/** A leaf's type may change, as long as it stays a leaf; a digest gives its parts another default. */
function isSame(a: PartStructure, b: PartStructure): boolean {
  if (a.kind !== b.kind) return false
  if (a.kind !== 'multipart' || b.kind !== 'multipart') return true
  const sameDefault = (a.type === 'multipart/digest') === (b.type === 'multipart/digest')
  return (
    sameDefault && a.boundary.length === b.boundary.length && a.boundary.every((octet, i) => octet === b.boundary[i])
  )
}

const LF = 0x0a
