import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleSysinfo } from '../test/sysinfo.ts';
import { type Attribute, decide, missing, ordinal, type Policy } from './decide.ts';
import type { Figures, Frame, Subject } from './frame.ts';
import { LABELS } from './labels.ts';

const policy: Policy = {
  quota: { high: 2, low: 3 },
  order: ['cpu', 'ram', 'vsz', 'rss'],
  spared: new Map(),
};

const idOf = (n: number) => n.toString(16).padStart(64, '0');

const subject = (n: number, change: Partial<Subject> = {}): Subject => ({
  id: idOf(n),
  name: `c${n}`,
  image: 'gestor/high-cpu',
  labels: { [LABELS.managed]: 'true', [LABELS.kind]: 'high' },
  state: 'running',
  status: 'Up',
  createdAtMs: n * 1000,
  figures: { cpuPercent: 10, ramKb: 1024, vszKb: 2000, rssKb: 1000 },
  tasks: 1,
  mainProcess: null,
  ...change,
});

const low = { [LABELS.managed]: 'true', [LABELS.kind]: 'low' };
const cpu = (cpuPercent: number | null): Figures => ({ cpuPercent, ramKb: 1024, vszKb: 2000, rssKb: 1000 });
const frame = (subjects: readonly Subject[], truncated = false): Frame => ({
  sysinfo: sampleSysinfo({ truncated }),
  subjects,
});
const actions = (subjects: readonly Subject[], using = policy) =>
  Object.fromEntries(
    decide(frame(subjects), using).map(({ id, action }) => [Number.parseInt(id, 16), action]),
  );
const reasonOf = (subjects: readonly Subject[], n: number, using = policy) =>
  decide(frame(subjects), using).find(({ id }) => id === idOf(n))?.reason;

describe('what stays', () => {
  it('keeps the two high containers that use most CPU and removes the rest', () => {
    const subjects = [5, 40, 20, 60].map((percent, n) => subject(n, { figures: cpu(percent) }));
    expect(actions(subjects)).toEqual({ 0: 'remove', 1: 'keep', 2: 'remove', 3: 'keep' });
    expect(reasonOf(subjects, 2)).toBe('3rd of 4 by CPU, first 2 stay');
  });

  it('keeps the three low containers that use least', () => {
    const subjects = [4, 3, 2, 1].map((percent, n) => subject(n, { labels: low, figures: cpu(percent) }));
    expect(actions(subjects)).toEqual({ 0: 'remove', 1: 'keep', 2: 'keep', 3: 'keep' });
    expect(reasonOf(subjects, 0)).toBe('1st of 4 by CPU, last 3 stay');
  });

  it.each<[Attribute, Partial<Figures>]>([
    ['ram', { ramKb: 9 * 1024 }],
    ['vsz', { vszKb: 2001 }],
    ['rss', { rssKb: 1001 }],
  ])('lets %s decide where what comes before it is equal', (attribute, more) => {
    const subjects = [subject(1), subject(2), subject(3, { figures: { ...cpu(10.9), ...more } })];
    expect(actions(subjects)).toEqual({ 1: 'keep', 2: 'remove', 3: 'keep' });
    const short = subjects.slice(1);
    const one = { ...policy, quota: { high: 1, low: 3 } };
    expect(reasonOf(short, 2, one)).toBe(`2nd of 2 by ${attribute.toUpperCase()}, first 1 stay`);
  });

  it('compares in the order of the policy', () => {
    const subjects = [subject(1, { figures: { ...cpu(90), ramKb: 0 } }), subject(2), subject(3)];
    expect(actions(subjects, { ...policy, order: ['ram', 'cpu'] })).toEqual({
      1: 'remove',
      2: 'keep',
      3: 'keep',
    });
  });

  it.each(['high', 'low'] as const)('lets the elder stay among equals of the %s kind', (kind) => {
    const labels = { ...low, [LABELS.kind]: kind };
    const subjects = [4, 2, 1, 3].map((n) => subject(n, { labels }));
    const one = { ...policy, quota: { high: 1, low: 1 } };
    expect(actions(subjects, one)).toEqual({ 1: 'keep', 2: 'remove', 3: 'remove', 4: 'remove' });
    expect(reasonOf(subjects, 1, one)).toContain('by age');
  });

  it('lets the id decide between twins', () => {
    const twins = [2, 1].map((n) => subject(n, { createdAtMs: 7 }));
    expect(actions(twins, { ...policy, quota: { high: 1, low: 1 } })).toEqual({ 1: 'keep', 2: 'remove' });
  });

  it('removes all of a kind of which none is wanted', () => {
    const none = { ...policy, quota: { high: 0, low: 0 } };
    expect(actions([subject(1), subject(2, { labels: low })], none)).toEqual({ 1: 'remove', 2: 'remove' });
  });

  it('removes none when there are no more than may stay', () => {
    expect(actions([subject(1), subject(2)])).toEqual({ 1: 'keep', 2: 'keep' });
    expect(reasonOf([subject(1)], 1)).toBe('one of 1 high, 2 may stay');
  });
});

