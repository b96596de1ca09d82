import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokenFuzzRules, type Exceptions } from '../fuzz-rules.ts'
import { type Files, fixture } from './fixture.ts'

const INDEX = 'libs/low/src/index.ts'
const PARSER = { [INDEX]: "export { one, parseOne } from './one.ts'\nexport type { OneReader } from './one.ts'\n" }
const target = (text: string): Files => ({ 'libs/low/fuzz/one.fuzz.ts': `${text}\nexport const seeds = []\n` })
const EXCEPTION: Exceptions = { 'libs/low: parseOne': 'a reason' }

const CASES: readonly (readonly [
  behaviour: string,
  changes: Files,
  exceptions: Exceptions,
  broken: readonly RegExp[],
])[] = [
  ['a library without a parser', {}, {}, []],
  ['a parser that a target imports', { ...PARSER, ...target("import { parseOne } from '../src/one.ts'") }, {}, []],
  ['a parser under another name', { ...PARSER, ...target("import { parseOne as p } from '../src/one.ts'") }, {}, []],
  ['a parser with a reason', PARSER, EXCEPTION, []],
  ['a parser without a target', PARSER, {}, [/index\.ts: no fuzz target .* "parseOne"/]],
  ['a target that names it in a comment', { ...PARSER, ...target('// parseOne') }, {}, [/"parseOne"/]],
  [
    'a target of another library',
    { ...PARSER, 'libs/high/fuzz/one.fuzz.ts': "import { parseOne } from '@scop/low'" },
    {},
    [/"parseOne"/],
  ],
  [
    'a test that imports it',
    { ...PARSER, 'libs/low/test/p.test.ts': "import { parseOne } from '../src/one.ts'" },
    {},
    [/"parseOne"/],
  ],
  [
    'a parser of ours with the name of one elsewhere',
    { ...PARSER, ...target("import { parseOne } from 'elsewhere'") },
    {},
    [/"parseOne"/],
  ],
  ['a reader that is a class', { [INDEX]: "export { LineReader } from './one.ts'\n" }, {}, [/"LineReader"/]],
  [
    'a parser inside a service',
    { 'services/a/src/p.ts': 'export function decodeIt() {}\n' },
    {},
    [/services\/a\/src\/p\.ts.*"decodeIt"/],
  ],
  ['an exception for nothing', {}, EXCEPTION, [/exception "libs\/low: parseOne" is not needed/]],
  [
    'an exception for what has a target',
    { ...PARSER, ...target("import { parseOne } from '../src/one.ts'") },
    EXCEPTION,
    [/not needed/],
  ],
]

for (const [behaviour, changes, exceptions, broken] of CASES) {
  test(`${broken.length === 0 ? 'accepts' : 'refuses'} ${behaviour}`, (t) => {
    const found = brokenFuzzRules(fixture(t, changes), exceptions)
    assert.equal(found.length, broken.length, found.join('\n'))
    for (const [index, line] of broken.entries()) assert.match(found[index] ?? '', line)
  })
}
