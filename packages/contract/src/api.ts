import { type Static, Type } from 'typebox';
import { LogRecord } from './records.ts';
import { ContainerId, Count, Kind, OrNull, Percent, Timestamp } from './scalars.ts';

/** Most records that one POST /logs may carry. */
export const BATCH_LIMIT = 5000;

/** Body of POST /logs: stored wholly or not at all. */
export const LogBatch = Type.Array(LogRecord, { minItems: 1, maxItems: BATCH_LIMIT });

/** Answer to POST /logs, once the records are on disk. */
export const Stored = Type.Object({ stored: Count('Records of this batch that are on disk now.') });

/** Filters of GET /logs; all are optional and are joined by "and". */
export const LogQuery = Type.Object(
  {
    type: Type.Optional(Type.Union([Type.Literal('memory'), Type.Literal('process')])),
    since: Type.Optional(Timestamp),
    until: Type.Optional(Timestamp),
    container: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        description: "A container's name, id, or start of its id.",
      }),
    ),
    limit: Type.Optional(
      Type.String({
        pattern: '^[1-9][0-9]{0,14}$',
        description: 'At most so many, the newest; still oldest first.',
      }),
    ),
    after: Type.Optional(
      Type.String({
        pattern: '^-?[0-9]{1,16}_[0-9]{1,16}$',
        description:
          'A cursor: only records behind it, in the order of their time. 0_0 is the beginning; the link header ' +
          'of each answer (rel="next") has the next. With it, limit takes the oldest, not the newest.',
      }),
    ),
  },
  { additionalProperties: false },
);

const Range = Type.Object({ first: Count('First sequence number.'), last: Count('Last sequence number.') });

/** Answer to GET /ledger: which sequence numbers of each boot are held, and which are missing. */
export const Ledger = Type.Object({
  boots: Type.Array(
    Type.Object({
      host: Type.String(),
      boot_id: Type.String(),
      records: Count('Records held.'),
      last: Count('Highest sequence number that was ever stored.'),
      missing: Count('Sequence numbers up to the highest that were never stored, or were damaged.'),
      held: Type.Array(Range, { description: 'The first 1000 ranges that are held.' }),
      gaps: Type.Array(Range, { description: 'The first 1000 ranges that are missing.' }),
      dropped: Type.Array(Range, { description: 'The first 1000 ranges that retention removed.' }),
    }),
  ),
  damaged: Type.Object({
    lines: Count('Lines of the log files that are no record, or repeat one.'),
    places: Type.Array(Type.Object({ file: Type.String(), line: Count('Line of the file, from 1.') }), {
      description: 'The first 100 of them.',
    }),
  }),
});

/** One chart that was drawn. */
const Graph = Type.Object({
  name: Type.String({ description: 'File name under volumes/graphs.' }),
  bytes: Count('Size of the picture.'),
});

/** Answer to POST /graphs. */
export const Graphs = Type.Object({
  graphs: Type.Array(Graph),
  records: Count('Log records the charts were drawn from.'),
});

/** Query of GET /summary. */
export const SummaryQuery = Type.Object(
  {
    since: Type.Optional(Timestamp),
    until: Type.Optional(Timestamp),
    host: Type.Optional(
      Type.String({ minLength: 1, maxLength: 255, description: 'Default: the one that spoke last.' }),
    ),
    points: Type.Optional(
      Type.String({ pattern: '^[1-9][0-9]{0,3}$', description: 'At most so many points; default 240.' }),
    ),
  },
  { additionalProperties: false },
);

const KindSummary = Type.Object({
  cpu_percent: OrNull(Percent('CPU of all containers of the kind; null when it is known of none.')),
  ram_kb: Type.Number({ description: 'RAM of all containers of the kind.' }),
  removed: Count('How many of them were removed.'),
});

const TopContainer = Type.Object({
  container_id: ContainerId,
  container_name: Type.String(),
  image: Type.String(),
  kind: Kind,
  peak: Type.Number({ description: 'Its largest value.' }),
  removed: Type.Boolean(),
});

/** Answer to GET /summary: what the charts show, as figures. */
export const Summary = Type.Object({
  host: Type.String(),
  sensors: Type.Array(Type.String()),
  records: Count('Records that the figures are made from.'),
  from: Timestamp,
  to: Timestamp,
  removed: Type.Object({ high: Count('Removed of the high kind.'), low: Count('Removed of the low kind.') }),
  points: Type.Array(
    Type.Object({
      at: Timestamp,
      after_gap: Type.Boolean({ description: 'Nothing is known of the time just before.' }),
      memory: OrNull(
        Type.Object({ total_kb: Type.Number(), used_kb: Type.Number(), available_kb: Type.Number() }),
      ),
      high: KindSummary,
      low: KindSummary,
    }),
    { description: 'Means over equal spans of time; removals are counted.' },
  ),
  top_ram: Type.Array(TopContainer, { description: 'The 5 containers whose RAM was largest, in kB.' }),
  top_cpu: Type.Array(TopContainer, {
    description: 'The 5 containers whose CPU was largest, in percent of a core.',
  }),
});

/** Answer to GET /healthz. */
export const Health = Type.Object({
  status: Type.Literal('ok'),
  service: Type.Literal('gestor-collector'),
  version: Type.String(),
  records: Count('Records held.'),
  bytes: Count('Size of logs.json and the closed segments.'),
});

/** Every refusal: a code for programs, a sentence for people, and where in the input it is wrong. */
export const ApiError = Type.Object({
  error: Type.Object({
    code: Type.String(),
    message: Type.String(),
    pointer: Type.Optional(Type.String({ description: 'JSON pointer (RFC 6901) into the request body.' })),
  }),
});

export type Stored = Static<typeof Stored>;
export type LogQuery = Static<typeof LogQuery>;
export type Ledger = Static<typeof Ledger>;
export type SummaryQuery = Static<typeof SummaryQuery>;
export type Summary = Static<typeof Summary>;
export type Graphs = Static<typeof Graphs>;
export type Health = Static<typeof Health>;
export type ApiError = Static<typeof ApiError>;
