// Every parser has a fuzz target: what a package shows and what is named like a parser is imported by one of its
// targets, or stands below with the reason why not. A service and the command line show nothing: there it is every module.

import { exportsOf } from './export-rules.ts'
import { importsOf } from './module-imports.ts'
import { type Package, textOf, type Workspace } from './workspace.ts'

/** `<package folder>: <name>` → why it has no target. */
export type Exceptions = Readonly<Record<string, string>>

export const WITHOUT_TARGET: Exceptions = {
  'cli: readAccounts': 'reads a file that this program wrote',
  'cli: readAll': 'reads standard input; parses nothing',
  'cli: readBindKey': 'reads two files; its parsers are of libs/dnssec (private-key) and libs/dns (zone-file)',
  'cli: parseZoneText': 'gives a refusal as a failure; the parser is of libs/dns, target zone-file',
  'cli: readZone': 'asks the primary for the text of a zone; parses nothing',
  'cli: readZoneText': 'reads a file or standard input; parses nothing',
  'cli: readMessage': 'reads a stored message through the mailbox service; parses nothing',
  'cli: readPipes': 'asks the services of a bottle; parses nothing',
  'libs/hamlet: readCorpus': 'reads the files of a directory; its parsers are of the platform',
  'libs/hamlet: readTar':
    'answers later and throws its refusals, which no target can; reads only what a manifest vouches for',
  'libs/resolver: readAnchorFile': 'reads a file that this program wrote',
  'libs/mime: Base64Decoder': 'is what transferDecoder gives; target transfer-decoder',
  'libs/mime: QuotedPrintableDecoder': 'is what transferDecoder gives; target transfer-decoder',
  'libs/mime: UuencodeDecoder': 'is what transferDecoder gives; target transfer-decoder',
  'libs/mime: YencDecoder': 'is what transferDecoder gives; target transfer-decoder',
  'services/dns-primary: readOrigin': 'gives a refusal as one of the pipe; the parser is of libs/dns, target name',
  'libs/mime: readHeader': 'feeds a stream to HeaderReader; target header-section',
}

/** One line per broken rule; empty when all is well. */
export function brokenFuzzRules(workspace: Workspace, exceptions: Exceptions): readonly string[] {
  const broken: string[] = []
  const unused = new Set(Object.keys(exceptions))
  for (const owner of workspace.packages) {
    const fuzzed = importedByTargets(workspace, owner)
    for (const [name, file] of parsersOf(workspace, owner)) {
      const key = `${owner.folder}: ${name}`
      if (exceptions[key] === undefined) {
        if (!fuzzed.has(name))
          broken.push(`${file}: no fuzz target of ${owner.folder}/fuzz/ imports the parser "${name}"`)
      } else if (!fuzzed.has(name)) unused.delete(key)
    }
  }
  return [...broken, ...[...unused].map((key) => `tools/fuzz-rules.ts: the exception "${key}" is not needed`)]
}

/** Name → the module that shows it. */
function parsersOf(workspace: Workspace, owner: Package): ReadonlyMap<string, string> {
  const shown =
    owner.kind === 'library'
      ? Object.values(owner.exports).map((file) => `${owner.folder}/${file.slice(2)}`)
      : workspace.files.filter((file) => file.package === owner && file.zone === 'shell').map((file) => file.path)
  const parsers = new Map<string, string>()
  for (const file of shown) {
    for (const { name } of exportsOf(withoutTypes(textOf(workspace, file))).names) {
      if (PARSER.test(name)) parsers.set(name, file)
    }
  }
  return parsers
}

function importedByTargets(workspace: Workspace, owner: Package): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { path } of workspace.files) {
    if (!path.startsWith(`${owner.folder}/fuzz/`) || !path.endsWith('.fuzz.ts')) continue
    for (const { how, names: imported, specifier } of importsOf(textOf(workspace, path), true)) {
      if (how === 'value' && specifier.startsWith('../')) for (const name of imported) names.add(name)
    }
  }
  return names
}

const withoutTypes = (text: string): string =>
  text.replace(/^export (?:type|interface) [^\n{=]*\{[^}]*\}(?: from [^\n]*)?/gm, '')

/** The verbs of a parser (STYLE: parse, decode, read), and the nouns of one that takes its input in pieces. */
const PARSER =
  /^(?:parse|decode|read|unfold)[A-Z]|^[A-Z]\w*(?:Reader|Decoder|Parser|Splitter|Cutter)$|^transferDecoder$/
