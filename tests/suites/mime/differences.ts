// Where an expected parse and ours differ and ours is right: per file, where in it, why, and the sentence that says so.
// An entry that no longer differs fails the suite. Conventions of a whole form are rules of its adapter, not entries here.

export type Accepted = {
  /** The end of its path, whatever folder it is run from. */
  readonly file: string
  /** Paths into the expected parse, each with all that is in it. */
  readonly places: readonly string[]
  readonly reason: string
  /** The RFC and its sentence. */
  readonly law: string
}

const RFC_2046_OUTER =
  'RFC 2046 §5.1.2: "MIME implementations are therefore required to recognize outer level boundary markers at ANY level of inner nesting."'
const RFC_2046_LINE =
  'RFC 2046 §5.1.1: "The boundary delimiter MUST occur at the beginning of a line, i.e., following a CRLF"'
const RFC_2045_PARAMETER =
  'RFC 2045 §5.1: value := token / quoted-string, and a quoted-string may be empty: the first is a value, and no rule lets the second replace it'
const RFC_5322_TRACE =
  'RFC 5321 §4.4: "from", "by", "via", "with", "id" and "for" are clauses of their own, each with what stands behind it'
const RFC_5322_ZONE =
  'RFC 5322 §4.3: "EST is semantically equivalent to -0500", and so on to "PST is semantically equivalent to -0800"'

const OUTER_BOUNDARY: Pick<Accepted, 'reason' | 'law'> = {
  reason:
    'a multipart in a message in a part has no delimiter of its own; the outer one ends it, and two more parts follow',
  law: RFC_2046_OUTER,
}
const DELIMITER_IN_LINE: Pick<Accepted, 'reason' | 'law'> = {
  reason: 'a delimiter in the middle of a line is text',
  law: RFC_2046_LINE,
}
const FIRST_OF_TWO: Pick<Accepted, 'reason' | 'law'> = {
  reason: 'of two parameters of one name the first counts, also where it is empty',
  law: RFC_2045_PARAMETER,
}

