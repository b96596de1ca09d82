// One call: what arrives, what each side learns when it does not, and how large it may be.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type HandlerCall, PipeAborted, PipeRefusal } from '../src/node/index.ts'
import { connect, countOctets, pieces, serve, until } from './bottle-fixture.ts'

const CALL = { request: { a: 1 }, trace: '0123456789abcdef', timeoutMs: 3000 } as const

test('a call carries request, octets, tail and trace, and an answer with octets', async (t) => {
  const { server } = await serve(t, {
    handle: {
      deliver: async ({ peer, trace, request, octets, tail }) => {
        const count = await countOctets(octets)
        return { response: { peer, trace, request, count, tail: await tail() }, octets: pieces(10, 20_000) }
      },
    },
  })
  const pipe = connect(t, server)
  let sent = 0
  const answer = await pipe.call('deliver', {
    ...CALL,
    octets: (async function* () {
      for await (const piece of pieces(50, 10_000)) {
        sent += piece.length
        yield piece
      }
    })(),
    tail: () => ({ above: sent }), // known only when all octets have gone
  })
  assert.ok(answer.ok)
  assert.deepEqual(answer.value.response, {
    peer: 'relay',
    trace: CALL.trace,
    request: { a: 1 },
    count: 500_000,
    tail: { above: 500_000 },
  })
  assert.equal(await countOctets(answer.value.octets), 200_000)
  const { tls, cipher, peer, since } = pipe.facts() ?? assert.fail()
  assert.deepEqual([tls, cipher.startsWith('TLS_'), peer], ['TLSv1.3', true, 'spiffe://one/mailbox'])
  assert.ok(since > 0)
})

test('over TCP as over a Unix socket', async (t) => {
  const { server } = await serve(t, { listen: { host: '127.0.0.1', port: 0 } })
  assert.ok('port' in server.address && server.address.port > 0)
  const answer = await connect(t, server).call('deliver', { ...CALL, octets: pieces(3, 3) })
  assert.ok(answer.ok)
  assert.deepEqual(answer.value.response, { a: 1 })
})

test('the octets are those that were sent, in any sizes', async (t) => {
  const { server } = await serve(t, { handle: { deliver: async ({ octets }) => ({ response: null, octets }) } })
  const pipe = connect(t, server)
  const sizes = [1, 0, 8187, 8192, 65_531, 65_536, 1_048_576, 1_048_577, 3, 200_000]
  const input = sizes.map((size, index) => new Uint8Array(size).map((_, at) => at * 7 + index))
  const answer = await pipe.call('deliver', {
    ...CALL,
    octets: (async function* () {
      const reused = new Uint8Array(1_048_577)
      for (const piece of input) {
        reused.set(piece)
        yield reused.subarray(0, piece.length) // a source may write to its buffer again
      }
    })(),
  })
  assert.ok(answer.ok)
  const out: Uint8Array[] = []
  for await (const piece of answer.value.octets) out.push(piece)
  assert.deepEqual(Buffer.concat(out), Buffer.concat(input))
})

test('many calls share one connection', async (t) => {
  const { server } = await serve(t, {})
  let connections = 0
  const pipe = connect(t, server, { onEvent: (event) => (connections += Number(event.kind === 'connected')) })
  const answers = await Promise.all(
    Array.from({ length: 300 }, (_, n) => pipe.call('deliver', { ...CALL, request: n })),
  )
  assert.deepEqual(
    answers.map((answer) => answer.ok && answer.value.response),
    answers.map((_, n) => n),
  )
  assert.equal(connections, 1)
})

test('more calls than concurrentStreams wait their turn', async (t) => {
  let open = 0
  let most = 0
  const { server } = await serve(t, {
    limits: { concurrentStreams: 3 },
    handle: {
      deliver: async () => {
        most = Math.max(most, ++open)
        await new Promise((resolve) => setTimeout(resolve, 2))
        open--
        return { response: null }
      },
    },
  })
  const pipe = connect(t, server)
  const answers = await Promise.all(Array.from({ length: 20 }, () => pipe.call('deliver', CALL)))
  assert.ok(answers.every((answer) => answer.ok))
  assert.equal(most, 3)
})

