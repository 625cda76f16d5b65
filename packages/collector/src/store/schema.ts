import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Changes whenever the tables change: an index of another version is made anew. */
const SCHEMA_VERSION = 1;

/**
 * The index is a projection of the log files, for queries and dashboards; it can always be made anew.
 * A record's id is its place: number of the segment × 2^32 + offset in it.
 */
const SCHEMA = `
  CREATE TABLE segments (
    number INTEGER PRIMARY KEY, end INTEGER NOT NULL, line INTEGER NOT NULL, records INTEGER NOT NULL,
    first_ms INTEGER, last_ms INTEGER, verified TEXT
  );
  CREATE TABLE boots (ref INTEGER PRIMARY KEY, boot_id TEXT NOT NULL UNIQUE, host TEXT NOT NULL);
  CREATE TABLE ranges (
    segment INTEGER NOT NULL, boot INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    PRIMARY KEY (segment, boot, first)
  ) WITHOUT ROWID;
  CREATE TABLE containers (
    ref INTEGER PRIMARY KEY, container_id TEXT NOT NULL UNIQUE, container_name TEXT NOT NULL,
    image TEXT NOT NULL, kind TEXT NOT NULL
  );
  CREATE INDEX containers_name ON containers (container_name);
  CREATE TABLE damaged (
    segment INTEGER NOT NULL, line INTEGER NOT NULL, offset INTEGER NOT NULL,
    PRIMARY KEY (segment, offset)
  ) WITHOUT ROWID;
  CREATE TABLE records (
    id INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, taken_at_ms INTEGER NOT NULL, type TEXT NOT NULL,
    boot INTEGER NOT NULL, sequence INTEGER NOT NULL, sensor TEXT NOT NULL,
    total_kb INTEGER, available_kb INTEGER, used_kb INTEGER,
    container INTEGER, cpu_percent REAL, ram_kb INTEGER, vsz_kb INTEGER, rss_kb INTEGER, fate TEXT
  );
  CREATE UNIQUE INDEX records_name ON records (boot, sequence);
  CREATE INDEX records_time ON records (taken_at_ms);
  CREATE INDEX records_type ON records (type, taken_at_ms);
  CREATE INDEX records_container ON records (container, taken_at_ms) WHERE container IS NOT NULL;
  CREATE INDEX records_removed ON records (taken_at_ms) WHERE fate = 'removed';
  CREATE VIEW memory_log AS
    SELECT taken_at_ms / 1000 AS time, host, sensor, total_kb, available_kb, used_kb
    FROM records JOIN boots ON boots.ref = boot WHERE type = 'memory';
  CREATE VIEW container_log AS
    SELECT taken_at_ms / 1000 AS time, host, sensor, container_id, container_name, image, kind,
      cpu_percent, ram_kb, vsz_kb, rss_kb, fate
    FROM records JOIN boots ON boots.ref = boot JOIN containers ON containers.ref = container;
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Opens the index; one that is missing, damaged or of another version is made anew, empty. */
export function openIndex(path: string, report: (message: string) => void): DatabaseSync {
  try {
    const database = connect(path);
    const version = database.prepare('PRAGMA user_version').get()?.user_version;
    if (version === SCHEMA_VERSION) return database;
    database.close();
    if (version !== 0) report(`the index is of version ${version}, not ${SCHEMA_VERSION}: making it anew`);
  } catch (error) {
    report(`the index can't be read (${error instanceof Error ? error.message : error}): making it anew`);
  }
  return makeIndex(path);
}

/** Makes an empty index in the place of whatever is there. */
export function makeIndex(path: string): DatabaseSync {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true });
  const database = connect(path);
  database.exec(`BEGIN; ${SCHEMA} COMMIT;`);
  return database;
}

function connect(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    // What a power cut takes from the index is caught up from the log, so it need not be synced each time.
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8000; PRAGMA busy_timeout = 5000;',
    );
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