export const DIFFERENCES: readonly Accepted[] = [
  {
    file: 'thirdparty/005.json',
    places: ['parts[5].body.Text', 'parts[5].offset_end'],
    ...DELIMITER_IN_LINE,
  },
  {
    file: 'thirdparty/005.crlf.json',
    places: ['parts[5].body.Text', 'parts[5].offset_end'],
    ...DELIMITER_IN_LINE,
  },
  {
    file: 'thirdparty/005.crlf.json',
    places: ['parts[1].body.Text'],
    reason: 'UTF-16 with an odd octet at its end: the octet is marked as undecodable, not dropped',
    law: 'RFC 2781 §4.3 reads pairs of octets; Encoding Standard §14.2.1: at the end of the queue with a lead byte, error',
  },
  {
    file: 'thirdparty/010.json',
    places: ['parts[0].headers[2].value.ContentType.attributes[1].value'],
    ...FIRST_OF_TWO,
  },
  {
    file: 'thirdparty/010.crlf.json',
    places: ['parts[0].headers[2].value.ContentType.attributes[1].value'],
    ...FIRST_OF_TWO,
  },
  {
    file: 'thirdparty/015.json',
    places: ['attachments', 'parts[0].body.Multipart', 'parts[2]', 'parts[3]', 'parts[4]'],
    ...OUTER_BOUNDARY,
  },
  {
    file: 'thirdparty/015.crlf.json',
    places: ['attachments', 'parts[0].body.Multipart', 'parts[2]', 'parts[3]', 'parts[4]'],
    ...OUTER_BOUNDARY,
  },
  {
    file: 'thirdparty/015.crlf.json',
    places: ['parts[0].headers[3].value.Received.for_'],
    reason: 'there is a fold between "for" and its mailbox',
    law: 'RFC 5321 §4.4: For = CFWS "FOR" FWS ( Path / Mailbox ); RFC 5322 §3.2.2 lets FWS be a fold',
  },
  {
    file: 'address.json',
    places: ['[9].List[0].name'],
    reason: 'a backslash before a fold escapes the white space behind it, so the comment ends at the next parenthesis',
    law: 'RFC 5322 §2.2.3: unfolding removes the CRLF before any further parsing; §3.2.1: quoted-pair = "\\" (VCHAR / WSP)',
  },
  {
    file: 'address.json',
    places: ['[10].Group', '[11].Group'],
    reason: 'a comment behind or in a group is a comment of the group, and no address',
    law: 'RFC 5322 §3.4: group = display-name ":" [group-list] ";" [CFWS], and group-list may be CFWS',
  },
  {
    file: 'address.json',
    places: ['[13].List[0].address', '[13].List[1].address', '[14].List[0].address'],
    reason: 'a route is not part of the address, nor is the white space around its dots',
    law: 'RFC 5322 §4.4: "any obs-route ... SHOULD be ignored"; obs-domain = atom *("." atom), atom = [CFWS] 1*atext [CFWS]',
  },
  {
    file: 'address.json',
    places: ['[28].List[0].name'],
    reason: 'the space between a word and a quoted string counts, and so does the one that the string begins with',
    law: 'RFC 2047 §6.2 drops white space between two encoded words; one in a quoted string is none (§5 (3))',
  },
  {
    file: 'id.json',
    places: ['[6]'],
    reason: 'white space and comments in an identifier are not part of it',
    law: 'RFC 5322 §4.5.4: obs-id-left = local-part, obs-id-right = domain; §3.2.2: comments and folding white space between tokens have no meaning',
  },
  {
    file: 'unstructured.json',
    places: ['[21]', '[22]', '[27]', '[28]'],
    reason: 'an encoded word that nothing separates from the text beside it is decoded, and no space is put in',
    law: 'RFC 2047 §6.2 lets a reader leave out the white space between two encoded words; nothing lets it put one in',
  },
  {
    file: 'date.json',
    places: ['[12]'],
    reason: 'six numbers without a colon between them are no date and time',
    law: 'RFC 5322 §3.3: time-of-day = hour ":" minute [ ":" second ]',
  },
  {
    file: 'content_type.json',
    places: ['[31].attributes[1].value'],
    reason: 'the later sections of a continued value have no charset, so what looks like one is text',
    law: 'RFC 2231 §4.1: "Language and character set information only appear at the beginning of a given parameter value."',
  },
  {
    file: 'content_type.json',
    places: ['[34].attributes[0].value'],
    reason: 'encoded words in a quoted string are wrong, and where they are decoded the space between two of them goes',
    law: "RFC 2047 §6.2: \"any 'linear-white-space' that separates a pair of adjacent 'encoded-word's is ignored\"",
  },
  {
    file: 'content_type.json',
    places: ['[47]', '[48]', '[58]'],
    reason: '"=" is in no token: a disposition that begins with a parameter has no word, and is an attachment',
    law: 'RFC 2183 §2: disposition-type = "inline" / "attachment" / extension-token; §2.8: unrecognized ones are attachments',
  },
  {
    file: 'content_type.json',
    places: ['[55].attributes[0].value', '[56].attributes[0].value'],
    reason: 'a quote that is not closed begins no quoted string, so its white space is white space',
    law: 'RFC 5322 §3.2.4: quoted-string = [CFWS] DQUOTE *([FWS] qcontent) [FWS] DQUOTE [CFWS]',
  },
  {
    file: 'content_type.json',
    places: ['[59].attributes[1].value', '[59].attributes[5]', '[61]'],
    reason: 'sections after a gap in the numbers are left out, and what is no section number is part of the name',
    law: 'RFC 2231 §3: "Decimal values are used and neither leading zeroes nor gaps in the sequence are allowed."',
  },
  {
    file: 'content_type.json',
    places: ['[76].c_subtype', '[77].c_subtype', '[78].c_subtype'],
    reason: 'a subtype ends before the second slash',
    law: 'RFC 2045 §5.1: subtype is a token, and tspecials has "/"',
  },
  {
    file: 'received.json',
    places: ['[28].id', '[29].id', '[30].id', '[98].with', '[113].with', '[123].by', '[125].from'],
    reason: 'a clause has the whole word behind its keyword, and the first clause of each kind counts',
    law: RFC_5322_TRACE,
  },
  {
    file: 'received.json',
    places: ['[107].from', '[111].by', '[151].from', '[153].for_'],
    reason: 'hosts and mailboxes are as written: with a port, in angle brackets, or without a domain',
    law: RFC_5322_TRACE,
  },
  {
    file: 'received.json',
    places: ['[43].from_ip', '[81].from_ip'],
    reason: 'a port written with a dot behind the address does not make it another address',
    law: 'RFC 5321 §4.1.3: IPv4-address-literal = Snum 3("." Snum)',
  },
  {
    file: 'received.json',
    places: ['[67].date', '[163].date'],
    reason: 'PST and PDT are zones',
    law: RFC_5322_ZONE,
  },
  {
    file: 'received.json',
    places: ['[128].for_', '[138].date', '[144].date.second'],
    reason: 'behind the semicolon is the date and nothing else; a fraction does not undo the seconds',
    law: 'RFC 5321 §4.4: Stamp = From-domain By-domain Opt-info [CFWS] ";" FWS date-time',
  },
]
