// The octets of EUC-KR as the WHATWG list has it (windows-949, also called UHC): KS X 1001 and, in the gaps it leaves, all
// other Hangul syllables in the order of Unicode. Runtimes read KS X 1001 only; the rest is reckoned here.
// https://encoding.spec.whatwg.org/#euc-kr-decoder

/** `bad` where U+FFFD stands for something. `ksX1001` reads what the runtime can, and never throws. */
export function decodeUnifiedHangul(
  octets: Uint8Array,
  ksX1001: TextDecoder,
): { readonly text: string; readonly bad: boolean } {
  let text = ''
  let from = 0
  for (let at = 0; at < octets.length; at++) {
    const lead = octets[at] as number // as: at < length
    if (lead < 0x80) continue
    const trail = octets[at + 1]
    if (trail !== undefined && trail >= SHORT_ROWS && lead >= SHORT_ROWS) {
      at++
      continue
    }
    text += ksX1001.decode(octets.subarray(from, at))
    const syllable = lead > LAST_LEAD || trail === undefined ? undefined : syllableAt(lead, trail, ksX1001)
    text += syllable ?? '\ufffd'
    // What is ASCII is not taken for the second half of what is wrong.
    if (syllable !== undefined || (lead !== 0x80 && trail !== undefined && trail >= 0x80)) at++
    from = at + 1
  }
  text += ksX1001.decode(octets.subarray(from))
  return { text, bad: text.includes('\ufffd') }
}

function syllableAt(lead: number, trail: number, ksX1001: TextDecoder): string | undefined {
  if (lead < FIRST_LEAD) return undefined
  // Trails are A to Z, a to z, and 0x81 on.
  let column: number
  if (trail >= 0x41 && trail <= 0x5a) column = trail - 0x41
  else if (trail >= 0x61 && trail <= 0x7a) column = trail - 0x61 + 26
  else if (trail >= 0x81 && trail <= 0xfe) column = trail - 0x81 + 52
  else return undefined
  const place =
    lead < SHORT_ROWS
      ? (lead - FIRST_LEAD) * LONG_ROW + column
      : (SHORT_ROWS - FIRST_LEAD) * LONG_ROW + (lead - SHORT_ROWS) * SHORT_ROW + column
  OTHER_SYLLABLES ??= otherSyllables(ksX1001)
  return OTHER_SYLLABLES[place]
}

/** Those that are not among the 2,350 of KS X 1001, whose rows are 0xB0 to 0xC8. */
function otherSyllables(ksX1001: TextDecoder): readonly string[] {
  const rows = new Uint8Array(25 * 94 * 2)
  for (let i = 0; i < rows.length / 2; i++) {
    rows[2 * i] = 0xb0 + Math.floor(i / 94)
    rows[2 * i + 1] = 0xa1 + (i % 94)
  }
  const known = new Set(ksX1001.decode(rows))
  const others: string[] = []
  for (let code = 0xac00; code <= 0xd7a3; code++) {
    const syllable = String.fromCharCode(code)
    if (!known.has(syllable)) others.push(syllable)
  }
  return others
}

/** Made when the first text needs it. */
let OTHER_SYLLABLES: readonly string[] | undefined
const FIRST_LEAD = 0x81
const LAST_LEAD = 0xc6
/** From this lead on trails end where those of KS X 1001 begin. */
const SHORT_ROWS = 0xa1
const LONG_ROW = 178
const SHORT_ROW = 84
