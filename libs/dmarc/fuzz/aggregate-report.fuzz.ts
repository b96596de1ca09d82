// Law: an aggregate report is read or refused; what is read, printed and read again, is the same but for its extensions.

import assert from 'node:assert/strict'
import { formatAggregateReport, parseAggregateReport } from '../src/index.ts'

const report = (inner: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0"><version>1.0</version><report_metadata><org_name>A &amp; B</org_name>
<email>a@b.example</email><report_id>1@b</report_id><date_range><begin>1</begin><end>2</end></date_range></report_metadata>
<policy_published><domain>Example.com</domain><p>reject</p><adkim>s</adkim><testing>y</testing></policy_published>${inner}</feedback>`

export const seeds: readonly (string | Uint8Array)[] = [
  report(`<record><row><source_ip>192.0.2.1</source_ip><count>3</count><policy_evaluated><disposition>none</disposition>
<dkim>Pass</dkim><spf>fail</spf><reason><type>other</type><comment><![CDATA[x <y>]]></comment></reason></policy_evaluated></row>
<identifiers><header_from>example.com</header_from><envelope_from/></identifiers><auth_results><dkim><domain>e.example</domain>
<selector>s</selector><result>pass</result></dkim><spf><domain>e.example</domain><scope>helo</scope><result>hardfail</result></spf>
</auth_results><ext:x xmlns:ext="u"/></record>`),
  '<!DOCTYPE a [<!ENTITY b "c">]><feedback>&b;</feedback>',
  '<d:feedback><d:record><d:row><d:count>&#49;</d:count></d:row></d:record></d:feedback>',
]

export function fuzz(input: Uint8Array): void {
  const parsed = parseAggregateReport(input)
  if (!parsed.ok) return
  const { report: read } = parsed.value
  const again = parseAggregateReport(formatAggregateReport(read))
  assert.ok(again.ok)
  const records = read.records.map((record) => ({ ...record, extensions: [] }))
  assert.deepEqual(again.value.report, { ...read, records, extensions: [] })
}
