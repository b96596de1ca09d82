// postal-mime, for the benchmark, with its defaults: addresses, dates and identifiers of the message, text and HTML joined
// over all parts (each made from the other where only one is there), attachments as octets.

import PostalMime from 'postal-mime'
import { headerSection } from './header-section.ts'

export async function full(message: Uint8Array): Promise<unknown> {
  return PostalMime.parse(message)
}

/** It has no such mode. */
export const headers = full

export async function cutHeaders(message: Uint8Array): Promise<unknown> {
  return PostalMime.parse(headerSection(message))
}
