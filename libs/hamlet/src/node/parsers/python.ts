// Python's email package, in one process that lives as long as the comparison: read_mail.py says how we speak with it.

import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { DIFFERENCE_KINDS } from '../../differences.ts'
import type { Reading, ReadingAddress, ReadingPart } from '../../reading.ts'
import { type MailParser, ParserMissing } from './parser.ts'

type SaidPart = Readonly<Record<'charset' | 'name' | 'disposition' | 'octets' | 'text', string | null>> & {
  readonly type: string
  readonly parts: readonly SaidPart[]
}
type Said = {
  readonly error?: string
  readonly reading?: {
    readonly root: SaidPart
    readonly subject: string | null
    readonly date: number | null
    readonly messageId: string | null
    readonly addresses: readonly ReadingAddress[]
  }
}

export async function python(): Promise<MailParser> {
  const version = await promisify(execFile)('python3', ['--version']).catch(() => undefined)
  if (version === undefined) throw new ParserMissing('python3', 'install Python 3.9 or newer')
  const child = spawn('python3', [fileURLToPath(new URL('./read_mail.py', import.meta.url))])
  child.stderr.resume()
  child.stdin.on('error', () => undefined) // the end of the process says it
  const frames = framesOf(child)
  return {
    name: 'python',
    version: version.stdout.trim().replace('Python ', ''),
    tells: new Set(DIFFERENCE_KINDS),
    read: async (octets) => {
      const length = new Uint8Array(4)
      new DataView(length.buffer).setUint32(0, octets.length)
      child.stdin.write(length)
      child.stdin.write(octets)
      const frame = await frames.next()
      if (frame.done === true) throw new Error('python3 has ended')
      // as: written by read_mail.py
      const { reading, error } = JSON.parse(frame.value) as Said
      if (reading === undefined) throw new Error(error ?? 'no answer')
      return {
        root: partOf(reading.root),
        subject: reading.subject ?? undefined,
        date: reading.date ?? undefined,
        messageId: reading.messageId ?? undefined,
        addresses: reading.addresses,
      } satisfies Reading
    },
    close: async () => {
      child.stdin.end()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

async function* framesOf(child: ChildProcessWithoutNullStreams): AsyncGenerator<string> {
  let held: Buffer = Buffer.alloc(0)
  for await (const chunk of child.stdout) {
    held = Buffer.concat([held, chunk])
    while (held.length >= 4 && held.length >= 4 + held.readUInt32BE(0)) {
      const end = 4 + held.readUInt32BE(0)
      yield held.toString('utf8', 4, end)
      held = held.subarray(end)
    }
  }
}

const partOf = ({ type, charset, name, disposition, octets, text, parts }: SaidPart): ReadingPart => ({
  type,
  charset: charset ?? undefined,
  name: name ?? undefined,
  disposition: disposition ?? undefined,
  octets: octets === null ? undefined : Uint8Array.fromBase64(octets),
  text: text ?? undefined,
  parts: parts.map(partOf),
})
