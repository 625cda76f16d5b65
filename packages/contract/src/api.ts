import { type Static, Type } from 'typebox';
import { LogRecord } from './records.ts';
import { Count, Timestamp } from './scalars.ts';

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
  },
  { additionalProperties: false },
);

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

/** Answer to GET /healthz. */
export const Health = Type.Object({
  status: Type.Literal('ok'),
  service: Type.Literal('gestor-collector'),
  version: Type.String(),
  records: Count('Records in logs.json.'),
  bytes: Count('Size of logs.json.'),
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
export type Graphs = Static<typeof Graphs>;
export type Health = Static<typeof Health>;
export type ApiError = Static<typeof ApiError>;
