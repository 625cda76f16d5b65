import type { Figures, Frame, Subject } from './frame.ts';
import { LABELS } from './labels.ts';

export type Kind = 'high' | 'low';
export type Attribute = 'cpu' | 'ram' | 'vsz' | 'rss';

/** What is to be kept, and how containers are compared. */
export interface Policy {
  readonly quota: Readonly<Record<Kind, number>>;
  /** Attributes in the order in which they are compared. */
  readonly order: readonly Attribute[];
  /** Containers that are never removed whatever they are labelled, each with the reason. */
  readonly spared: ReadonlyMap<string, string>;
}

/** What is to become of one container, and why. */
export interface Verdict {
  readonly id: string;
  readonly kind: Kind | null;
  readonly action: 'keep' | 'remove' | 'wait' | 'protect';
  readonly reason: string;
}

interface Ranked {
  readonly subject: Subject;
  readonly figures: Figures & { readonly cpuPercent: number };
}

/** Figures are compared in whole steps, so that noise between near-equals does not decide. */
const steps: Readonly<Record<Attribute, (figures: Ranked['figures']) => number>> = {
  cpu: (figures) => Math.floor(figures.cpuPercent),
  ram: (figures) => Math.floor(figures.ramKb / 1024),
  vsz: (figures) => figures.vszKb,
  rss: (figures) => figures.rssKb,
};

const attributeNames: Readonly<Record<Attribute, string>> = {
  cpu: 'CPU',
  ram: 'RAM',
  vsz: 'VSZ',
  rss: 'RSS',
};

/** The first attribute in which two containers differ, or null when all are equal. */
function difference(a: Ranked, b: Ranked, order: readonly Attribute[]): Attribute | null {
  return order.find((attribute) => steps[attribute](a.figures) !== steps[attribute](b.figures)) ?? null;
}

/**
 * From most to least consuming. Among equals the elder is placed where it stays (first of the high kind,
 * last of the low kind), so that survivors are not exchanged for newcomers like them.
 */
function compare(a: Ranked, b: Ranked, kind: Kind, order: readonly Attribute[]): number {
  const attribute = difference(a, b, order);
  if (attribute !== null) return steps[attribute](b.figures) - steps[attribute](a.figures);
  const age = a.subject.createdAtMs - b.subject.createdAtMs;
  return kind === 'high' ? age : -age;
}

export function ordinal(n: number): string {
  const teens = n % 100 >= 11 && n % 100 <= 13;
  const ending = teens ? undefined : (['th', 'st', 'nd', 'rd'] as const)[n % 10];
  return `${n}${ending ?? 'th'}`;
}

function judgeKind(ranked: readonly Ranked[], kind: Kind, policy: Policy): Verdict[] {
  const quota = policy.quota[kind];
  const sorted = ranked.toSorted((a, b) => compare(a, b, kind, policy.order));
  const total = sorted.length;
  if (total <= quota) {
    return sorted.map(({ subject }) => ({
      id: subject.id,
      kind,
      action: 'keep',
      reason: `one of ${total} ${kind}, ${quota} may stay`,
    }));
  }
  const firstOut = kind === 'high' ? quota : 0;
  const firstIn = kind === 'high' ? 0 : total - quota;
  const stays = (rank: number) => rank >= firstIn && rank < firstIn + quota;
  const rule = `${kind === 'high' ? 'first' : 'last'} ${quota} stay`;
  // What decided is what tells a container from the nearest one on the other side of the line.
  const lastIn = kind === 'high' ? sorted[quota - 1] : sorted[firstIn];
  const nearestOut = kind === 'high' ? sorted[firstOut] : sorted[firstIn - 1];
  return sorted.map((self, rank) => {
    const other = stays(rank) ? nearestOut : lastIn;
    const attribute = other === undefined ? null : difference(self, other, policy.order);
    const by = attribute === null ? 'age' : attributeNames[attribute];
    return {
      id: self.subject.id,
      kind,
      action: stays(rank) ? 'keep' : 'remove',
      reason: `${ordinal(rank + 1)} of ${total} by ${by}, ${rule}`,
    };
  });
}

export function kindOf(subject: Subject): Kind | null {
  const label = subject.labels[LABELS.kind];
  return label === 'high' || label === 'low' ? label : null;
}

/** Why a container is never a candidate, or null when it is one. */
function protection(subject: Subject, policy: Policy): string | null {
  const { labels } = subject;
  const spared = policy.spared.get(subject.id);
  if (spared !== undefined) return spared;
  if (labels[LABELS.role] === 'collector') return 'the collector';
  if (labels[LABELS.protected] === 'true') return 'labelled protected';
  if (labels[LABELS.managed] !== 'true') return 'not ours';
  if (subject.state === 'paused') return 'paused by someone';
  return null;
}

const goneStates = new Set(['exited', 'dead']);

/** A candidate with all that ranking needs, or what becomes of it without being ranked. */
function assess(subject: Subject, truncated: boolean): Ranked | Pick<Verdict, 'action' | 'reason'> {
  const { figures, state } = subject;
  if (goneStates.has(state)) return { action: 'remove', reason: `not running (${state})` };
  if (truncated) return { action: 'wait', reason: 'frame cut short by a limit' };
  if (state !== 'running') return { action: 'wait', reason: state };
  if (figures === null) return { action: 'wait', reason: 'not seen by the sensor' };
  const { cpuPercent } = figures;
  if (cpuPercent === null) return { action: 'wait', reason: 'CPU not known yet' };
  return { subject, figures: { ...figures, cpuPercent } };
}

/**
 * Says for every container of the frame whether it stays or goes, and why. Pure: the same frame gives the
 * same verdicts, in whatever order its containers come. Order of the verdicts: the high kind from most to
 * least consuming, the low kind likewise, those that wait or are gone, the protected ones.
 */
export function decide(frame: Frame, policy: Policy): Verdict[] {
  const ranked: Record<Kind, Ranked[]> = { high: [], low: [] };
  const unranked: Verdict[] = [];
  const protectedOnes: Verdict[] = [];
  // Sorting is stable: what is equal in everything else stays in the order of the ids.
  for (const subject of frame.subjects.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const { id } = subject;
    const kind = kindOf(subject);
    const shield = protection(subject, policy);
    if (shield !== null || kind === null) {
      protectedOnes.push({ id, kind, action: 'protect', reason: shield ?? 'no kind label' });
      continue;
    }
    const assessed = assess(subject, frame.sysinfo.truncated);
    if ('subject' in assessed) ranked[kind].push(assessed);
    else unranked.push({ id, kind, ...assessed });
  }
  return [
    ...judgeKind(ranked.high, 'high', policy),
    ...judgeKind(ranked.low, 'low', policy),
    ...unranked,
    ...protectedOnes,
  ];
}

/** How many containers of each kind are missing once the verdicts are carried out. */
export function missing(verdicts: readonly Verdict[], policy: Policy): Record<Kind, number> {
  const alive = (kind: Kind) =>
    verdicts.filter((v) => v.kind === kind && (v.action === 'keep' || v.action === 'wait')).length;
  return {
    high: Math.max(0, policy.quota.high - alive('high')),
    low: Math.max(0, policy.quota.low - alive('low')),
  };
}
