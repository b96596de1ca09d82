// mailparser, for the benchmark: typed fields, text and HTML, attachments as octets. What goes beyond reading is off: HTML to text
// and back, links, checksums of attachments.

import { once } from 'node:events'
import { MailParser, type SimpleParserOptions, simpleParser } from 'mailparser'
import { headerSection } from './header-section.ts'

export async function full(message: Uint8Array): Promise<unknown> {
  return simpleParser(asBuffer(message), OPTIONS)
}

/** It says when the fields are read; it is given no more than it needs, and what is left is dropped. */
export async function headers(message: Uint8Array): Promise<unknown> {
  const parser = new MailParser(OPTIONS)
  const read = once(parser, 'headers')
  const octets = asBuffer(message)
  let isRead = false
  parser.once('headers', () => (isRead = true))
  for (let at = 0; at < octets.length && !isRead; at += CHUNK) {
    const chunk = octets.subarray(at, at + CHUNK)
    await new Promise((resolve) => parser.write(chunk, resolve))
  }
  if (!isRead) parser.end()
  const fields: unknown = await read
  parser.destroy()
  return fields
}

export async function cutHeaders(message: Uint8Array): Promise<unknown> {
  return simpleParser(asBuffer(headerSection(message)), OPTIONS)
}

const asBuffer = (octets: Uint8Array): Buffer => Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)

const CHUNK = 8192
const OPTIONS: SimpleParserOptions = {
  skipHtmlToText: true,
  skipTextToHtml: true,
  skipTextLinks: true,
  skipImageLinks: true,
  checksumAlgo: false,
}
