import { type Static, Type } from 'typebox';
import { ContainerId, Count, Kind, OrNull, Percent, SensorName, Timestamp } from './scalars.ts';

const Origin = {
  taken_at: Timestamp,
  host: Type.String({ minLength: 1, maxLength: 255, description: 'Name of the host.' }),
  boot_id: Type.String({
    pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
    description: 'Which boot of the host (/proc/sys/kernel/random/boot_id).',
  }),
  sequence: Type.Integer({
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'Number of the record within this boot of the host, without gaps.',
  }),
  sensor: SensorName,
};

/** The host's memory at one frame. */
export const MemoryRecord = Type.Object(
  {
    type: Type.Literal('memory'),
    ...Origin,
    total_kb: Count('Memory of the host.'),
    free_kb: Count('Memory that nothing uses.'),
    available_kb: Count('Memory that new programs can have without swapping.'),
    used_kb: Count('total_kb - free_kb.'),
    used_percent: Percent('used_kb of total_kb.'),
  },
  { additionalProperties: false },
);

/** What became of a container in a cycle. */
export const Fate = Type.Union([
  Type.Literal('kept'),
  Type.Literal('removed'),
  Type.Literal('removal_failed'),
  Type.Literal('would_remove'),
  Type.Literal('waiting'),
  Type.Literal('protected'),
]);

/**
 * One container of ours at one frame: its main process, the figures of all its tasks together, and
 * what became of it and why.
 */
export const ProcessRecord = Type.Object(
  {
    type: Type.Literal('process'),
    ...Origin,
    container_id: ContainerId,
    container_name: Type.String({ maxLength: 255 }),
    image: Type.String({ maxLength: 512 }),
    kind: Kind,
    pid: OrNull(Type.Integer({ minimum: 1, description: 'Its main process, the first that started.' })),
    name: Type.String({ maxLength: 64, description: 'Name of the main process.' }),
    command_line: Type.String({ maxLength: 4096, description: 'Command line of the main process.' }),
    tasks: Count('Processes alive in the container.'),
    cpu_percent: OrNull(Percent('CPU since the frame before; 100 is one core; null when not known yet.')),
    ram_kb: Count('Memory the container works with: cgroup usage less inactive page cache.'),
    memory_percent: Percent("ram_kb as a share of the host's total memory."),
    vsz_kb: Count('Virtual memory of its processes.'),
    rss_kb: Count('Resident memory of its processes.'),
    fate: Fate,
    reason: Type.String({ maxLength: 1024 }),
  },
  { additionalProperties: false },
);

export type MemoryRecord = Static<typeof MemoryRecord>;
export type ProcessRecord = Static<typeof ProcessRecord>;
export type LogRecord = MemoryRecord | ProcessRecord;
export type Fate = Static<typeof Fate>;

/** One record, told apart by `type`, in a form whose errors name the field and not the alternative. */
export const LogRecord = Type.Unsafe<LogRecord>({
  type: 'object',
  required: ['type'],
  discriminator: { propertyName: 'type' },
  oneOf: [MemoryRecord, ProcessRecord],
});
