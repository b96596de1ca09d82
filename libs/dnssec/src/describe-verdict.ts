// What a check of a signed zone has found, a line for each finding.

import { formatName, formatType } from '@scop/dns'
import type { ZoneVerdict } from './verify-zone.ts'
import type { ZoneFinding } from './zone-finding.ts'

/** Errors make a validator refuse the zone, or may; warnings do not. */
export function describeVerdict({ findings, furtherFindings }: Pick<ZoneVerdict, 'findings' | 'furtherFindings'>): {
  readonly errors: readonly string[]
  readonly warnings: readonly string[]
} {
  const shown = (severity: ZoneFinding['severity']): readonly string[] =>
    findings.filter((finding) => finding.severity === severity).map(formatFinding)
  const errors = shown('error')
  return {
    errors: furtherFindings > 0 ? [...errors, `${furtherFindings} more findings`] : errors,
    warnings: shown('warning'),
  }
}

/** `www.one.example. A: signature-refused (expired)` */
function formatFinding({ kind, name, type, detail }: ZoneFinding): string {
  const of = type === undefined ? '' : ` ${formatType(type)}`
  return `${formatName(name)}${of}: ${kind}${detail === undefined ? '' : ` (${detail})`}`
}
