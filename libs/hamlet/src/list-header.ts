// Fields of mailing lists, written. RFC 2369 §2, §3 (commands), RFC 2919 §3 (List-Id), RFC 8058 §3.1 (one click)

import type { ListCommand, ListId } from '@scop/mime'
import { drawDomain } from './addresses.ts'
import type { Comments, Scribe } from './scribe.ts'
import { writePhrase } from './text-fields.ts'

// list-command = "<" url ">" *( "," "<" url ">" ) / "NO"      comments between
export function writeListCommand(scribe: Scribe, mayBeNo: boolean): ListCommand {
  const { out, random } = scribe
  const comments: Comments = { list: [], words: false }
  const kind = scribe.choose('list-command')
  if (kind === 'no' && mayBeNo) {
    scribe.cfws(comments)
    out.text(random.chance(90) ? 'NO' : 'no')
    scribe.cfws(comments)
    return { urls: [], no: true, comments: comments.list }
  }
  const urls: string[] = []
  for (let count = kind === 'several' ? random.between(2, 3) : 1, i = 0; i < count; i++) {
    if (i > 0) {
      scribe.cfws(comments)
      out.text(',')
    }
    if (kind === 'commented') scribe.comment(comments)
    if (scribe.foldIfLong(50) === undefined) scribe.cfws(comments)
    const url = drawUrl(scribe)
    urls.push(url)
    const at = url.indexOf('@') + 1
    if (kind === 'spaced-url') out.text(`< ${url.slice(0, at)}\r\n ${url.slice(at)} >`)
    else out.text(`<${url}>`)
  }
  scribe.cfws(comments)
  return { urls, no: false, comments: comments.list }
}

// list-id-header = "List-ID:" [phrase] "<" list-id ">"
export function writeListId(scribe: Scribe): ListId {
  const { out } = scribe
  const kind = scribe.choose('list-id')
  let description: string | undefined
  if (kind === 'id-only') scribe.cfws()
  else {
    description = writePhrase(scribe, undefined, kind === 'phrase' ? 4 : 1)
    scribe.cfwsNeeded(undefined, 40)
  }
  const id = `${scribe.word()}.${drawDomain(scribe)}`
  out.text(`<${id}>`)
  scribe.cfws()
  return { description, id: id.toLowerCase() }
}

function drawUrl(scribe: Scribe): string {
  const { random } = scribe
  const domain = drawDomain(scribe)
  const word = scribe.word()
  switch (random.below(4)) {
    case 0:
      return `mailto:${word}@${domain}?subject=unsubscribe%20${word}`
    case 1:
      return `mailto:${word}@${domain}`
    case 2:
      return `https://${domain}/${word}?l=${word}&x=${random.next()}`
    default:
      return `ftp://${domain}/${word}.txt`
  }
}
