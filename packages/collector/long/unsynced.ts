import { open } from 'node:fs/promises';

// A collector that syncs nothing, to show that the power cut would be noticed: --import it.
await using file = await open('/dev/null');
const prototype: { sync: unknown; datasync: unknown } = Object.getPrototypeOf(file);
prototype.sync = () => Promise.resolve();
prototype.datasync = () => Promise.resolve();
