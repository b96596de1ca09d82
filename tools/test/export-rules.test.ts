import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokenExportRules, exportsOf } from '../export-rules.ts'
import { type Files, fixture } from './fixture.ts'

test('accepts a repository that keeps the rules', (t) => {
  assert.deepEqual(brokenExportRules(fixture(t)), [])
})

const REFUSED: readonly (readonly [behaviour: string, changes: Files, line: RegExp])[] = [
  ['export *', { 'libs/high/src/index.ts': "export * from './two.ts'\n" }, /libs\/high\/src\/index\.ts: "export \*"/],
  ['a name that the README lacks', { 'libs/low/README.md': '`one`, and `Oneness`\n' }, /does not mention "One" of/],
  [
    'a name of the shell that the README lacks',
    { 'libs/low/src/node/index.ts': "export { one as eins } from './shell.ts'\n" },
    /does not mention "eins" of \.\/src\/node/,
  ],
  ['a library without a README', { 'libs/low/README.md': '' }, /libs\/low: has no README/],
  [
    'a name that is nowhere',
    { 'libs/low/src/one.ts': '// export const one = 1\nexport type One = 1\n' },
    /"one" is not exported by libs\/low\/src\/one\.ts/,
  ],
  [
    'an entry without a file',
    { 'services/b/package.json': { name: '@scop/service-b', exports: { './main': './src/gone.ts' } } },
    /"\.\/main" is \.\/src\/gone\.ts, which is not there/,
  ],
]

for (const [behaviour, changes, line] of REFUSED) {
  test(`refuses ${behaviour}`, (t) => {
    assert.match(brokenExportRules(fixture(t, changes)).join('\n'), line)
  })
}

test('finds every form of export', () => {
  const text = [
    'export const a = 1',
    'export function b(): void {}',
    'export async function c(): Promise<void> {}',
    'export async function* d(): AsyncGenerator<number> {}',
    'export abstract class E {}',
    'export type F = 1',
    'export interface G {}',
    "export {\n  h,\n  type I,\n  j as k,\n} from './x.ts'",
    '  export const inner = 1',
    ' * export const comment = 1',
  ].join('\n')
  assert.deepEqual(
    exportsOf(text).names.map(({ name }) => name),
    ['a', 'b', 'c', 'd', 'E', 'F', 'G', 'h', 'I', 'k'],
  )
})
