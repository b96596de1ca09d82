// For each ambiguity of a message, whether a signature over it that holds is still a pass. It is none where another reader
// may show another text, another author or other parts than the signer saw; what is common in honest mail, or shows the
// same octets under another name, is only recorded. RFC 6376 §8.15; draft-chen-email-mime-ambiguity-defense

import { type Ambiguity, AMBIGUITY_LIMITS, type AmbiguityKind } from '@scop/mime'

/** `demote-own`: only about the message itself, not about one in it, which is what somebody forwards. */
export type Consequence = 'demote' | 'demote-own' | 'record'

/** Why readers may see another message than was signed; undefined where a pass is a pass. */
export function whyReadersDiffer(ambiguities: readonly Ambiguity[]): string | undefined {
  // A report that is full may have left out what counts.
  if (ambiguities.length >= AMBIGUITY_LIMITS.ambiguities) return 'too many ambiguities'
  const found = ambiguities.find(({ kind, path }) => {
    const [consequence] = CONSEQUENCES[kind]
    return consequence === 'demote' || (consequence === 'demote-own' && path.length === 0)
  })
  return found?.kind.replaceAll('-', ' ')
}

export const CONSEQUENCES: Readonly<Record<AmbiguityKind, readonly [Consequence, reason: string]>> = {
  // The header: who wrote, about what
  'header-not-a-field': ['demote-own', 'for some the header ends there'],
  'begins-with-continuation': ['demote-own', 'for some the header ends before it begins'],
  'from-line': ['demote-own', 'for some it is an envelope, for others the body'],
  'duplicate-message-field': ['demote-own', 'one is signed, the other may be shown'],
  'header-nul': ['demote-own', 'some stop reading there'],
  'header-space-before-colon': ['record', 'the signature names the field as we do'],
  'header-blank-continuation': ['record', 'old mailers fold so'],
  'header-line-too-long': ['record', 'only the length is wrong'],
  'header-unterminated-line': ['record', 'the message ends there'],
  'odd-field-name': ['record', 'a field that nobody shows'],
  // Which parts there are
  'conflicting-mime-field': ['demote', 'one type for the filter, another for the reader'],
  'two-boundaries': ['demote', 'other parts for those who take the second'],
  'encoded-boundary': ['demote', 'other parts for those who decode it'],
  'empty-boundary': ['demote', 'parts for some, text for others'],
  'text-after-boundary': ['demote', 'a part begins there for those who compare the beginning alone'],
  'delimiter-after-close': ['demote', 'some read on, and show what comes'],
  'bare-cr': ['demote', 'a line ends there for some, and with it fields and delimiters begin'],
  nul: ['demote', 'some stop reading there'],
  'too-deep': ['demote', 'we did not read the parts within'],
  'too-many-parts': ['demote', 'we did not read the rest'],
  'too-many-fields': ['demote', 'we did not read the rest'],
  'headers-too-long': ['demote', 'we did not read the rest'],
  'header-beyond-limits': ['demote', 'we did not read the header'],
  'boundary-too-long': ['demote', 'we did not read the parts'],
  'too-many-defects': ['demote', 'what counts may be among those left out'],
  'duplicate-mime-field': ['record', 'the same value twice'],
  'extended-boundary': ['record', 'allowed, and few cannot read it'],
  'padded-boundary': ['record', 'most trim it, as we do'],
  'odd-boundary': ['record', 'mailers write such'],
  'boundary-prefix-of-another': ['record', 'old mailers count up; a line that is taken wrongly is another kind'],
  'no-boundary': ['record', 'text for most'],
  'missing-close-delimiter': ['record', 'messages that were cut have it'],
  'header-ends-at-delimiter': ['record', 'a part without a body'],
  'bad-content-type': ['record', 'text for most'],
  'encoded-multipart': ['record', 'forbidden and seen; most do not decode'],
  'encoded-message': ['record', 'an attachment, opened or not'],
  'partial-message': ['record', 'nobody puts pieces together unasked'],
  'external-body': ['record', 'nobody fetches unasked'],
  'missing-mime-version': ['record', 'nearly all read it as MIME'],
  'mixed-line-ends': ['record', 'a LF ends a line for every reader, as for ours'],
  // How a part is decoded and named
  'comment-in-mime-field': ['record', 'allowed, and seen in old mail'],
  'conflicting-parameters': ['record', 'of boundaries it is another kind'],
  'encoded-parameter': ['record', 'common, against the rule'],
  'malformed-parameters': ['record', 'common'],
  'malformed-disposition': ['record', 'common'],
  'conflicting-names': ['record', 'the same octets by another name'],
  'odd-charset': ['record', 'the same octets, perhaps unreadable'],
  'odd-transfer-encoding': ['record', 'misspelled and understood'],
  'unknown-transfer-encoding': ['record', 'shown encoded, or as it is'],
  'body-junk': ['record', 'lists add footers so'],
  'body-stray-padding': ['record', 'a broken encoder'],
  'body-missing-padding': ['record', 'a broken encoder, at most two octets'],
  'body-incomplete-quad': ['record', 'cut on the way'],
  'body-data-after-padding': ['record', 'encoders that work in pieces write so'],
  'body-broken-escape': ['record', 'text that was never encoded'],
  'uuencoded-block': ['record', 'text to most, an attachment to few'],
}
