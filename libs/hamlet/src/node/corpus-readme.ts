// README.md of a corpus, for those who read it in any language.

import { readFile } from 'node:fs/promises'
import { EXPECTED_SCHEMA } from '../expected.ts'
import type { CorpusParameters } from './corpus.ts'

export async function corpusReadme({ generator, profile, seed, count }: CorpusParameters): Promise<string> {
  const reader = await readFile(new URL('./read_hamlet.py', import.meta.url), 'utf8')
  return `# Hamlet: ${count} messages, each with what it means

Internet messages (RFC 5322, MIME) made by a typed grammar: for readers of mail in any language to be tested with. No
real person's words are in them. CC0-1.0 (\`LICENSE\`): do with them what you like.

Generator ${generator}, profile ${profile}, seed ${seed}. The same generator makes the same octets:
\`scop hamlet generate --count ${count} --seed ${seed} --profile ${profile} --out DIR\`.

| file | is |
|---|---|
| \`shards/*.tar.zst\` | tar archives (ustar), compressed by Zstandard; in each \`000000.eml\`, then \`000000.json\`, and so on |
| \`MANIFEST.json\` | the parameters; of each file its octets and SHA-256; of each shard also the SHA-256 of the archive inside |
| \`MANIFEST.json.sig\` | Ed25519 signature of \`MANIFEST.json\`, 64 octets |
| \`PUBLIC-KEY.pem\` | the key that made it. It proves who made the corpus only if you know it from elsewhere |
| \`COVERAGE.md\`, \`COVERAGE.json\` | how often each production of the grammar occurs |

Verify with OpenSSL 3 and coreutils:

\`\`\`sh
openssl pkeyutl -verify -pubin -inkey PUBLIC-KEY.pem -rawin -in MANIFEST.json -sigfile MANIFEST.json.sig
python3 -c 'import json; m = json.load(open("MANIFEST.json")); [print(f["sha256"], "", f["name"]) for f in m["shards"] + m["files"]]' | sha256sum -c
\`\`\`

## What a message means: \`${EXPECTED_SCHEMA}\`

A message is \`{"schema", "fields", "body"}\`; so is a part, without \`schema\`. The file is JSON as RFC 8785 writes it (keys
in order, no white space): make the same of your reading, and compare octets. A key is absent where there is no value.

- \`fields\`: in their order, all of them. \`name\` is as written; \`kind\` says how the value is read, and so which keys there
  are: \`addresses\`, \`path\`, \`date\`, \`message-ids\`, \`phrases\`, \`received\`, \`authentication-results\`, \`list-command\`,
  \`list-id\`, \`mime-version\`, \`content-type\`, \`content-disposition\`, \`content-transfer-encoding\`, \`languages\`, and
  \`unstructured\` for all others. Values are unfolded and decoded (RFC 2047, RFC 2231), without quotes.
- \`body\`: \`{"kind": "leaf", "octets", "sha256"}\`: the count and SHA-256 of the octets without their transfer encoding.
  Where the type is text also \`"text": {"charset", "sha256"}\`: the text read by that charset, as UTF-8, line ends as
  they are. \`{"kind": "message", "message"}\`: a message within. \`{"kind": "multipart", "preamble", "parts",
  "epilogue"}\`: the parts in order; preamble and epilogue as octets and SHA-256.

## A reader in Python

Python has read Zstandard only since 3.14, so this one reads what \`zstd -dc\` gives.

\`\`\`python
${reader}\`\`\`
`
}
