import type { Measure, MeasureUse, RecordEvent } from '../contract'
import { isOfZone } from '../words'
import { alarmOf } from './events_alarm'
import { limitWords, spreadWords, valueWords } from './evidence'
import { hourAndMinute, share, timeOfDay } from './format'
import { isNotBelieved } from './health'
import { alarmSubject, nameOf, type Speech } from './subject'
import type { World } from './world'

/** What does not change while people look: by it an event is told. */
export type Scene = Pick<World, 'site' | 'zones' | 'cameras' | 'measures'>

const HUB = 'hub'
const COMMAND_LINE = 'command line'

/** Who did it; the hub and the command line are no people. */
export function actorWords(actor: string, { words }: Speech): string {
  if (actor === HUB) return words.event.hub
  return actor === COMMAND_LINE ? words.event.command_line : actor
}

/** An entry of the record as a colleague would say it. */
export function eventSentence(scene: Scene, event: RecordEvent, speech: Speech): string {
  const text = saying(scene, event, speech)
  // A name stays as it is written.
  const isNobody = event.actor === HUB || event.actor === COMMAND_LINE
  return isNobody ? text.charAt(0).toUpperCase() + text.slice(1) : text
}

function saying(scene: Scene, event: RecordEvent, speech: Speech): string {
  const { words } = speech
  const { detail } = event
  const by = actorWords(event.actor, speech)
  const [, id = ''] = /^[^/]*\/(.*)$/s.exec(event.subject) ?? []
  const known = alarmOf(event)
  if (known !== null) return alarmSaying(scene, event, known, speech)
  switch (event.action) {
    case 'measure.confirmed':
      return words.event.measure_confirmed(by, measureTitle(scene, event, speech), subjectOf(scene, event, speech))
    case 'measure.waiting':
    case 'measure.sent':
    case 'measure.received':
    case 'measure.failed': {
      const become = event.action.slice('measure.'.length) as Exclude<MeasureUse['delivery'], 'by_hand'>
      // Older entries do not say of which measure they are.
      const measure = textOf(detail['measure_id']) === '' ? null : measureTitle(scene, event, speech)
      return words.event.measure[become](measure, textOf(detail['detail']))
    }
    case 'person.signed_in':
      return words.event.signed_in(id)
    case 'person.signed_out':
      return words.event.signed_out(id)
    case 'person.put': {
      const role = textOf(detail['role'])
      const roles: Record<string, string> = words.role
      return words.event.person_put(by, id, (Object.hasOwn(roles, role) ? roles[role] : undefined) ?? role)
    }
    case 'person.password':
      return words.event.password(id)
    case 'person.disabled':
      return words.event.disabled(by, id)
    case 'person.enabled':
      return words.event.enabled(by, id)
    case 'worker.key_made':
      return words.event.worker_key(by, id)
    case 'worker.revoked':
      return words.event.worker_revoked(by, id)
    case 'shift.taken_over':
      return words.event.taken_over(by, textOf(detail['note']))
    case 'revision.drafted':
      return words.event.revision_drafted(by, id, textOf(detail['reason']))
    case 'revision.published':
      return words.event.revision_published(by, id, textOf(detail['reason']))
    case 'revision.rolled_back':
      return words.event.revision_rolled_back(by, id, textOf(detail['reason']))
    case 'revision.imported':
      return words.event.revision_imported(id)
    case 'warning.approved':
      return words.event.warning_approved(by, `${words.evidence.alarm} ${id}`)
    case 'warning.discarded':
      return words.event.warning_discarded(by, `${words.evidence.alarm} ${id}`)
    case 'record.exported':
      return words.event.exported(by)
    case 'record.forgotten':
      return words.event.forgotten
    default:
      return words.event.other(by, event.action, event.subject)
  }
}

function alarmSaying(
  scene: Scene,
  event: RecordEvent,
  { name, alarm }: NonNullable<ReturnType<typeof alarmOf>>,
  speech: Speech,
): string {
  const { words, language } = speech
  const { cause } = alarm
  const zone = isOfZone(cause) ? cause : null
  const { aside } = alarm
  const rules: Record<string, string> = words.aside.rules
  const reason = aside?.reason ?? ''
  const said =
    cause === 'picture' && isNotBelieved(alarm.detail)
      ? words.health[alarm.detail]
      : (alarm.words?.[language] ?? (zone === null ? alarm.detail : ''))
  return words.event.alarm({
    event: name,
    subject: alarmSubject(scene, alarm, speech),
    cause: words.alarms.cause[cause] ?? cause,
    value: zone === null || alarm.value === null ? null : valueWords(words, zone, alarm.value),
    limit: zone === null || alarm.limit === null ? null : limitWords(words, zone, alarm.limit),
    worst: zone === null || alarm.worst === null ? null : valueWords(words, zone, alarm.worst),
    said: withoutStop(said),
    times: alarm.times,
    by: event.actor === HUB ? null : actorWords(event.actor, speech),
    reason: withoutStop((Object.hasOwn(rules, reason) ? rules[reason] : undefined) ?? reason),
    until: aside?.until_s == null ? null : hourAndMinute(scene.site.timezone, aside.until_s),
    steps: alarm.escalated,
  })
}

