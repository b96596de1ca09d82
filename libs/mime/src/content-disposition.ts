// Content-Disposition, and the name of a part.
// RFC 2183 §2 (syntax), §2.3 (filename), §2.8 (unknown dispositions)

import { err, ok, type Result } from '@scop/result'
import { endOfToken, skipCfws } from './cfws.ts'
import type { ContentType } from './content-type.ts'
import { type FormatParameterError, formatParameters } from './format-parameters.ts'
import {
  PARAMETER_LIMITS,
  type Parameter,
  type ParameterDefect,
  type ParameterLimits,
  parameterNamed,
  parseParameters,
} from './parameters.ts'

export type ContentDisposition = {
  /** Lower case: `inline`, `attachment`, or one that must be read as `attachment`. RFC 2183 §2.8 */
  readonly disposition: string
  readonly parameters: readonly Parameter[]
}
export type ParsedContentDisposition = ContentDisposition & {
  readonly defects: readonly (ParameterDefect | { readonly kind: 'no-disposition'; readonly at: number })[]
}
export type ContentDispositionError = { readonly kind: 'no-disposition'; readonly at: number }
export type FormatContentDispositionError = FormatParameterError | { readonly kind: 'bad-disposition' }

/** Reads the value of Content-Disposition, folded or not. `filename=…` with no word before it is an attachment. */
// disposition = "Content-Disposition" ":" disposition-type *( ";" disposition-parm )
export function parseContentDisposition(
  value: string,
  limits: ParameterLimits = PARAMETER_LIMITS,
): Result<ParsedContentDisposition, ContentDispositionError> {
  const at = skipCfws(value, 0)
  const end = endOfToken(value, at)
  const after = skipCfws(value, end)
  const absent = end === at || value[after] === '='
  if (absent && value[at] !== ';' && value[after] !== '=') return err({ kind: 'no-disposition', at })
  const { parameters, defects } = parseParameters(value, absent ? at : after, limits)
  if (!absent) return ok({ disposition: value.slice(at, end).toLowerCase(), parameters, defects })
  return ok({ disposition: 'attachment', parameters, defects: [{ kind: 'no-disposition', at }, ...defects] })
}

/** The value of the field, for `formatField`. */
export function formatContentDisposition(
  disposition: ContentDisposition,
): Result<string, FormatContentDispositionError> {
  if (!TOKEN.test(disposition.disposition)) return err({ kind: 'bad-disposition' })
  const parameters = formatParameters(disposition.parameters)
  return parameters.ok ? ok(disposition.disposition + parameters.value) : parameters
}

/**
 * What the part calls itself: `filename` of its disposition, else `name` of its type. Foreign: it may hold any character,
 * path separators and controls too.
 */
export function partName(
  disposition: ContentDisposition | undefined,
  contentType: ContentType | undefined,
): string | undefined {
  const filename = disposition === undefined ? undefined : parameterNamed(disposition.parameters, 'filename')
  return filename ?? (contentType === undefined ? undefined : parameterNamed(contentType.parameters, 'name'))
}

const TOKEN = /^[a-z0-9!#$%&'*+\-.^_`{|}~]{1,127}$/
