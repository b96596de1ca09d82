import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokenImportRules } from '../import-rules.ts'
import { type Files, fixture, LAYERS } from './fixture.ts'

test('accepts a repository that keeps the rules', (t) => {
  assert.deepEqual(brokenImportRules(fixture(t), LAYERS), [])
})

const REFUSED: readonly (readonly [behaviour: string, changes: Files, line: RegExp])[] = [
  [
    'I/O in pure code',
    { 'libs/low/src/one.ts': "import 'node:fs'\nexport const one = 1\nexport type One = 1\n" },
    /one\.ts:1: "node:fs" does I\/O/,
  ],
  [
    'I/O in pure code, by type',
    {
      'libs/low/src/one.ts': "import type { Socket } from 'node:net'\nexport const one = 1\nexport type One = Socket\n",
    },
    /"node:net" does I\/O/,
  ],
  ['a builtin without node:', { 'services/b/src/main.ts': "import 'fs'\n" }, /"fs" must be written with "node:"/],
  [
    'a shell in pure code',
    { 'libs/low/src/one.ts': "import './node/shell.ts'\nexport const one = 1\nexport type One = 1\n" },
    /is a shell/,
  ],
  [
    'a test in source',
    { 'libs/high/src/index.ts': "import '@scop/low'\nimport '../test/x.ts'\n", 'libs/high/test/x.ts': '' },
    /is a test/,
  ],
  [
    'a file without its ending',
    { 'services/b/src/main.ts': "import './other'\n", 'services/b/src/other.ts': '' },
    /imports end in \.ts/,
  ],
  [
    'a path into another package',
    { 'services/b/src/main.ts': "import '../../../libs/low/src/one.ts'\n" },
    /leaves its package: import "@scop\/low"/,
  ],
  [
    'a dependency that is not listed',
    { 'services/b/src/main.ts': "import 'yaml'\n" },
    /"yaml" is not among the dependencies/,
  ],
  [
    'a devDependency in source',
    { 'services/b/src/main.ts': "import 'fast-check'\n" },
    /"fast-check" is not among the dependencies/,
  ],
  ['a dependency that nobody uses', { 'services/a/src/main.ts': '' }, /lists "@scop\/high", which no source imports/],
  [
    'a higher library',
    {
      'libs/low/package.json': {
        name: '@scop/low',
        exports: { '.': './src/index.ts', './node': './src/node/index.ts' },
        dependencies: { '@scop/high': '1' },
      },
      'libs/low/src/node/shell.ts': "import '@scop/high'\nexport const one = 1\n",
    },
    /"@scop\/high" is in layer 1, not below layer 0/,
  ],
  ['a library without a layer', { 'libs/new/package.json': { name: '@scop/new' } }, /"@scop\/new" has no layer/],
  [
    'what a library does not export',
    { 'services/a/src/main.ts': "import '@scop/high/src/index.ts'\n" },
    /is not exported by libs\/high/,
  ],
  [
    'a service in another, even its privileges',
    { 'services/b/src/main.ts': "import '@scop/service-a/privileges'\n" },
    /is a service/,
  ],
  [
    'a service in a library',
    { 'libs/high/src/index.ts': "import '@scop/low'\nimport '@scop/service-a/privileges'\n" },
    /is a service/,
  ],
  ['the cli', { 'services/b/src/main.ts': "import '@scop/cli'\n" }, /is the cli/],
  [
    'a cycle of files',
    {
      'services/b/src/main.ts': "import './x.ts'\n",
      'services/b/src/x.ts': "export { y } from './y.ts'\n",
      'services/b/src/y.ts': "import './main.ts'\nexport const y = 1\n",
    },
    /import cycle: services\/b\/src\/main\.ts → services\/b\/src\/x\.ts → services\/b\/src\/y\.ts → services\/b\/src\/main\.ts/,
  ],
  [
    'a cycle of packages',
    { 'services/b/package.json': { name: '@scop/service-b', dependencies: { '@scop/service-b': '1' } } },
    /packages in a cycle: @scop\/service-b → @scop\/service-b/,
  ],
  [
    'a file that cannot be read',
    { 'services/b/src/main.ts': 'import {\n' },
    /services\/b\/src\/main\.ts: cannot be read/,
  ],
]

for (const [behaviour, changes, line] of REFUSED) {
  test(`refuses ${behaviour}`, (t) => {
    assert.match(brokenImportRules(fixture(t, changes), LAYERS).join('\n'), line)
  })
}

const ACCEPTED: readonly (readonly [behaviour: string, changes: Files])[] = [
  [
    'a cycle of types only',
    {
      'services/b/src/main.ts': "import type { X } from './x.ts'\nexport type Y = X\n",
      'services/b/src/x.ts': "import type { Y } from './main.ts'\nexport type X = Y\n",
    },
  ],
  [
    'a cycle through import()',
    {
      'services/b/src/main.ts': "import './x.ts'\n",
      'services/b/src/x.ts': "export const later = () => import('./main.ts')\n",
    },
  ],
  [
    'words that look like an import in a string',
    { 'services/b/src/main.ts': "export const text = `\nimport type { X } from 'yaml'\nimport 'yaml'\n`\n" },
  ],
  [
    'where a service lies, in a library that starts it',
    {
      'libs/high/src/index.ts':
        "import '@scop/low'\nexport const at = import.meta.resolve('@scop/service-a/privileges')\n",
    },
  ],
]

for (const [behaviour, changes] of ACCEPTED) {
  test(`accepts ${behaviour}`, (t) => {
    assert.deepEqual(brokenImportRules(fixture(t, changes), LAYERS), [])
  })
}