/** What a measure is called: as it was then, else as it is now. */
function measureTitle(scene: Scene, { detail }: RecordEvent, { words, language }: Speech): string {
  const then = detail['measure'] as Measure | undefined
  const id = then?.id ?? textOf(detail['measure_id'])
  return then?.title?.[language] ?? scene.measures.get(id)?.title[language] ?? words.measures.unknown(id)
}

function subjectOf(scene: Scene, { detail }: RecordEvent, speech: Speech): string {
  const subject = detail['subject'] as { id?: string; name?: Record<string, string> } | undefined
  return subject?.name?.[speech.language] ?? nameOf(scene, textOf(subject?.id), speech)
}

/** What others wrote may have its full stop already. */
function withoutStop(text: string): string {
  return text.trimEnd().replace(/[.!?…]$/, '')
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export type Fact = readonly [label: string, value: string]

/** The evidence of an event: what was measured, who answered, the exact words, what changed. */
export function eventFacts(scene: Scene, event: RecordEvent, speech: Speech): Fact[] {
  const { words } = speech
  const label = words.evidence
  const { detail } = event
  const facts: Fact[] = []
  const put = (name: string, value: string | null): void => {
    if (value !== null && value !== '') facts.push([name, value])
  }
  const known = alarmOf(event)
  if (known !== null) {
    facts.push(...alarmFacts(scene, known.alarm, speech))
  } else if (event.action === 'measure.confirmed') {
    const measure = detail['measure'] as Measure | undefined
    put(label.alarm, String(detail['alarm_id'] ?? ''))
    for (const said of Object.values(measure?.loudspeaker ?? {})) put(words.measures.loudspeaker, textOf(said))
    for (const said of Object.values(measure?.display ?? {})) put(words.measures.display, textOf(said))
    put(label.sent_to, measure?.target == null ? words.measures.by_hand : measure.target)
  } else if (event.action.startsWith('measure.')) {
    put(label.alarm, String(detail['alarm_id'] ?? ''))
    put(label.receipt, textOf(detail['detail']))
  } else if (event.action.startsWith('revision.')) {
    put(label.reason, textOf(detail['reason']))
    put(label.instead_of, detail['instead_of'] == null ? null : String(detail['instead_of']))
    const changes = Array.isArray(detail['changes']) ? detail['changes'].map(textOf) : []
    const more = Number(detail['more_changes'] ?? 0)
    if (more > 0) changes.push(label.more_changes(more))
    put(label.changes, changes.join(' '))
  } else {
    put(label.note, textOf(detail['note']))
  }
  put(label.who, actorWords(event.actor, speech))
  return facts
}

function alarmFacts(
  scene: Scene,
  alarm: NonNullable<ReturnType<typeof alarmOf>>['alarm'],
  { words }: Speech,
): Fact[] {
  const label = words.evidence
  const zone = isOfZone(alarm.cause) ? alarm.cause : null
  const at = (time_s: number): string => timeOfDay(scene.site.timezone, time_s)
  const facts: [string, string | null][] = [
    [label.alarm, String(alarm.id)],
    [label.priority, words.alarms.priority[alarm.priority]],
  ]
  if (zone !== null) {
    const spread = alarm.value_sd === null ? '' : ` ± ${spreadWords(words, zone, alarm.value_sd)}`
    facts.push(
      [label.value, alarm.value === null ? null : `${valueWords(words, zone, alarm.value)}${spread}`],
      [label.limit, alarm.limit === null ? null : limitWords(words, zone, alarm.limit)],
      [label.worst, alarm.worst === null ? null : valueWords(words, zone, alarm.worst)],
      [label.seen, alarm.seen_share === null ? null : share(words, alarm.seen_share)],
      [label.measured, alarm.value_at_s === null ? null : at(alarm.value_at_s)],
    )
  }
  facts.push(
    [label.raised, at(alarm.raised_at_s)],
    [
      label.acknowledged,
      alarm.acknowledged_at_s === null ? null : `${at(alarm.acknowledged_at_s)}, ${alarm.acknowledged_by ?? '–'}`,
    ],
    [label.ended, alarm.ended_at_s === null ? null : at(alarm.ended_at_s)],
    [label.times, alarm.times > 1 ? String(alarm.times) : null],
    [label.state, words.alarms.state[alarm.state]],
    [label.aside, alarm.aside?.until_s == null ? null : at(alarm.aside.until_s)],
  )
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))
}