test('a refusal of the handler reaches the caller; any other throw does not', async (t) => {
  const { server, errors } = await serve(t, {
    handle: {
      deliver: async ({ request }) => {
        if (request === 'refuse') throw new PipeRefusal('over-quota', 'no room')
        throw new Error('secret detail')
      },
    },
  })
  const pipe = connect(t, server)
  assert.deepEqual(await pipe.call('deliver', { ...CALL, request: 'refuse' }), {
    ok: false,
    error: { kind: 'failed', failure: 'over-quota', reason: 'no room' },
  })
  assert.deepEqual(await pipe.call('deliver', CALL), {
    ok: false,
    error: { kind: 'failed', failure: 'internal', reason: 'internal error' },
  })
  assert.deepEqual(errors, ['secret detail'])
})

test('a refusal while the caller still sends ends the sending', async (t) => {
  const { server } = await serve(t, {
    handle: {
      deliver: async () => {
        throw new PipeRefusal('no', 'not this')
      },
    },
  })
  let returned = false
  const answer = await connect(t, server).call('deliver', {
    ...CALL,
    octets: (async function* () {
      try {
        for (;;) yield new Uint8Array(10_000)
      } finally {
        returned = true
      }
    })(),
  })
  assert.deepEqual(answer, { ok: false, error: { kind: 'failed', failure: 'no', reason: 'not this' } })
  await until(() => returned)
})

/** A handler that notes how the message ended for it. */
function watching(seen: string[]): (call: HandlerCall) => Promise<{ response: unknown }> {
  return async ({ octets, tail }) => {
    try {
      await countOctets(octets)
      await tail()
      seen.push('whole')
    } catch (error) {
      seen.push(error instanceof PipeAborted ? error.error.kind : String(error))
      throw error
    }
    return { response: null }
  }
}

test('a source that breaks makes no whole message', async (t) => {
  const seen: string[] = []
  const { server } = await serve(t, { handle: { deliver: watching(seen) } })
  const answer = await connect(t, server).call('deliver', {
    ...CALL,
    octets: (async function* () {
      yield new Uint8Array(100_000)
      throw new Error('client went away')
    })(),
  })
  assert.deepEqual(answer, { ok: false, error: { kind: 'aborted', reason: 'client went away' } })
  await until(() => seen.length > 0)
  assert.deepEqual(seen, ['aborted'])
})

test('a tail that breaks makes no whole message', async (t) => {
  const seen: string[] = []
  const { server } = await serve(t, { handle: { deliver: watching(seen) } })
  const answer = await connect(t, server).call('deliver', {
    ...CALL,
    octets: pieces(5, 50_000),
    tail: () => {
      throw new Error('no signature')
    },
  })
  assert.deepEqual(answer, { ok: false, error: { kind: 'aborted', reason: 'no signature' } })
  await until(() => seen.length > 0)
  assert.deepEqual(seen, ['aborted'])
})

test('a caller that loses patience aborts the handler', async (t) => {
  let aborted = false
  const { server } = await serve(t, {
    handle: {
      deliver: ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            aborted = true
            resolve({ response: null })
          })
        }),
    },
  })
  const pipe = connect(t, server)
  const late = await pipe.call('deliver', { ...CALL, timeoutMs: 30 })
  assert.equal(late.ok ? 'answered' : late.error.kind, 'timeout')
  await until(() => aborted)
  aborted = false
  const patience = new AbortController()
  const call = pipe.call('deliver', { ...CALL, signal: patience.signal })
  await until(() => server.openCalls === 1)
  patience.abort()
  assert.deepEqual(await call, { ok: false, error: { kind: 'aborted', reason: 'by the caller' } })
  await until(() => aborted)
})

test('an answer that is cut is no answer', async (t) => {
  const { server } = await serve(t, {
    handle: {
      deliver: async () => ({
        response: 'head',
        octets: (async function* () {
          yield new Uint8Array(200_000)
          throw new Error('disk')
        })(),
      }),
    },
  })
  const answer = await connect(t, server).call('deliver', CALL)
  if (answer.ok) await assert.rejects(countOctets(answer.value.octets), PipeAborted)
  else assert.equal(answer.error.kind, 'aborted')
})

test('leaving an answer early stops its sender', async (t) => {
  let stopped = false
  const { server } = await serve(t, {
    handle: {
      deliver: async () => ({
        response: 1,
        octets: (async function* () {
          try {
            for (;;) yield new Uint8Array(50_000)
          } finally {
            stopped = true
          }
        })(),
      }),
    },
  })
  const answer = await connect(t, server).call('deliver', CALL)
  assert.ok(answer.ok)
  for await (const piece of answer.value.octets) if (piece.length > 0) break
  await until(() => stopped)
})

