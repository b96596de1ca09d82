// A small repository in a temporary folder, for the tests of the checks.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { readWorkspace, type Workspace } from '../workspace.ts'

/** Path → text. A package.json may be given as its fields. */
export type Files = Readonly<Record<string, string | object>>

/** The tree of `GOOD`, with `changes` in its place. */
export function fixture(t: TestContext, changes: Files = {}): Workspace {
  const root = mkdtempSync(path.join(tmpdir(), 'scop-tools-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  for (const [file, content] of Object.entries({ ...GOOD, ...changes })) {
    const absolute = path.join(root, file)
    mkdirSync(path.dirname(absolute), { recursive: true })
    writeFileSync(absolute, typeof content === 'string' ? content : JSON.stringify(content))
  }
  return readWorkspace(root)
}

export const LAYERS: Readonly<Record<string, number>> = { '@scop/low': 0, '@scop/high': 1 }

/** Two libraries, two services and a cli that break no rule. */
const GOOD: Files = {
  'package.json': { name: 'fixture', devDependencies: { 'fast-check': '1' } },
  'libs/low/package.json': { name: '@scop/low', exports: { '.': './src/index.ts', './node': './src/node/index.ts' } },
  'libs/low/README.md':
    'Gives `one` and `One`.\n\n| RFC | State |\n|---|---|\n| RFC 5321 §4.1, RFC 1870 | Yes | all of it |\n',
  'libs/low/src/index.ts': "export { one } from './one.ts'\nexport type { One } from './one.ts'\n",
  'libs/low/src/one.ts':
    "// RFC 5321 §4.1, §4.2\nimport { createHash } from 'node:crypto'\nexport type One = 1\nexport const one: One = 1\nvoid createHash\n",
  'libs/low/src/node/index.ts': "export { one } from './shell.ts'\n",
  'libs/low/src/node/shell.ts': "import 'node:net'\nexport { one } from '../one.ts'\n",
  'libs/low/test/one.test.ts': "import 'node:test'\nimport 'fast-check'\nimport '../src/index.ts'\n",
  'libs/high/package.json': {
    name: '@scop/high',
    exports: { '.': './src/index.ts' },
    dependencies: { '@scop/low': '1' },
  },
  'libs/high/README.md': 'Gives `two`.\n',
  'libs/high/src/index.ts':
    "import { one } from '@scop/low'\n// todo RFC 1870 §3: the rest\nexport const two = one + 1\n",
  'services/a/package.json': {
    name: '@scop/service-a',
    exports: { './privileges': './privileges.ts' },
    dependencies: { '@scop/high': '1' },
  },
  'services/a/privileges.ts': 'export const privileges = 1\n',
  'services/a/src/main.ts': "import 'node:http'\nimport '@scop/high'\n",
  'services/b/package.json': { name: '@scop/service-b', exports: {} },
  'services/b/src/main.ts': "import 'node:http'\n",
  'cli/package.json': { name: '@scop/cli', exports: { '.': './src/main.ts' } },
  'cli/src/main.ts': "import { privileges } from '@scop/service-a/privileges'\nexport const shown = privileges\n",
  'tests/all.test.ts': "import '@scop/cli'\nimport '@scop/service-a/privileges'\n",
}
