// Usernames and passwords prepared, so that the same characters typed on two keyboards are the same octets.
// RFC 8264 §8-9 (PRECIS classes), RFC 8265 §3.3 (UsernameCaseMapped), §4.2 (OpaqueString)

import { err, ok, type Result } from '@scop/result'

export type PrecisError =
  | { readonly kind: 'empty' }
  /** A character that the profile does not allow. */
  | { readonly kind: 'disallowed-character'; readonly codePoint: number }

/**
 * UsernameCaseMapped: full and half width forms folded, lower case, NFC; then letters, digits, marks, and printable
 * ASCII without the space. An ASCII username stays as it is, in lower case.
 */
export function prepareUsername(text: string): Result<string, PrecisError> {
  if (PLAIN_USERNAME.test(text)) return ok(text)
  // todo RFC 8265 §3.3.2: bidi rule for right-to-left names; RFC 8264 §4.2.2: contextual rules (such characters are refused)
  const mapped = text
    .replace(WIDTH_FORMS, (form) => form.normalize('NFKC'))
    .toLowerCase()
    .normalize('NFC')
  return firstDisallowed(mapped, NOT_IDENTIFIER) ?? compatibilityForm(mapped) ?? ok(mapped)
}

/** OpaqueString: other spaces become U+0020, NFC; no control, format, private or unassigned character. Case stays. */
export function preparePassword(text: string): Result<string, PrecisError> {
  if (PLAIN_PASSWORD.test(text)) return ok(text)
  // todo RFC 8264 §4.3.2: contextual rules (ZERO WIDTH JOINER and its like are refused)
  const mapped = text.replace(OTHER_SPACES, ' ').normalize('NFC')
  return firstDisallowed(mapped, NOT_FREEFORM) ?? ok(mapped)
}

function firstDisallowed(text: string, disallowed: RegExp): Result<never, PrecisError> | undefined {
  if (text === '') return err({ kind: 'empty' })
  const found = disallowed.exec(text)?.[0]
  return found === undefined ? undefined : err({ kind: 'disallowed-character', codePoint: found.codePointAt(0) ?? 0 })
}

/** HasCompat (RFC 8264 §9.17): characters that NFKC would change could be taken for others. */
function compatibilityForm(text: string): Result<never, PrecisError> | undefined {
  for (const character of text) {
    if (character.normalize('NFKC') !== character.normalize('NFC')) {
      return err({ kind: 'disallowed-character', codePoint: character.codePointAt(0) ?? 0 })
    }
  }
  return undefined
}

const PLAIN_USERNAME = /^[!-@[-~]+$/ // printable ASCII but capitals
const PLAIN_PASSWORD = /^[ -~]+$/
const WIDTH_FORMS = /[\uff01-\uffee]/gu
const OTHER_SPACES = /\p{Zs}/gu
const NOT_IDENTIFIER =
  /[^!-~\p{Ll}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}]|[\p{Default_Ignorable_Code_Point}\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]/u
const NOT_FREEFORM =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]/u