test('head, body and tail above their limits are refused on both sides', async (t) => {
  const small = { headOctets: 100, tailOctets: 100, messageOctets: 100_000 }
  const strict = await serve(t, { limits: small, handle: { deliver: watching([]) } })
  const lax = await serve(t, { handle: { deliver: watching([]) } })
  const long = 'x'.repeat(200)
  const tooLarge = [
    { ...CALL, request: long },
    { ...CALL, octets: pieces(11, 10_000) },
    { ...CALL, octets: pieces(2, 10), tail: () => long },
  ]
  for (const [index, call] of tooLarge.entries()) {
    const there = await connect(t, strict.server).call('deliver', {
      ...call,
      ...(index === 1 && { octets: pieces(11, 10_000) }),
    })
    assert.equal(there.ok ? 'answered' : there.error.kind, 'too-large', `there ${index}`)
    const octets = index === 0 ? {} : { octets: index === 1 ? pieces(11, 10_000) : pieces(2, 10) }
    const here = await connect(t, lax.server, { limits: small }).call('deliver', { ...call, ...octets })
    assert.equal(here.ok ? 'answered' : here.error.kind, 'too-large', `here ${index}`)
  }
})

test('a handler that does not read stops the sender', async (t) => {
  const gate = Promise.withResolvers<void>()
  const { server } = await serve(t, {
    handle: {
      deliver: async ({ octets }) => {
        await gate.promise
        return { response: await countOctets(octets) }
      },
    },
  })
  let sent = 0
  const call = connect(t, server).call('deliver', {
    ...CALL,
    octets: (async function* () {
      for await (const piece of pieces(2000, 10_000)) {
        sent += piece.length
        yield piece
      }
    })(),
  })
  let before = -1
  while (before !== sent || sent === 0) {
    before = sent
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  assert.ok(sent < 1_000_000, `${sent} octets left the source`)
  gate.resolve()
  const answer = await call
  assert.ok(answer.ok)
  assert.equal(answer.value.response, 20_000_000)
})

test('a caller that does not read stops the handler’s octets, and no other call', async (t) => {
  let sent = 0
  const { server } = await serve(t, {
    handle: {
      deliver: async ({ request }) => {
        if (request !== 'large') return { response: null }
        return {
          response: null,
          octets: (async function* () {
            for await (const piece of pieces(2000, 10_000)) {
              sent += piece.length
              yield piece
            }
          })(),
        }
      },
    },
  })
  const pipe = connect(t, server)
  const large = await Promise.all(Array.from({ length: 12 }, () => pipe.call('deliver', { ...CALL, request: 'large' })))
  let before = -1
  while (before !== sent) {
    before = sent
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  assert.ok(sent < 12_000_000, `${sent} octets left the sources`)
  assert.ok((await pipe.call('deliver', CALL)).ok, 'another call passes')
  const [first] = large
  assert.ok(first?.ok)
  assert.equal(await countOctets(first.value.octets), 20_000_000)
  for (const answer of large.slice(1))
    if (answer.ok) for await (const piece of answer.value.octets) if (piece.length > 0) break
})

test('a body that stands still is given up', async (t) => {
  const seen: string[] = []
  const { server } = await serve(t, { limits: { idleMs: 50 }, handle: { deliver: watching(seen) } })
  const never = new Promise<void>(() => undefined)
  const answer = await connect(t, server).call('deliver', {
    ...CALL,
    octets: (async function* () {
      yield new Uint8Array(100_000)
      await never
    })(),
  })
  assert.equal(answer.ok ? 'answered' : answer.error.kind, 'aborted')
  assert.deepEqual(seen, ['timeout'])
})

test('a handler that leaves the octets early still learns whether the message was whole', async (t) => {
  const { server } = await serve(t, {
    handle: {
      deliver: async ({ octets, tail }) => {
        for await (const piece of octets) if (piece.length > 0) break
        return { response: await tail() }
      },
    },
  })
  const answer = await connect(t, server).call('deliver', { ...CALL, octets: pieces(100, 10_000), tail: () => 'end' })
  assert.ok(answer.ok)
  assert.equal(answer.value.response, 'end')
})