describe('what is never a candidate', () => {
  it.each([
    ['the collector', { labels: { ...low, [LABELS.role]: 'collector' } }],
    ['the manager itself', { id: 'f'.repeat(64) }],
    ['labelled protected', { labels: { ...low, [LABELS.protected]: 'true' } }],
    ['not ours', { labels: { [LABELS.kind]: 'high' } }],
    ['no kind label', { labels: { [LABELS.managed]: 'true' } }],
    ['paused by someone', { state: 'paused' }],
  ])('%s', (reason, change) => {
    const none = {
      ...policy,
      quota: { high: 0, low: 0 },
      spared: new Map([['f'.repeat(64), 'the manager itself']]),
    };
    expect(decide(frame([subject(1, change)]), none)).toMatchObject([{ action: 'protect', reason }]);
  });
});

describe('what is not ranked', () => {
  const none = { ...policy, quota: { high: 0, low: 0 } };

  it.each([
    ['CPU not known yet', { figures: cpu(null) }],
    ['not seen by the sensor', { figures: null }],
    ['created', { state: 'created' }],
  ])('waits: %s', (reason, change) => {
    expect(decide(frame([subject(1, change)]), none)).toMatchObject([{ action: 'wait', reason }]);
  });

  it('waits when the frame was cut short', () => {
    expect(decide(frame([subject(1)], true), none)).toMatchObject([
      { action: 'wait', reason: 'frame cut short by a limit' },
    ]);
  });

  it.each(['exited', 'dead'])('goes when it is %s', (state) => {
    expect(decide(frame([subject(1, { state, figures: null })]), policy)).toMatchObject([
      { action: 'remove', reason: `not running (${state})` },
    ]);
  });
});

describe('what is missing', () => {
  it('counts those that stay and those that wait', () => {
    const subjects = [
      subject(1),
      subject(2, { labels: low, figures: null }),
      subject(3, { state: 'exited' }),
    ];
    expect(missing(decide(frame(subjects), policy), policy)).toEqual({ high: 1, low: 2 });
  });

  it('is nothing when there are more', () => {
    const subjects = [1, 2, 3, 4].map((n) => subject(n));
    expect(missing(decide(frame(subjects), policy), policy)).toEqual({ high: 0, low: 3 });
  });
});

it('writes ordinals', () => {
  expect([1, 2, 3, 4, 11, 12, 13, 21, 111, 122].map(ordinal).join(' ')).toBe(
    '1st 2nd 3rd 4th 11th 12th 13th 21st 111th 122nd',
  );
});

const anyFigures = fc.record({
  cpuPercent: fc.option(fc.double({ min: 0, max: 300, noNaN: true }), { freq: 5 }),
  ramKb: fc.nat(200_000),
  vszKb: fc.nat(3000),
  rssKb: fc.nat(3000),
});

const anySubject = fc
  .record({
    kind: fc.constantFrom('high', 'low', 'other'),
    managed: fc.constantFrom('true', 'true', 'true', 'false'),
    shielded: fc.constantFrom('false', 'false', 'true'),
    role: fc.constantFrom('none', 'none', 'none', 'collector'),
    state: fc.constantFrom('running', 'running', 'running', 'running', 'exited', 'created', 'paused'),
    figures: fc.option(anyFigures, { freq: 8 }),
    createdAtMs: fc.nat(5),
  })
  .map(({ kind, managed, shielded, role, ...rest }) => ({
    ...rest,
    labels: {
      [LABELS.kind]: kind,
      [LABELS.managed]: managed,
      [LABELS.protected]: shielded,
      [LABELS.role]: role,
    },
  }));

