import { parseZone, parseName, ROOT } from '@scop/dns'
import { signZone, singleKey, makeKey, DEFAULT_SIGNING_POLICY } from '../src/index.ts'
const origin = parseName('bench.example', ROOT)
if (!origin.ok) throw 1
let text = '$TTL 3600\n@ SOA ns h 1 2 3 4 300\n@ NS ns\nns A 127.0.0.1\n'
for (let i = 0; i < 5000; i++) text += `h${i} A 127.0.0.1\n`
const zone = parseZone(text, origin.value)
if (!zone.ok) throw zone.error
const keys = singleKey(makeKey(13, { flags: 257 }))
for (const denial of [
  { kind: 'nsec' },
  { kind: 'nsec' },
  { kind: 'nsec' },
  { kind: 'nsec' },
  { kind: 'nsec' },
  { kind: 'nsec' },
] as const) {
  const c = process.cpuUsage()
  const s = signZone(zone.value, {
    keys,
    policy: { ...DEFAULT_SIGNING_POLICY, denial },
    nowSeconds: 1795000000,
    random: Math.random,
  })
  const u = process.cpuUsage(c)
  if (!s.ok) throw s.error
  console.log(((u.user + u.system) / 1000).toFixed(0), 'ms cpu')
}
