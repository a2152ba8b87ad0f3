import type { Alarm, Shelve, Shift, TakeOutOfService, TakeOver } from '../contract'
import type { RefusalKind } from '../i18n/alarm_words'

/** Why the hub did not do it. */
export interface Refusal {
  kind: RefusalKind | 'signed_out'
  /** The hub's own sentence, in English; empty when it did not answer. */
  says: string
}

const KINDS: Record<number, Refusal['kind']> = {
  401: 'signed_out',
  403: 'no_right',
  404: 'wrong_state',
  409: 'wrong_state',
  413: 'refused',
  422: 'refused',
  503: 'not_stored',
}

export function isRefusal(answer: object): answer is Refusal {
  return 'kind' in answer && 'says' in answer
}

export function acknowledge(alarm: Alarm): Promise<Alarm | Refusal> {
  return ask(`/api/alarms/${alarm.id}/acknowledge`, 'POST')
}

export function shelve(alarm: Alarm, body: Shelve): Promise<Alarm | Refusal> {
  return ask(`/api/alarms/${alarm.id}/shelve`, 'POST', body)
}

export function unshelve(alarm: Alarm): Promise<Alarm | Refusal> {
  return ask(`/api/alarms/${alarm.id}/unshelve`, 'POST')
}

export function takeOutOfService(alarm: Alarm, reason: string): Promise<Alarm | Refusal> {
  const { cause, subject_id } = alarm
  const body: TakeOutOfService = { cause, subject_id, reason }
  return ask('/api/out-of-service', 'POST', body)
}

export function putInService(alarm: Alarm): Promise<Alarm | Refusal> {
  return ask(`/api/alarms/${alarm.id}/in-service`, 'POST')
}

export function confirmMeasure(alarm: Alarm, measureId: string): Promise<Alarm | Refusal> {
  const measure = encodeURIComponent(measureId)
  return ask(`/api/alarms/${alarm.id}/measures/${measure}/confirm`, 'POST')
}

export function shift(): Promise<Shift | Refusal> {
  return ask('/api/shift', 'GET')
}

export function takeOver(body: TakeOver): Promise<Shift | Refusal> {
  return ask('/api/shift', 'POST', body)
}

export async function ask<Answer>(
  path: string,
  method: 'GET' | 'POST',
  body?: object,
): Promise<Answer | Refusal> {
  try {
    const answer = await fetch(path, {
      method,
      signal: AbortSignal.timeout(8000),
      ...(body === undefined
        ? {}
        : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    })
    if (answer.ok) return (await answer.json()) as Answer
    return { kind: KINDS[answer.status] ?? 'failed', says: await sentenceOf(answer) }
  } catch {
    return { kind: 'failed', says: '' }
  }
}

async function sentenceOf(answer: Response): Promise<string> {
  try {
    const body = (await answer.json()) as { error?: unknown }
    return typeof body.error === 'string' ? body.error : ''
  } catch {
    return ''
  }
}
