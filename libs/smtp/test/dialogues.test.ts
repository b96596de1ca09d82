// Each file of dialogues/, against the pure session and against the real server over a socket.
// `C:` we say (lines that follow each other leave together), `S:` a line that begins so comes back, `T` TLS, `X` closed.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { encodeUtf8 } from '@scop/octets'
import { recordingPolicy, startLoopback } from './loopback.ts'
import { PureSession } from './pure-session.ts'
import { Transport } from '../src/node/transport.ts'

type Turn =
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'hear'; readonly line: string }
  | { readonly kind: 'tls' }
  | { readonly kind: 'closed' }

function readDialogue(text: string): readonly Turn[] {
  const turns: Turn[] = []
  for (const line of text.split('\n')) {
    const last = turns.at(-1)
    if (line.startsWith('C: ')) {
      const said = `${line.slice(3)}\r\n`
      if (last?.kind === 'say') turns[turns.length - 1] = { kind: 'say', text: last.text + said }
      else turns.push({ kind: 'say', text: said })
    } else if (line.startsWith('S: ')) turns.push({ kind: 'hear', line: line.slice(3) })
    else if (line === 'T') turns.push({ kind: 'tls' })
    else if (line === 'X') turns.push({ kind: 'closed' })
    else if (line !== '' && !line.startsWith('#')) throw new Error(`Cannot read "${line}"`)
  }
  return turns
}

interface Peer {
  say(text: string): Promise<void>
  /** `undefined`: closed. */
  hear(): Promise<string | undefined>
  secure(): Promise<void>
}

async function play(turns: readonly Turn[], peer: Peer): Promise<void> {
  for (const [i, turn] of turns.entries()) {
    if (turn.kind === 'say') await peer.say(turn.text)
    else if (turn.kind === 'tls') await peer.secure()
    else {
      const heard = await peer.hear()
      if (turn.kind === 'closed') assert.equal(heard, undefined, `turn ${i}`)
      else assert.ok(heard?.startsWith(turn.line), `turn ${i}: expected "${turn.line}", got "${heard}"`)
    }
  }
}

async function purePeer(): Promise<Peer> {
  const pure = new PureSession(recordingPolicy([]))
  await pure.run()
  return {
    say: async (text) => void (await pure.feed(encodeUtf8(text))),
    hear: async () => {
      const end = pure.output.indexOf('\r\n')
      if (end < 0) {
        assert.equal(pure.closed, true, 'nothing said, and not closed')
        return undefined
      }
      const line = pure.output.slice(0, end)
      pure.output = pure.output.slice(end + 2)
      return line
    },
    secure: async () => assert.equal(pure.session.state.name, 'fresh'),
  }
}

function livePeer(port: number): Peer {
  const transport = new Transport(connect(port, '127.0.0.1'))
  let heard = ''
  return {
    say: async (text) => void (await transport.write(encodeUtf8(text), 5_000)),
    async hear() {
      for (;;) {
        const end = heard.indexOf('\r\n')
        if (end >= 0) {
          const line = heard.slice(0, end)
          heard = heard.slice(end + 2)
          return line
        }
        const arrival = await transport.read(5_000)
        if (arrival.kind === 'octets') heard += Buffer.from(arrival.octets).toString('latin1')
        else {
          assert.equal(arrival.kind, 'end')
          transport.destroy()
          return undefined
        }
      }
    },
    async secure() {
      const wrap: Parameters<Transport['secure']>[0] = (socket) => connectTls({ socket, rejectUnauthorized: false })
      assert.equal(await transport.secure(wrap, 'secureConnect', 5_000), undefined)
    },
  }
}

const folder = new URL('dialogues/', import.meta.url)
for (const file of readdirSync(folder)) {
  const turns = readDialogue(readFileSync(new URL(file, folder), 'utf8'))
  test(`dialogue ${file}, pure`, async () => play(turns, await purePeer()))
  test(`dialogue ${file}, over a socket`, async () => {
    const server = await startLoopback()
    try {
      await play(turns, livePeer(server.port))
    } finally {
      await server.close()
    }
  })
}
