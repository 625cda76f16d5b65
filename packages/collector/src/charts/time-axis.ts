const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Distances between ticks that people read without thinking. */
const STEPS_MS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map((n) => n * DAY),
];

export interface Tick {
  readonly value: number;
  /** One line, or two where another day begins. */
  readonly label: string[];
}

/** The smallest readable step by which a span falls into at most so many parts. */
export function niceStepMs(spanMs: number, partsMax: number): number {
  const step = STEPS_MS.find((each) => spanMs / each <= partsMax);
  return step ?? Math.ceil(spanMs / partsMax / DAY) * DAY;
}

/** Ticks at round times of the zone; a date is named at the first tick and wherever the day changes. */
export function timeTicks(fromMs: number, toMs: number, timeZone: string, ticksMax = 9): Tick[] {
  const stepMs = niceStepMs(toMs - fromMs, ticksMax);
  const offsetMs = zoneOffsetMs(fromMs, timeZone);
  const clock = clockFormat(stepMs, timeZone);
  const day = new Intl.DateTimeFormat('en-GB', { timeZone, day: 'numeric', month: 'short' });
  const ticks: Tick[] = [];
  let dayBefore = '';
  for (let at = Math.ceil((fromMs + offsetMs) / stepMs) * stepMs - offsetMs; at <= toMs; at += stepMs) {
    const date = day.format(at);
    const label = stepMs >= DAY ? [date] : date === dayBefore ? [clock.format(at)] : [clock.format(at), date];
    ticks.push({ value: at, label });
    dayBefore = date;
  }
  return ticks;
}

/** The span in words, such as "21 Nov 2026, 10:00:10 – 12:40:30 UTC". */
export function spanText(fromMs: number, toMs: number, timeZone: string): string {
  const day = new Intl.DateTimeFormat('en-GB', { timeZone, day: 'numeric', month: 'short', year: 'numeric' });
  const clock = clockFormat(SECOND, timeZone);
  const [from, to] = [day.format(fromMs), day.format(toMs)];
  const first = `${from}, ${clock.format(fromMs)}`;
  if (fromMs === toMs) return `${first} ${timeZone}`;
  return `${first} – ${from === to ? '' : `${to}, `}${clock.format(toMs)} ${timeZone}`;
}

/** A duration in words, to be read after "per": "10 s", "minute", "2 h". */
export function durationText(ms: number): string {
  for (const [unitMs, one, many] of [
    [DAY, 'day', 'days'],
    [HOUR, 'hour', 'h'],
    [MINUTE, 'minute', 'min'],
  ] as const) {
    if (ms === unitMs) return one;
    if (ms > unitMs) return `${ms / unitMs} ${many}`;
  }
  return `${ms / SECOND} s`;
}

function clockFormat(stepMs: number, timeZone: string): Intl.DateTimeFormat {
  const seconds = stepMs < MINUTE ? { second: '2-digit' as const } : {};
  return new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', ...seconds });
}

function zoneOffsetMs(atMs: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  const name = format.formatToParts(atMs).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours, minutes] = /GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * HOUR + Number(minutes ?? 0) * MINUTE);
}
