// Law: a tag list is read or refused; written again from its tags it reads the same, and positions point at the values.

import assert from 'node:assert/strict'
import { decodeLatin1 } from '@scop/octets'
import { parseTagList, trimFws } from '../src/tag-list.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n d=example.com; s=sel; h=From : To; bh=AA==; b=BB\r\n\tCC==;',
  ' a = 1 ;b=',
  'v=DKIM1; k=rsa; t=y:s; p=',
]

export function fuzz(input: Uint8Array): void {
  const text = decodeLatin1(input)
  const list = parseTagList(text)
  if (!list.ok) return
  for (const tag of list.value.values()) assert.equal(trimFws(text.slice(tag.start, tag.end)), tag.value)
  const again = parseTagList([...list.value].map(([name, tag]) => `${name}=${tag.value}`).join(';'))
  assert.ok(again.ok)
  const flat = (tags: ReadonlyMap<string, { readonly value: string }>) =>
    [...tags].map(([name, tag]) => [name, tag.value])
  assert.deepEqual(flat(again.value), flat(list.value))
}
