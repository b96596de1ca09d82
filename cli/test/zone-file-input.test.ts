// Zone files from the command line: where mistakes stand, what is told of a zone, what --force lets through.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { describeNext } from '../src/dns-key.ts'
import { dnsZoneCommand } from '../src/dns-zone.ts'
import { Failure } from '../src/failure.ts'
import { processTerminal } from '../src/terminal.ts'
import { checkZoneText, parseZoneText, zoneArgument } from '../src/zone-file-input.ts'

const HEAD = '$TTL 5\n@ SOA ns root 1 7200 900 1209600 300\n@ NS ns\n'
const { origin } = zoneArgument('one.example')

const failureOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof Failure) return error.message
    throw error
  }
  return ''
}

test('every mistake has its file, line and column, also in files that are included', () => {
  const directory = mkdtempSync(join(tmpdir(), 'zone-file-'))
  try {
    writeFileSync(join(directory, 'hosts'), 'a A 192.0.2.1\nb A 192.0.2.256\n')
    const main = join(directory, 'main')
    assert.equal(
      failureOf(() => parseZoneText(`${HEAD}$INCLUDE hosts\nc MXX 1\n`, origin, main)),
      `${join(directory, 'hosts')}:2:5: not-an-address "192.0.2.256"\n${main}:5:3: unknown-type "MXX"`,
    )
    assert.equal(
      failureOf(() => parseZoneText(`${HEAD}ns A 192.0.2.1\n$INCLUDE hosts\n`, origin, '-')).split(':')[0],
      'standard input',
    )
    assert.match(
      failureOf(() => parseZoneText(HEAD + 'x A 1\n'.repeat(200), origin, main)),
      /\nand there may be more$/,
    )
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('what is wrong with a zone stops it, unless it is forced; what is doubtful is told', () => {
  let told = ''
  const errors = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      told += chunk.toString()
      done()
    },
  })
  const terminal = { ...processTerminal(), errors }
  const zone = parseZoneText(`${HEAD}@ MX 10 none\n`, origin, 'main')
  assert.equal(
    failureOf(() => checkZoneText(terminal, zone, false)),
    'name-server-without-address one.example. NS ns.one.example.',
  )
  assert.equal(told, 'warning: target-without-address one.example. MX none.one.example.\n')
  assert.equal(
    failureOf(() => checkZoneText(terminal, zone, true)),
    '',
  )
  assert.match(told, /^error: name-server-without-address /m)
})

test('each command that says --force takes it', () => {
  const group = dnsZoneCommand(processTerminal())
  for (const name of ['import', 'edit']) {
    const command = group.commands.find((one) => one.name() === name)
    assert.ok(
      command?.options.some(({ long }) => long === '--force'),
      name,
    )
  }
})

test('a rollover says what is to be done at the registrar', () => {
  const part = (name: 'dnskey' | 'ds') => ({ part: name, state: 'hidden' as const, sinceMs: 0 })
  const csk = { goal: 'present' as const, states: [part('dnskey'), part('ds')] }
  assert.match(describeNext('one.example', [csk]), /registrar by what "scop dns key ds one\.example" prints/)
  assert.match(
    describeNext('one.example', [{ ...csk, states: [part('dnskey')] }]),
    /^Nothing is to be done at the registrar/,
  )
})