const anySubjects = fc
  .array(anySubject, { maxLength: 30 })
  .map((changes) => changes.map((change, n) => subject(n + 1, change)));

const anyPolicy = fc.record({
  quota: fc.record({ high: fc.nat(4), low: fc.nat(4) }),
  order: fc.shuffledSubarray<Attribute>(['cpu', 'ram', 'vsz', 'rss'], { minLength: 1 }),
  spared: fc.constantFrom(new Map<string, string>(), new Map([[idOf(1), 'the manager itself']])),
});

const isCandidate = (one: Subject, using: Policy) =>
  one.labels[LABELS.managed] === 'true' &&
  one.labels[LABELS.protected] !== 'true' &&
  one.labels[LABELS.role] !== 'collector' &&
  ['high', 'low'].includes(one.labels[LABELS.kind] ?? '') &&
  !using.spared.has(one.id) &&
  one.state !== 'paused';

describe('whatever the frame', () => {
  it('gives each container exactly one verdict', () => {
    fc.assert(
      fc.property(anySubjects, anyPolicy, (subjects, using) => {
        const ids = decide(frame(subjects), using).map(({ id }) => id);
        expect(ids.toSorted()).toEqual(subjects.map(({ id }) => id).toSorted());
      }),
    );
  });

  it('never removes one that is not a candidate, nor a running one without known figures', () => {
    fc.assert(
      fc.property(anySubjects, anyPolicy, (subjects, using) => {
        const byId = new Map(subjects.map((one) => [one.id, one] as const));
        for (const { id, action } of decide(frame(subjects), using)) {
          const one = byId.get(id);
          if (action !== 'remove' || one === undefined) continue;
          expect(isCandidate(one, using)).toBe(true);
          if (one.state !== 'exited') expect(one.figures?.cpuPercent).not.toBeNull();
        }
      }),
    );
  });

  it('keeps exactly min(quota, ranked) of each kind', () => {
    fc.assert(
      fc.property(anySubjects, anyPolicy, (subjects, using) => {
        const verdicts = decide(frame(subjects), using);
        for (const kind of ['high', 'low'] as const) {
          const ranked = subjects.filter(
            (one) =>
              isCandidate(one, using) &&
              one.labels[LABELS.kind] === kind &&
              one.state === 'running' &&
              typeof one.figures?.cpuPercent === 'number',
          );
          const kept = verdicts.filter((verdict) => verdict.kind === kind && verdict.action === 'keep');
          expect(kept).toHaveLength(Math.min(using.quota[kind], ranked.length));
        }
      }),
    );
  });

  it('does not depend on the order of the containers', () => {
    const shuffled = anySubjects.chain((subjects) =>
      fc.tuple(fc.constant(subjects), fc.shuffledSubarray(subjects, { minLength: subjects.length })),
    );
    fc.assert(
      fc.property(shuffled, anyPolicy, ([subjects, other], using) => {
        expect(decide(frame(other), using)).toEqual(decide(frame(subjects), using));
      }),
    );
  });

  it('keeps the survivors when it is asked again without the victims', () => {
    fc.assert(
      fc.property(anySubjects, anyPolicy, (subjects, using) => {
        const first = decide(frame(subjects), using);
        const gone = new Set(first.filter(({ action }) => action === 'remove').map(({ id }) => id));
        const second = decide(frame(subjects.filter(({ id }) => !gone.has(id))), using);
        expect(second.filter(({ action }) => action === 'remove')).toEqual([]);
      }),
    );
  });

  it('removes nothing running on a frame that was cut short', () => {
    fc.assert(
      fc.property(anySubjects, anyPolicy, (subjects, using) => {
        const removed = decide(frame(subjects, true), using).filter(({ action }) => action === 'remove');
        const states = removed.map(({ id }) => subjects.find((one) => one.id === id)?.state);
        expect(states.every((state) => state === 'exited')).toBe(true);
      }),
    );
  });
});
