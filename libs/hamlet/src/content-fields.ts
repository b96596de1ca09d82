// The fields of a part that say more of it than type and encoding. RFC 2045 §7, §8; RFC 1864 §1; RFC 2557 §4.2; RFC 3282 §2

import { drawDomain } from './addresses.ts'
import { formatBase64 } from './encoded-words.ts'
import { writeMessageId } from './identifiers.ts'
import type { FieldWriter } from './leaves.ts'
import type { Scribe } from './scribe.ts'
import { writeUnstructured } from './text-fields.ts'

export function writeContentFields(scribe: Scribe): FieldWriter[] {
  const fields: FieldWriter[] = []
  if (scribe.choose('content-id') === 'present') {
    fields.push(() => {
      const name = scribe.beginField('Content-ID')
      const ids = [writeMessageId(scribe)]
      scribe.endField()
      return { name, kind: 'message-ids', ids }
    })
  }
  if (scribe.choose('content-description') === 'present') fields.push(unstructuredField(scribe, 'Content-Description'))
  if (scribe.choose('content-location') === 'present') {
    fields.push(givenField(scribe, 'Content-Location', `https://${drawDomain(scribe)}/${scribe.word()}.png`))
  }
  if (scribe.choose('content-md5') === 'present') {
    const digest = formatBase64(Array.from({ length: 16 }, () => scribe.random.below(256)))
    fields.push(givenField(scribe, 'Content-MD5', digest))
  }
  if (scribe.choose('content-other') === 'present') fields.push(unstructuredField(scribe, 'Content-X-Velm'))
  if (scribe.choose('content-language') !== 'absent') fields.push(languageField(scribe))
  return fields
}

// Language-Tag *("," Language-Tag), with comments
export function languageField(scribe: Scribe): FieldWriter {
  return () => {
    const { out, random } = scribe
    const name = scribe.beginField('Content-Language')
    const tags: string[] = []
    for (let count = random.between(1, 3); count > 0; count--) {
      if (tags.length > 0) out.text(',')
      scribe.cfws()
      const tag = random.of(['en', 'de-CH', 'fr', 'i-mingo', 'zh-Hant-TW', 'x-velm'])
      out.text(tag)
      tags.push(tag)
      scribe.cfws()
    }
    scribe.endField()
    return { name, kind: 'languages', tags }
  }
}

export function unstructuredField(scribe: Scribe, usual: string): FieldWriter {
  return () => {
    const name = scribe.beginField(usual)
    const text = writeUnstructured(scribe)
    scribe.endField()
    return { name, kind: 'unstructured', text }
  }
}

export function givenField(scribe: Scribe, usual: string, text: string): FieldWriter {
  return () => {
    const name = scribe.beginField(usual)
    scribe.out.text(text)
    scribe.endField()
    return { name, kind: 'unstructured', text }
  }
}
