import type { Dictionary, Trend } from './dictionary'

const trend: Record<Trend, string> = {
  rising_fast: 'rising fast',
  rising: 'rising',
  steady: 'steady',
  falling: 'falling',
  falling_fast: 'falling fast',
}

const ordinal = (count: number): string => {
  const tens = count % 100
  const ending = tens > 10 && tens < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th')
  return `${count}${ending}`
}

export const en: Dictionary = {
  language: 'English',
  other_language: 'DE',
  other_language_hint: 'Auf Deutsch umstellen',
  locale: 'en-GB',
  unit: 'p/m²',
  level: {
    clear: 'clear',
    busy: 'busy',
    tight: 'tight',
    critical: 'critical',
    unknown: 'unknown',
  },
  unknown_reason: {
    no_camera: 'No camera reports on this zone.',
    silent: 'The camera sends no picture. What happens there is not known.',
    not_seen: 'The camera sees too little of this zone.',
  },
  unknown_short: {
    no_camera: 'no camera',
    silent: 'no picture',
    not_seen: 'out of view',
  },
  stale_reason: 'The last value is too old. What happens there now is not known.',
  stale_short: 'value too old',
  health: {
    ok: 'working',
    silent: 'no picture',
    connecting: 'connecting',
    lost: 'connection lost',
    ended: 'recording ended',
  },
  role: { viewer: 'read only', operator: 'operator', administrator: 'administrator' },
  trend,
  alarm_state: {
    unacknowledged: 'open',
    acknowledged: 'acknowledged',
    returned: 'over, not acknowledged',
    cleared: 'cleared',
  },
  sign_in: {
    title: 'Sign in',
    intro: 'Live crowd density, zone by zone.',
    name: 'Name',
    password: 'Password',
    submit: 'Sign in',
    busy: 'Checking …',
    name_missing: 'Please type your name.',
    password_missing: 'Please type your password.',
    wrong: 'That name and password do not go together. Please type both again.',
    too_often: 'Too many tries. Please wait a minute, then sign in again.',
    no_hub: 'The hub does not answer. Please try again in a moment.',
    refused: 'Signing in did not work. Please try again.',
    ended: 'Your session has ended. Please sign in again.',
  },
  header: {
    sign_out: 'Sign out',
    theme: { dark: 'Dark', light: 'Light', system: 'Like device' },
    theme_hint: 'Change appearance',
    keys: 'Keyboard sheet',
    connected: 'Hub connected',
    disconnected: 'Hub disconnected',
    clock: (timezone) => `Local time at the event (${timezone})`,
  },
  overall: {
    calm: 'All calm',
    alarms: (count, first) =>
      count === 1 ? `1 alarm open: ${first}` : `${count} alarms open, ${first} first`,
    acknowledged: (count, first) =>
      count === 1 ? `1 alarm acknowledged: ${first}` : `${count} alarms acknowledged, ${first} first`,
    unknown: (count) => (count === 1 ? '1 zone unknown' : `${count} zones unknown`),
    tight: (count, first) =>
      count === 1 ? `${first} is tight` : `${count} zones tight, ${first} first`,
    waiting: 'Waiting for the hub',
    several: (parts) => parts.join(' · '),
  },
  veil: {
    gone: (span) => `No connection to the hub for ${span} – values are out of date`,
    first: 'Connecting to the hub …',
    hint: 'This page reconnects by itself. Until then, ask by radio.',
  },
  map: {
    title: 'Site map',
    fit: 'Show all zones',
    zoom_in: 'Zoom in',
    zoom_out: 'Zoom out',
    failed: 'The map cannot be drawn here. Zones and alarms still hold.',
    zone: (name, level) => `${name}, ${level}`,
    camera: (name, health) => `${name}: ${health}`,
  },
  zones: {
    title: 'Zones',
    none: 'No zones are set up for this site.',
    of_limit: (limit) => `of ${limit}`,
    people: (count, exact) => (exact ? `${count} person` : `${count} people`),
    seen: (share) => `seen ${share}`,
    nothing_seen: 'out of view',
    age: (span) => `${span} old`,
    never: 'no value yet',
    per_minute: (value) => `${value} a min`,
    last_known: 'last',
    no_value: 'no value',
    spark: (minutes) => `Course of the last ${minutes} minutes with the limit for tight`,
    since: (span) => `for ${span}`,
    open: 'Open zone',
  },
  panel: {
    back: 'Back',
    chart: (zone, minutes) => `Density of ${zone}, last ${minutes} minutes`,
    now: 'now',
    thresholds: 'Limits',
    reason: 'Why these limits',
    hysteresis: (value, rise, fall) =>
      `A level rises after ${rise} and falls after ${fall} below its limit minus ${value}.`,
    camera: 'Camera',
    no_camera: 'none',
    area: 'Area',
    people: 'People',
    seen: 'Seen',
    age: 'Age',
    trend: 'Trend',
    trend_unknown: 'too few values',
    level_since: (time, span) => `since ${time} (${span})`,
    why_unknown: 'Why unknown',
    no_points: 'No values in this period yet.',
    missing: 'There is no such zone here.',
  },
  alarms: {
    title: 'Alarms',
    open: 'To acknowledge',
    acknowledged: 'Acknowledged, still present',
    cleared: 'Cleared lately',
    none: 'No alarms.',
    none_open: 'Nothing to acknowledge.',
    acknowledge: 'Acknowledge',
    acknowledging: 'Acknowledging …',
    may_not: 'Only operators may acknowledge.',
    not_while_gone: 'Acknowledging works again once the hub is back.',
    failed: 'That did not go through. Please press again.',
    no_right: 'Your name is not allowed to acknowledge.',
    already: 'This alarm was already acknowledged or cleared.',
    density: ({ zone, density, limit, below, span, since, times, trend: course }) => {
      const when = times > 1 ? `for the ${ordinal(times)} time since ${since}` : `for ${span}`
      const tail = course === null ? '' : `, ${trend[course]}`
      if (below) {
        const passed = times > 1 ? when : `${span} ago`
        return `${zone}: passed the limit of ${limit} ${passed}, now ${density}${tail}.`
      }
      return `${zone}: ${density} ${when} (limit ${limit})${tail}.`
    },
    returned: ({ zone, peak, limit, span }) =>
      peak === null
        ? `${zone}: back below the limit of ${limit} for ${span}.`
        : `${zone}: back below the limit of ${limit} for ${span}, peak ${peak}.`,
    silence: (subject, span, zones) => {
      const effect =
        zones === 0 ? '' : zones === 1 ? ' – 1 zone unknown' : ` – ${zones} zones unknown`
      return `${subject} has sent no picture for ${span}${effect}.`
    },
    silence_zone: (zone, span) => `${zone}: no picture for ${span}, state unknown.`,
    silence_over: (subject, span) => `${subject} has been sending pictures again for ${span}.`,
    uncertainty: (sd) => `uncertainty ± ${sd}`,
    seen: (share) => `seen ${share}`,
    peak: (value) => `peak ${value}`,
    raised: (time) => `raised ${time}`,
    times: (count) => `raised ${count} times`,
    by: (name, time) => `acknowledged ${time} by ${name}`,
    returned_at: (time) => `over since ${time}, still to acknowledge`,
    cleared_at: (time) => `cleared ${time}`,
    some_camera: 'A camera',
    fresh: (sentence) => `New alarm. ${sentence}`,
    flood: (count) => `${count} new alarms.`,
  },
  cameras: {
    title: 'Cameras',
    none: 'No camera is set up.',
    picture: (span) => `picture ${span} old`,
    no_picture: 'no picture yet',
    rate: (perSecond) => `${perSecond} pictures/s`,
    dropped: (count) => `${count} skipped`,
    no_detector: 'no detector reported',
    detector: (name) => `detector ${name}`,
  },
  keys: {
    title: 'Keys',
    close: 'Close',
    walk: 'walk through zones or alarms',
    switch: 'move between alarms and zones',
    open: 'open the chosen zone',
    acknowledge: 'acknowledge the chosen alarm, else the topmost',
    back: 'back',
    fit: 'show all zones',
    zoom: 'zoom the map in, out',
    sheet: 'this sheet',
    off: 'Switch single-letter keys off (arrows, Enter and Esc stay)',
  },
  span: {
    seconds: (value) => `${value}\u00a0s`,
    minutes: (value) => `${value}\u00a0min`,
    minutes_seconds: (minutes, seconds) => `${minutes}\u00a0min\u00a0${seconds}\u00a0s`,
    hours_minutes: (hours, minutes) => `${hours}\u00a0h\u00a0${minutes}\u00a0min`,
  },
}
