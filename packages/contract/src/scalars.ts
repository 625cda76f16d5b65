import { Type } from 'typebox';

/**
 * A count of something: a whole number from 0 to 2^53 - 1, the largest that JSON readers keep exact.
 */
export const Count = (description: string) =>
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description });

/** A share or rate in percent, two decimals. Of CPU: 100 is one core, so values above 100 are possible. */
export const Percent = (description: string) => Type.Number({ minimum: 0, description });

/** The same value, or null where it is not known. Unknown is never written as 0. */
export const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** Full container id: 64 hex digits. */
export const ContainerId = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** RFC 3339 date and time with seconds and zone, such as 2026-11-21T10:00:00.123Z. */
export const Timestamp = Type.String({
  format: 'date-time',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:[0-5]\\d(\\.\\d+)?(Z|[+-]\\d{2}:\\d{2})$',
});

/** Which sensor spoke: the kernel module, or the reader of /proc and the cgroup files. */
export const SensorName = Type.Union([Type.Literal('module'), Type.Literal('procfs')]);

/** A load container's kind, as its image's label says. */
export const Kind = Type.Union([Type.Literal('high'), Type.Literal('low')]);
