import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CRON, UserCrontab } from './user-crontab.ts';

// What needs an engine is tested on a real one, in packages/system-tests.

const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
const FAR = 999_999_999;

/** A manager's directory, and an engine that only says that it was asked. */
class Host extends UserCrontab {
  constructor() {
    super('@daily true\n');
    this.standIn('docker', 'echo "$1" >>"$HOME/asked"; echo "engine on strike" >&2; exit 1');
    this.install();
  }

  create(...args: string[]) {
    return this.bash(join(CRON, 'create-containers.sh'), ['--state', this.state, ...args]);
  }

  log(): string {
    return readFileSync(join(this.state, 'cron.log'), 'utf8');
  }

  asked(): boolean {
    return existsSync(join(this.folder, 'asked'));
  }
}

test.each([
  ['no lease', null],
  ['an empty lease', ''],
  ['a lease of an earlier boot', `11111111-2222-3333-4444-555555555555 ${FAR}\n`],
  ['a lease that has run out', `${bootId} 1\n`],
  ['half a lease', bootId],
  ['a lease that is no number', `${bootId} 9e9\n`],
  ['a lease with more words', `${bootId} ${FAR} ${FAR}\n`],
])('%s: nothing is created and our crontab lines are gone', (_, lease) => {
  using host = new Host();
  if (lease !== null) host.write('state/lease', lease);
  expect(host.create()).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(host.asked()).toBe(false);
  expect(host.lines()).toEqual(['@daily true']);
  expect(host.log()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ no manager renews its lease/);
});

test.each([`${bootId} ${FAR}\n`, `${bootId} ${FAR}`, `${bootId} 0${FAR}\n`])('a fresh lease: %j', (lease) => {
  using host = new Host();
  host.write('state/lease', lease);
  expect(host.create().code).toBe(1);
  expect(host.asked()).toBe(true);
  expect(host.lines()).toHaveLength(3);
  expect(host.log()).toContain('the Docker Engine does not answer: engine on strike');
});

test('a run never overlaps another one', async () => {
  using host = new Host();
  host.write('state/lease', `${bootId} ${FAR}\n`);
  const other = spawn('flock', [join(host.state, 'create.lock'), 'sh', '-c', 'echo held; exec cat']);
  try {
    await once(other.stdout, 'data');
    expect(host.create()).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(host.asked()).toBe(false);
    expect(host.log()).toContain('containers are being created already');
  } finally {
    other.stdin.end();
    await once(other, 'close');
  }
});

test('the log keeps its newest half when it has grown', () => {
  using host = new Host();
  const line = `${'x'.repeat(99)}\n`;
  host.write('state/cron.log', line.repeat(2700));
  host.create();
  expect(statSync(join(host.state, 'cron.log')).size).toBeLessThan(140_000);
  const lines = host.log().split('\n');
  expect(lines[0]).toBe('x'.repeat(99));
  expect(lines.at(-2)).toContain('no manager renews its lease');
});

test.each([
  [['--count', 'many'], 'whole numbers'],
  [['--ceiling', '-1'], 'whole numbers'],
  [['--kind', 'middle'], '--kind'],
  [['--count'], 'needs a value'],
  [['--speed', '3'], 'unknown option'],
  [['--state', '/nonexistent'], '--state'],
])('wrong arguments are refused: %j', (args, sentence) => {
  using host = new Host();
  expect(host.create(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(sentence) });
  expect(host.asked()).toBe(false);
});
