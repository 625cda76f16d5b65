import type { Judged } from '../collector/records.ts';
import type { CycleReport } from '../cycle.ts';
import type { Kind, Policy } from '../decide.ts';
import { table } from './table.ts';
import { clean, counted, memoryText, type Paint, secondsText } from './text.ts';

/** What the screen shows beside the cycle's own report. */
export interface ScreenContext {
  /** Its number; the closing cycle at the end has none. */
  readonly cycle: number | 'closing';
  readonly policy: Policy;
  readonly width: number;
  readonly paint: Paint;
  readonly records: { readonly waiting: number; readonly delivered: number; readonly dropped: number };
}

const MAX_WIDTH = 120;

const figure = (
  judged: Judged,
  pick: (figures: NonNullable<Judged['subject']['figures']>) => number | null,
) => {
  const value = judged.subject.figures === null ? null : pick(judged.subject.figures);
  return value === null ? '–' : value.toFixed(1);
};

const columns = [
  { title: 'container', text: ({ subject }: Judged) => clean(subject.name) },
  { title: 'CPU %', align: 'right', text: (one: Judged) => figure(one, (f) => f.cpuPercent) },
  { title: 'RAM MB', align: 'right', text: (one: Judged) => figure(one, (f) => f.ramKb / 1024) },
  { title: 'VSZ MB', align: 'right', text: (one: Judged) => figure(one, (f) => f.vszKb / 1024) },
  { title: 'RSS MB', align: 'right', text: (one: Judged) => figure(one, (f) => f.rssKb / 1024) },
  { title: 'why', text: ({ reason }: Judged) => clean(reason) },
] as const;

const nameStyles = {
  kept: 'green',
  waiting: 'yellow',
  removed: 'red',
  would_remove: 'red',
  removal_failed: 'redBright',
  protected: 'dim',
} as const;

function rowsOf(judged: readonly Judged[], { width, paint }: ScreenContext): string[] {
  return table(judged, columns, Math.min(width, MAX_WIDTH), paint, (row, column, text) => {
    if (column === 0) return paint(nameStyles[row.fate], text);
    return column === columns.length - 1 ? paint('dim', text) : text;
  });
}

function section(title: string, note: string, lines: readonly string[], paint: Paint): string[] {
  return ['', `${paint('bold', title)}  ${paint('dim', note)}`, ...lines];
}

function memoryLines({ sysinfo }: CycleReport, { width, paint }: ScreenContext): string[] {
  const { total_kb, used_kb, free_kb, available_kb } = sysinfo.memory;
  const room = Math.min(width, MAX_WIDTH) - 32;
  const share = total_kb === 0 ? 0 : used_kb / total_kb;
  const filled = Math.min(room, Math.round(share * room));
  const bar = paint('cyan', '█'.repeat(filled)) + paint('dim', '░'.repeat(room - filled));
  const parts = [`free ${memoryText(free_kb)}`, `available ${memoryText(available_kb)}`];
  return [
    `  ${bar}  ${memoryText(used_kb)} of ${memoryText(total_kb)} used`,
    `  ${(share * 100).toFixed(2)} % used · ${parts.join(' · ')}`,
  ];
}

const kindTitles: Readonly<Record<Kind, string>> = { high: 'HIGH CONSUMPTION', low: 'LOW CONSUMPTION' };

function kindSection(kind: Kind, staying: readonly Judged[], context: ScreenContext): string[] {
  const ours = staying.filter(({ verdict }) => verdict.kind === kind);
  const rule = `the ${kind === 'high' ? 'first' : 'last'} ${context.policy.quota[kind]} stay`;
  const note = ours.length === 0 ? `${rule}; none alive` : rule;
  return section(kindTitles[kind], note, ours.length === 0 ? [] : rowsOf(ours, context), context.paint);
}

function removedSection(report: CycleReport, context: ScreenContext): string[] {
  const victims = report.judged.filter(({ verdict }) => verdict.action === 'remove');
  const dry = victims.some(({ fate }) => fate === 'would_remove');
  const failed = victims.filter(({ fate }) => fate === 'removal_failed').length;
  const count = victims.length === 0 ? 'none' : String(victims.length - failed);
  const note = failed === 0 ? count : `${count}, and ${failed} could not be`;
  const lines = victims.length === 0 ? [] : rowsOf(victims, context);
  return section(dry ? 'WOULD BE REMOVED' : 'REMOVED', note, lines, context.paint);
}

/** The protected containers in one line: how many, why, and the names that fit. */
function protectedLine(report: CycleReport, { width, paint }: ScreenContext): string[] {
  const spared = report.judged.filter(({ fate }) => fate === 'protected');
  if (spared.length === 0) return [];
  const names = spared.map(({ subject, reason }) => `${clean(subject.name)} (${reason})`);
  const shown: string[] = [];
  for (const name of names) {
    if ([...shown, name].join(', ').length > Math.min(width, MAX_WIDTH) - 24) break;
    shown.push(name);
  }
  const rest = names.length - shown.length;
  const text = [...shown, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
  return ['', `${paint('bold', 'PROTECTED')}  ${text}`];
}

function footer(report: CycleReport, { records, paint }: ScreenContext): string[] {
  const created = report.created.high + report.created.low;
  const parts = [
    `took ${secondsText(report.tookMs)}`,
    `${counted(records.delivered, 'record')} logged`,
    ...(records.waiting > 0 ? [`${records.waiting} waiting`] : []),
    ...(records.dropped > 0 ? [paint('red', `${records.dropped} lost`)] : []),
    ...(created > 0 ? [`created ${report.created.high} high, ${report.created.low} low`] : []),
  ];
  return [
    '',
    paint('dim', parts.join(' · ')),
    ...report.troubles.map((trouble) => paint('yellow', `! ${clean(trouble)}`)),
  ];
}

/** One cycle as text, line by line. */
export function screen(report: CycleReport, context: ScreenContext): string[] {
  const { paint } = context;
  const width = Math.min(context.width, MAX_WIDTH);
  const { taken_at, sensor } = report.sysinfo;
  const time = taken_at.replace('T', ' ').replace(/\.\d+/, '').replace('Z', ' UTC');
  const which = context.cycle === 'closing' ? 'closing cycle' : `cycle ${context.cycle}`;
  const title = `── ${which} ── ${time} ── sensor ${sensor} `;
  const staying = report.judged.filter(
    ({ verdict }) => verdict.action === 'keep' || verdict.action === 'wait',
  );
  return [
    '',
    paint('bold', title + '─'.repeat(Math.max(0, width - title.length))),
    '',
    paint('bold', 'MEMORY'),
    ...memoryLines(report, context),
    ...kindSection('high', staying, context),
    ...kindSection('low', staying, context),
    ...removedSection(report, context),
    ...protectedLine(report, context),
    ...footer(report, context),
  ];
}
