// Laws: a command line, the argument of MAIL and RCPT, and a path, once read, are written and read again the same.

import assert from 'node:assert/strict'
import { encodeUtf8 } from '@scop/octets'
import {
  formatCommandLine,
  formatPath,
  formatPathArgument,
  parseCommandLine,
  parseForwardPath,
  parsePathArgument,
  parseReversePath,
} from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'MAIL FROM:<a@b.example> SIZE=5 BODY=8BITMIME AUTH=<>',
  'RCPT TO:<@x.example,@y.example:"a b>"@[IPv6:::1]>',
  'rcpt to: <é@bücher.example> X',
  'MAIL FROM:<>',
]

export function fuzz(input: Uint8Array): void {
  const command = parseCommandLine(input)
  if (!command.ok) return
  assert.deepEqual(parseCommandLine(encodeUtf8(formatCommandLine(command.value))), command)
  for (const keyword of ['FROM:', 'TO:'] as const) {
    const argument = parsePathArgument(command.value.argument, keyword)
    if (!argument.ok) continue
    assert.deepEqual(parsePathArgument(formatPathArgument(keyword, argument.value), keyword), argument)
    for (const parse of [parseReversePath, parseForwardPath]) {
      const path: ReturnType<typeof parseReversePath | typeof parseForwardPath> = parse(argument.value.path, {
        utf8: true,
      })
      if (!path.ok) continue
      const text = formatPath(path.value)
      assert.doesNotMatch(text, /[\r\n\0]/)
      assert.deepEqual(parse(text, { utf8: true }), path)
    }
  }
}
