import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { Failure } from '../src/failure.ts'
import { askHidden, generatePassword, newPassword, passwordFromInput } from '../src/password.ts'
import { sessionOf } from '../src/session.ts'
import type { Terminal } from '../src/terminal.ts'

/** A terminal with keys to be pressed; `shown` is what came onto the screen. */
function keyboard(): { terminal: Terminal; press: (keys: string) => void; shown: () => string; raw: () => boolean } {
  let raw = false
  let shown = ''
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (on: boolean) => {
      raw = on
    },
  })
  const screen = new PassThrough().on('data', (chunk: Buffer) => {
    shown += chunk.toString()
  })
  const terminal: Terminal = {
    input,
    output: screen,
    errors: screen,
    environment: {},
    onInterrupt: () => () => undefined,
  }
  return { terminal, press: (keys) => void input.write(keys), shown: () => shown, raw: () => raw }
}

const TYPED: readonly (readonly [string, string, string])[] = [
  ['a line', 'secret\r', 'secret'],
  ['a correction', 'secrex\u007ft\r', 'secret'],
  ['a correction of nothing', '\b\bx\n', 'x'],
  ['a character of two code units removed whole', 'a😀\u007fb\r', 'ab'],
  ['other control characters left out', 'a\tb\u001b\r', 'ab'],
]
for (const [name, keys, password] of TYPED) {
  test(`reads ${name} without echo`, async () => {
    const { terminal, press, shown, raw } = keyboard()
    const asked = askHidden(terminal, 'Password: ', '--generate')
    press(keys)
    assert.equal(await asked, password)
    assert.equal(raw(), false)
    assert.equal(shown(), 'Password: \n')
  })
}

test('Ctrl-C while asked ends with 130 and restores the terminal', async () => {
  const { terminal, press, raw } = keyboard()
  const asked = askHidden(terminal, 'Password: ', '--generate')
  press('abc\u0003')
  await assert.rejects(asked, (error) => error instanceof Failure && error.exit === 130)
  assert.equal(raw(), false)
})

test('two passwords that differ are refused', async () => {
  const { terminal, press } = keyboard()
  const asked = newPassword(sessionOf(terminal, {}), {})
  press('one\r')
  await new Promise((resolve) => setImmediate(resolve))
  press('two\r')
  await assert.rejects(asked, /differ/)
})

test('both ways at once are refused', async () => {
  const { terminal } = keyboard()
  await assert.rejects(newPassword(sessionOf(terminal, {}), { generate: true, passwordStdin: true }), /at once/)
})

const INPUTS: readonly (readonly [string, string | undefined])[] = [
  ['pw\n', 'pw'],
  ['pw\r\nmore', 'pw'],
  ['two words', 'two words'],
  ['', undefined],
  ['\n', undefined],
]
for (const [input, password] of INPUTS) {
  test(`standard input ${JSON.stringify(input)}`, async () => {
    const { terminal } = keyboard()
    terminal.input.push(input)
    terminal.input.push(null)
    if (password === undefined) await assert.rejects(passwordFromInput(terminal), /empty/)
    else assert.equal(await passwordFromInput(terminal), password)
  })
}

test('made passwords have four groups and are not the same', () => {
  assert.match(generatePassword(), /^([a-km-np-z2-9]{5}-){3}[a-km-np-z2-9]{5}$/)
  assert.notEqual(generatePassword(), generatePassword())
})
