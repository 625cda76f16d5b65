/** What a series is made from: one record. */
export type Sample = { readonly at_ms: number; readonly boot_id: string; readonly sensor: string } & (
  | ({ readonly type: 'memory' } & MemoryUsage)
  | {
      readonly type: 'process';
      readonly kind: 'high' | 'low';
      readonly cpu_percent: number | null;
      readonly ram_kb: number;
      readonly removed: boolean;
    }
);

/** What the containers of one kind used together. */
export interface KindUsage {
  /** Sum of their CPU; null when it is known of none of them. */
  readonly cpu_percent: number | null;
  readonly ram_kb: number;
  readonly removed: number;
}

/** The host's memory. */
export interface MemoryUsage {
  readonly total_kb: number;
  readonly used_kb: number;
  readonly available_kb: number;
}

/** The host and its containers in one frame, or the mean of the frames of a short span of time. */
export interface Point {
  readonly at_ms: number;
  /** True when nothing is known of the time just before: a restart, or cycles that are missing. */
  readonly after_gap: boolean;
  readonly frames: number;
  readonly memory: MemoryUsage | null;
  readonly high: KindUsage;
  readonly low: KindUsage;
}

/** All that the charts show of one host. */
export interface Series {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly sensors: readonly string[];
  readonly records: number;
  readonly points: readonly Point[];
}

interface Frame extends Point {
  readonly boot_id: string;
}

/**
 * A gap is longer than so many times the longer of the distances between the frames around it: the last two
 * frames of a run are close together, and make no gap of the ordinary distance before them.
 */
const GAP_FACTOR = 3;
const NOTHING: KindUsage = { cpu_percent: 0, ram_kb: 0, removed: 0 };

/**
 * Folds one host's samples, in the order of their time, into at most `pointsMax` points, in one pass and
 * bounded memory: when points become too many, each two neighbours become one.
 */
export class SeriesFold {
  readonly #pointsMax: number;
  readonly #sensors = new Set<string>();
  #points = new Map<number, Point>();
  #widthMs = 1000;
  #records = 0;
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = Number.NEGATIVE_INFINITY;
  /** The last frames, oldest first: a gap is told by the distances on both sides of it. */
  #recent: Frame[] = [];

  constructor(pointsMax: number) {
    this.#pointsMax = pointsMax;
  }

  add(sample: Sample): void {
    const { at_ms, boot_id, sensor } = sample;
    this.#records++;
    this.#sensors.add(sensor);
    const last = this.#recent.at(-1);
    if (last?.at_ms === at_ms && last.boot_id === boot_id) {
      this.#recent[this.#recent.length - 1] = withSample(last, sample);
      return;
    }
    const nothing = { at_ms, after_gap: false, frames: 1, memory: null, high: NOTHING, low: NOTHING };
    const frame = withSample({ ...nothing, boot_id }, sample);
    this.#recent = [...this.#recent.slice(-3), frame];
    this.#place(this.#recent.length - 2);
  }

  /** Ends the fold. Undefined when there was no record. */
  finish(): Series | undefined {
    if (this.#records === 0) return undefined;
    this.#place(this.#recent.length - 1);
    return {
      from_ms: this.#fromMs,
      to_ms: this.#toMs,
      sensors: [...this.#sensors].sort(),
      records: this.#records,
      points: [...this.#points.values()].sort((a, b) => a.at_ms - b.at_ms),
    };
  }

  #place(index: number): void {
    const frame = this.#recent[index];
    if (frame === undefined) return;
    const { boot_id: _, ...point } = { ...frame, after_gap: followsGap(this.#recent, index) };
    this.#fromMs = Math.min(this.#fromMs, point.at_ms);
    this.#toMs = Math.max(this.#toMs, point.at_ms);
    merge(this.#points, Math.floor(point.at_ms / this.#widthMs), point);
    while (this.#points.size > this.#pointsMax) {
      this.#widthMs *= 2;
      const wider = new Map<number, Point>();
      for (const [bucket, each] of this.#points) merge(wider, Math.floor(bucket / 2), each);
      this.#points = wider;
    }
  }
}

function withSample(frame: Frame, sample: Sample): Frame {
  if (sample.type === 'memory') {
    const { total_kb, used_kb, available_kb } = sample;
    return { ...frame, memory: { total_kb, used_kb, available_kb } };
  }
  const sofar = frame[sample.kind];
  const usage: KindUsage = {
    cpu_percent: sofar === NOTHING ? sample.cpu_percent : sum(sofar.cpu_percent, sample.cpu_percent),
    ram_kb: sofar.ram_kb + sample.ram_kb,
    removed: sofar.removed + (sample.removed ? 1 : 0),
  };
  return { ...frame, [sample.kind]: usage };
}

function sum(a: number | null, b: number | null): number | null {
  return a === null ? b : a + (b ?? 0);
}

function followsGap(frames: readonly Frame[], index: number): boolean {
  const [beforeLast, before, frame, next] = [-2, -1, 0, 1].map((step) => frames[index + step]);
  if (before === undefined || frame === undefined) return false;
  if (before.boot_id !== frame.boot_id) return true;
  const around = [distance(beforeLast, before), distance(frame, next)].filter((each) => each > 0);
  return around.length > 0 && distance(before, frame) > GAP_FACTOR * Math.max(...around);
}

function distance(from: Frame | undefined, to: Frame | undefined): number {
  return from === undefined || to === undefined ? 0 : to.at_ms - from.at_ms;
}

function merge(points: Map<number, Point>, bucket: number, point: Point): void {
  const other = points.get(bucket);
  points.set(bucket, other === undefined ? point : mean(other, point));
}

function mean(a: Point, b: Point): Point {
  const frames = a.frames + b.frames;
  const between = (x: number, y: number) => (x * a.frames + y * b.frames) / frames;
  const kind = (x: KindUsage, y: KindUsage): KindUsage => ({
    cpu_percent: either(x.cpu_percent, y.cpu_percent, between),
    ram_kb: between(x.ram_kb, y.ram_kb),
    removed: x.removed + y.removed,
  });
  return {
    at_ms: between(a.at_ms, b.at_ms),
    after_gap: (a.at_ms <= b.at_ms ? a : b).after_gap,
    frames,
    memory: either(a.memory, b.memory, (x, y) => ({
      total_kb: Math.max(x.total_kb, y.total_kb),
      used_kb: between(x.used_kb, y.used_kb),
      available_kb: between(x.available_kb, y.available_kb),
    })),
    high: kind(a.high, b.high),
    low: kind(a.low, b.low),
  };
}

function either<T>(a: T | null, b: T | null, both: (a: T, b: T) => T): T | null {
  return a === null ? b : b === null ? a : both(a, b);
}

/** Removals of one stretch of the time axis. */
export interface Removals {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly high: number;
  readonly low: number;
}

/** Removals counted over stretches of the same length, the empty ones left out. */
export function countRemovals(points: readonly Point[], stretchMs: number): Removals[] {
  const stretches = new Map<number, Removals>();
  for (const { at_ms, high, low } of points) {
    const from_ms = Math.floor(at_ms / stretchMs) * stretchMs;
    const sofar = stretches.get(from_ms) ?? { from_ms, to_ms: from_ms + stretchMs, high: 0, low: 0 };
    stretches.set(from_ms, { ...sofar, high: sofar.high + high.removed, low: sofar.low + low.removed });
  }
  return [...stretches.values()].filter((each) => each.high + each.low > 0);
}
