// The peer lab itself: stock programs and our primary, at port 53, in a network that has nothing else.

import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { inPeerLab, LAB } from './peer-lab/lab.ts'
import { serveOurs } from './peer-lab/ours.ts'
import { startKnotd, startNamed, startUnbound } from './peer-lab/peers.ts'
import { tool, toolOrFail } from './peer-lab/tool.ts'

const TEXT = `$TTL 300
@ SOA ns root 7 7200 900 1209600 300
@ NS ns
ns A ${LAB.ours}
mail MX 10 ns
*.wild TXT "any"
`
const ZONE_FILE = '@ 300 SOA ns root 9 7200 900 1209600 300\n@ 300 NS ns\nns 300 A 127.0.0.1\n'

inPeerLab(import.meta.filename, ['dig', 'named', 'knotd', 'unbound'], () => {
  test('nothing but loopback is there', () => {
    assert.deepEqual(Object.keys(networkInterfaces()), ['lo'])
  })

  test('dig and delv read what our primary says, by UDP and TCP', async (t) => {
    await serveOurs(t, { address: LAB.ours, zones: { 'one.test': TEXT } })
    for (const transport of ['+notcp', '+tcp']) {
      const said = await toolOrFail('dig', [`@${LAB.ours}`, transport, '+norecurse', 'mail.one.test', 'MX'])
      assert.match(said, /status: NOERROR/)
      assert.match(said, /flags: qr aa;/)
      assert.match(said, /^mail\.one\.test\.\s+300\s+IN\s+MX\s+10 ns\.one\.test\.$/m)
      assert.match(
        said,
        new RegExp(`^ns\\.one\\.test\\.\\s+300\\s+IN\\s+A\\s+${LAB.ours.replaceAll('.', '\\.')}$`, 'm'),
      )
      assert.doesNotMatch(said, /WARNING|malformed/i)
    }
    const cases: readonly (readonly [string, string, RegExp])[] = [
      ['none.one.test', 'A', /status: NXDOMAIN/],
      ['ns.one.test', 'MX', /status: NOERROR[^]*ANSWER: 0, AUTHORITY: 1/],
      ['x.wild.one.test', 'TXT', /^x\.wild\.one\.test\.\s+300\s+IN\s+TXT\s+"any"$/m],
      ['one.example', 'A', /status: REFUSED/],
    ]
    for (const [name, type, expected] of cases) {
      assert.match(await toolOrFail('dig', [`@${LAB.ours}`, '+norecurse', name, type]), expected, `${name} ${type}`)
    }
  })

  test('stock servers start, answer, and end', async (t) => {
    const named = await startNamed(t, {
      address: LAB.named,
      zones: 'zone "two.test" { type primary; file "%DIRECTORY%/two.test"; };',
      files: { 'two.test': ZONE_FILE },
    })
    const knot = await startKnotd(t, {
      address: LAB.knot,
      zones: 'zone:\n  - domain: two.test\n    storage: "%DIRECTORY%"\n    file: two.test\n',
      files: { 'two.test': ZONE_FILE },
    })
    const unbound = await startUnbound(t, {
      address: LAB.unbound,
      rootAddress: LAB.root,
      anchors: '. 3600 IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D',
      server: 'local-data: "here.test. A 127.0.0.1"',
    })
    for (const { address } of [named, knot]) {
      const said = await toolOrFail('dig', [`@${address}`, '+norecurse', '+short', 'two.test', 'SOA'])
      assert.match(said, /^ns\.two\.test\. root\.two\.test\. 9 /)
    }
    assert.equal(await toolOrFail('dig', [`@${unbound.address}`, '+short', 'here.test', 'A']), '127.0.0.1\n')
    for (const peer of [named, knot, unbound]) {
      await peer.stop()
      const said = await tool('dig', [`@${peer.address}`, '+tcp', '+tries=1', '+time=1', '.', 'SOA'])
      assert.equal(said.code, 9, said.out)
    }
  })
})
