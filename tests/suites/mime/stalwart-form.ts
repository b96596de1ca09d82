// The form in which mail-parser (Rust) writes a message as JSON. Numbers of parts are places in `parts`, offsets are octets.

import type { Json } from './compare.ts'

export type FieldForm = {
  /** In snake case, or `{ other: … }` as written. */
  readonly name: Json
  /** `Empty`, or one member that says how the value was read. */
  readonly value: Json
  readonly offset_field: number
  readonly offset_start: number
  readonly offset_end: number
}
export type PartForm = {
  readonly headers: readonly FieldForm[]
  readonly is_encoding_problem: boolean
  /** One member: Text, Html, Binary, InlineBinary, Multipart or Message. */
  readonly body: { readonly [kind: string]: Json }
  readonly offset_header: number
  readonly offset_body: number
  readonly offset_end: number
}
export type MessageForm = {
  readonly html_body: readonly number[]
  readonly text_body: readonly number[]
  readonly attachments: readonly number[]
  readonly parts: readonly PartForm[]
}

export function isMessageForm(value: unknown): value is MessageForm {
  return typeof value === 'object' && value !== null && LISTS.every((list) => Array.isArray(Reflect.get(value, list)))
}

const LISTS = ['html_body', 'text_body', 'attachments', 'parts']
