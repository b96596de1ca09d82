// Content-Type.
// RFC 2045 §5.1 (syntax), §5.2 (default)

import { err, ok, type Result } from '@scop/result'
import { endOfToken, readQuotedString, skipCfws } from './cfws.ts'
import { type FormatParameterError, formatParameters } from './format-parameters.ts'
import {
  PARAMETER_LIMITS,
  type Parameter,
  type ParameterDefect,
  type ParameterLimits,
  parseParameters,
} from './parameters.ts'

export type ContentType = {
  /** Lower case. */
  readonly type: string
  /** Lower case. */
  readonly subtype: string
  readonly parameters: readonly Parameter[]
}

export type ContentTypeDefect =
  | ParameterDefect
  /** `text/plain charset=…` and the like: parameters are read from there. */
  | { readonly kind: 'text-after-type' | 'quoted-type'; readonly at: number }
export type ParsedContentType = ContentType & { readonly defects: readonly ContentTypeDefect[] }

/** The reader then takes RFC 2045 §5.2's default, `DEFAULT_CONTENT_TYPE`. */
export type ContentTypeError = { readonly kind: 'no-type' | 'no-subtype'; readonly at: number }
export type FormatContentTypeError = FormatParameterError | { readonly kind: 'bad-type' }

export const DEFAULT_CONTENT_TYPE: ContentType = {
  type: 'text',
  subtype: 'plain',
  parameters: [{ name: 'charset', value: 'us-ascii' }],
}

/** Reads the value of Content-Type, folded or not. */
// content = "Content-Type" ":" type "/" subtype *( ";" parameter )
export function parseContentType(
  value: string,
  limits: ParameterLimits = PARAMETER_LIMITS,
): Result<ParsedContentType, ContentTypeError> {
  const defects: ContentTypeDefect[] = []
  let text = value
  let at = skipCfws(text, 0)
  // `"text/plain; charset=x"`, the whole of it quoted, is read as what is inside.
  if (text[at] === '"') {
    defects.push({ kind: 'quoted-type', at })
    const quoted = readQuotedString(text, at)
    text = quoted.content + text.slice(quoted.end)
    at = skipCfws(text, 0)
  }
  const typeEnd = endOfToken(text, at)
  if (typeEnd === at) return err({ kind: 'no-type', at })
  const slash = skipCfws(text, typeEnd)
  if (text[slash] !== '/') return err({ kind: 'no-subtype', at: slash })
  const subtypeAt = skipCfws(text, slash + 1)
  const subtypeEnd = endOfToken(text, subtypeAt)
  if (subtypeEnd === subtypeAt) return err({ kind: 'no-subtype', at: subtypeAt })
  const after = skipCfws(text, subtypeEnd)
  if (after < text.length && text[after] !== ';') defects.push({ kind: 'text-after-type', at: after })
  const { parameters, defects: parameterDefects } = parseParameters(text, after, limits)
  return ok({
    type: text.slice(at, typeEnd).toLowerCase(),
    subtype: text.slice(subtypeAt, subtypeEnd).toLowerCase(),
    parameters,
    defects: defects.length === 0 ? parameterDefects : [...defects, ...parameterDefects],
  })
}

/** The value of the field, for `formatField`. */
export function formatContentType(contentType: ContentType): Result<string, FormatContentTypeError> {
  const { type, subtype } = contentType
  if (!TOKEN.test(type) || !TOKEN.test(subtype)) return err({ kind: 'bad-type' })
  const parameters = formatParameters(contentType.parameters)
  return parameters.ok ? ok(`${type}/${subtype}${parameters.value}`) : parameters
}

const TOKEN = /^[a-z0-9!#$%&'*+\-.^_`{|}~]{1,127}$/
