// The expected form: what a message means, as JSON that every language can read and write. Octets are their count and their
// SHA-256, text is the SHA-256 of its UTF-8; what is absent has no key. Written as RFC 8785 says (keys in order, no white
// space), so that two of them are the same when their octets are. docs/hamlet-format.md explains it.

import { createHash } from 'node:crypto'
import {
  type ContentType,
  DEFAULT_CONTENT_TYPE,
  decodeCharset,
  type Entity,
  type EntityBody,
  parameterNamed,
} from '@scop/mime'
import { encodeUtf8 } from '@scop/octets'

/** Changes with any change of the form. */
export const EXPECTED_SCHEMA = 'hamlet-expected-1'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

export type ExpectedOctets = { readonly octets: number; readonly sha256: string }
export type ExpectedEntity = { readonly fields: readonly Json[]; readonly body: ExpectedBody }
export type ExpectedBody =
  /** `text` where the type is text: how its charset was read, and the SHA-256 of its UTF-8. */
  | (ExpectedOctets & { readonly kind: 'leaf'; readonly text?: { readonly charset: string; readonly sha256: string } })
  | { readonly kind: 'message'; readonly message: ExpectedEntity }
  | {
      readonly kind: 'multipart'
      readonly preamble: ExpectedOctets
      readonly parts: readonly ExpectedEntity[]
      readonly epilogue: ExpectedOctets
    }
export type ExpectedMessage = ExpectedEntity & { readonly schema: typeof EXPECTED_SCHEMA }

export function expectedOf(entity: Entity): ExpectedMessage {
  return { schema: EXPECTED_SCHEMA, ...expectedEntity(entity) }
}

/** One line of JSON without a line end: RFC 8785. */
export function formatExpected(expected: ExpectedMessage): string {
  return canonicalJson(expected)
}

/** The type by which the body is read: of the first Content-Type; the default where there is none that can be read. RFC 2045 §5.2 */
export function contentTypeOf({ fields }: Entity): ContentType {
  const first = fields.find(({ name }) => name.toLowerCase() === 'content-type')
  return first?.kind === 'content-type' ? first.contentType : DEFAULT_CONTENT_TYPE
}

export function sha256Hex(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex')
}

function expectedEntity(entity: Entity): ExpectedEntity {
  return { fields: entity.fields.map(jsonOf), body: expectedBody(entity.body, contentTypeOf(entity)) }
}

function expectedBody(body: EntityBody, contentType: ContentType): ExpectedBody {
  switch (body.kind) {
    case 'leaf': {
      const leaf = { kind: 'leaf', ...digestOf(body.octets) } as const
      if (contentType.type !== 'text') return leaf
      const { text, charset } = decodeCharset(body.octets, parameterNamed(contentType.parameters, 'charset'))
      return { ...leaf, text: { charset, sha256: sha256Hex(encodeUtf8(text)) } }
    }
    case 'message':
      return { kind: 'message', message: expectedEntity(body.message) }
    case 'multipart':
      return {
        kind: 'multipart',
        preamble: digestOf(body.preamble),
        parts: body.parts.map(expectedEntity),
        epilogue: digestOf(body.epilogue),
      }
  }
}

function digestOf(octets: Uint8Array): ExpectedOctets {
  return { octets: octets.length, sha256: sha256Hex(octets) }
}

/** The value of a field, all keys that are undefined left out. */
function jsonOf(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (Array.isArray(value)) return value.map(jsonOf)
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    const present = Object.entries(value).filter(([, inner]) => inner !== undefined)
    return Object.fromEntries(present.map(([key, inner]) => [key, jsonOf(inner)]))
  }
  throw new Error(`Cannot write the expected form: a field holds ${typeof value}`)
}

/** RFC 8785 §3.2: keys by their UTF-16 code units; numbers and strings as ECMAScript writes them. */
function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  // as: Array.isArray does not take readonly arrays out of the union
  const entries = Object.entries(value as { readonly [key: string]: Json })
  // Integer-like keys aside, which no field has, the order of code units is that of `<`.
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`
}
