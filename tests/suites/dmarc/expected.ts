// What mail-parser's sister library expects of a report, as JSON beside it: each value that both have, compared.

import type { AggregateReport, FailureReport, ReportRecord } from '@scop/dmarc'

/** undefined where the JSON is of another form. */
export function expectationDiffers(report: AggregateReport, json: unknown): readonly string[] | undefined {
  if (!isObject(json) || !isObject(json['report_metadata'])) return undefined
  const metadata = json['report_metadata']
  const range = isObject(metadata['date_range']) ? metadata['date_range'] : {}
  const published = isObject(json['policy_published']) ? json['policy_published'] : {}
  const differences: string[] = []
  const same = comparer(differences)
  same('org_name', report.organization, metadata['org_name'])
  same('email', report.email, metadata['email'])
  same('extra_contact_info', report.extraContact, metadata['extra_contact_info'])
  same('report_id', report.reportId, metadata['report_id'])
  same('begin', report.beginSeconds, range['begin'])
  same('end', report.endSeconds, range['end'])
  same('version', Number(report.version ?? 0), json['version'])
  same('errors', report.errors, metadata['error'])
  if ('generator' in metadata) same('generator', report.generator, metadata['generator'])
  const { policy } = report
  same('domain', policy.domain, published['domain'])
  same('p', policy.policy, word(published['p']))
  same('sp', policy.subdomainPolicy, word(published['sp']))
  same('adkim', policy.dkimAlignment, word(published['adkim']))
  same('aspf', policy.spfAlignment, word(published['aspf']))
  same('testing', policy.testing ?? false, published['testing'])
  same('fo', policy.failureOptions, published['fo'])
  if ('np' in published) same('np', policy.nonexistentPolicy, word(published['np']))
  if ('discovery_method' in published) same('discovery', policy.discoveryMethod, word(published['discovery_method']))
  const records = Array.isArray(json['record']) ? json['record'] : []
  same('records', report.records.length, records.length)
  report.records.forEach((record, n) =>
    compareRecord(record, objectAt(records, n), comparer(differences, `record ${n} `)),
  )
  same('extensions', named(report.extensions), json['extensions'])
  return differences
}

/** Of a failure report. */
export function failureDiffers(report: FailureReport, json: unknown): readonly string[] | undefined {
  if (!isObject(json) || typeof json['feedback_type'] !== 'string') return undefined
  const differences: string[] = []
  const same = comparer(differences)
  same('source_ip', report.sourceIp, json['source_ip'])
  same('incidents', report.incidents, json['incidents'])
  same('reported_domain', report.reportedDomains, json['reported_domain'])
  same('user_agent', report.userAgent, json['user_agent'])
  same('dkim_domain', report.dkimDomain, json['dkim_domain'])
  same('dkim_selector', report.dkimSelector, json['dkim_selector'])
  same('source_port', report.sourcePort ?? 0, json['source_port'])
  return differences
}

type Same = (what: string, ours: unknown, theirs: unknown) => void
type Json = { readonly [name: string]: unknown }

function compareRecord(record: ReportRecord, json: Json, same: Same): void {
  const row = objectIn(json, 'row')
  const evaluated = objectIn(row, 'policy_evaluated')
  const identifiers = objectIn(json, 'identifiers')
  const results = objectIn(json, 'auth_results')
  same('source_ip', record.sourceIp, row['source_ip'])
  same('count', record.count, row['count'])
  same('disposition', record.disposition, word(evaluated['disposition']))
  same('dkim', record.dkim, word(evaluated['dkim']))
  same('spf', record.spf, word(evaluated['spf']))
  const reasons = record.reasons.map(({ type, comment }) => ({ type_: OF_RFC_9990.get(type) ?? type, comment }))
  same(
    'reasons',
    reasons,
    listIn(evaluated, 'reason').map((one) => ({ ...one, type_: word(one['type_']) })),
  )
  same('header_from', record.headerFrom, identifiers['header_from'])
  same('envelope_from', record.envelopeFrom ?? '', identifiers['envelope_from'])
  same('envelope_to', record.envelopeTo, identifiers['envelope_to'])
  const dkim = record.dkimResults.map(({ domain, selector, result, humanResult }) => ({
    domain,
    selector: selector ?? '',
    result,
    human_result: humanResult,
  }))
  same(
    'dkim results',
    dkim,
    listIn(results, 'dkim').map((one) => ({ ...one, result: word(one['result']) })),
  )
  const spf = record.spfResults.map(({ domain, scope, result, humanResult }) => ({
    domain,
    scope,
    result,
    human_result: humanResult,
  }))
  const expected = listIn(results, 'spf').map((one) => {
    const scope = word(one['scope'])
    return { ...one, scope: scope === 'mail_from' ? 'mfrom' : scope, result: word(one['result']) }
  })
  same('spf results', spf, expected)
  same('extensions', named(record.extensions), json['extensions'])
}

const comparer =
  (differences: string[], where = ''): Same =>
  (what, ours, theirs) => {
    const [left, right] = [written(ours), written(theirs)]
    if (left !== right) differences.push(`${where}${what}: ${left}, expected ${right}`)
  }

/** JSON with its names sorted; absent, null and undefined are one. */
function written(value: unknown): string {
  return JSON.stringify(value ?? null, (_, one: unknown) => (isObject(one) ? sorted(one) : one)) ?? 'null'
}

function sorted(json: Json): Json {
  const entries = Object.entries(json).filter(([, of]) => of !== null && of !== undefined)
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** `TrustedForwarder` as `trusted_forwarder`; `Unspecified` is none. */
function word(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === 'Unspecified') return undefined
  const lower = value.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase()
  return RUN_TOGETHER.get(lower) ?? lower
}

const named = (extensions: AggregateReport['extensions']): unknown =>
  extensions.map(({ name, definition }) => ({ name, definition: definition ?? '' }))

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const objectIn = (json: Json, name: string): Json => (isObject(json[name]) ? json[name] : {})
const listIn = (json: Json, name: string): readonly Json[] => {
  const list = json[name]
  return Array.isArray(list) ? list.filter(isObject) : []
}
const objectAt = (list: readonly unknown[], n: number): Json => (isObject(list[n]) ? list[n] : {})

const RUN_TOGETHER = new Map([
  ['temp_error', 'temperror'],
  ['perm_error', 'permerror'],
  ['soft_fail', 'softfail'],
  ['tree_walk', 'treewalk'],
])
/** RFC 9990 has no type for these. */
const OF_RFC_9990 = new Map([
  ['sampled_out', 'other'],
  ['forwarded', 'other'],
])
