// Law: a document is read or refused within the limits; written again from what was told of it, it tells the same. What is
// cut off at the end tells the same, as far as it goes.

import assert from 'node:assert/strict'
import { decodeXml } from '../src/xml-text.ts'
import { escapeXml, readXml, XML_LIMITS } from '../src/xml.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  '<?xml version="1.0" encoding="utf-8"?><!-- c --><a b="1" c=\'&#x41;&lt;\'>t<b/>&amp;<![CDATA[<x>]]></a>\n',
  '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
  '<a><b><c></b></a>',
]

const limits = { ...XML_LIMITS, depth: 8, elements: 200 }

/** What a document tells, as a document. Texts that touch are one. */
function told(text: string): {
  readonly whole: boolean
  readonly events: readonly string[]
  readonly document: string
} {
  const events: string[] = []
  let document = ''
  let pending = ''
  const flush = (): void => {
    if (pending !== '') events.push(escapeXml(pending))
    document += escapeXml(pending)
    pending = ''
  }
  const handler = {
    open(name: string, attributes: ReadonlyMap<string, string>): void {
      flush()
      const tag = `<${name}${[...attributes].map(([key, value]) => ` ${key}="${escapeXml(value)}"`).join('')}>`
      events.push(tag)
      document += tag
    },
    text(piece: string): void {
      pending += piece
    },
    close(name: string): void {
      flush()
      events.push(`</${name}>`)
      document += `</${name}>`
    },
  }
  const read = readXml(text, handler, limits)
  return { whole: read.ok, events, document }
}

export function fuzz(input: Uint8Array): void {
  const { text } = decodeXml(input)
  const first = told(text)
  assert.ok(first.events.filter((event) => event.startsWith('<') && !event.startsWith('</')).length <= limits.elements)
  const cut = told(text.slice(0, text.length >> 1))
  assert.deepEqual(cut.events, first.events.slice(0, cut.events.length))
  if (!first.whole) return
  const again = told(first.document)
  assert.ok(again.whole)
  assert.deepEqual(again.events, first.events)
}
