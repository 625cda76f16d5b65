import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Sandbox } from './sandbox.ts';
import { CRON, UserCrontab } from './user-crontab.ts';

const MARKER = '# gestor:create-containers';

const nastyLines = [
  '',
  ' ',
  '\r',
  'MAILTO="a@b"',
  'SHELL=/bin/zsh',
  MARKER,
  `# I wonder what ${MARKER} does`,
  `#* * * * * /bin/bash '/a/cron/create-containers.sh' --state '/b' ${MARKER}`,
  `* * * * * /usr/bin/other ${MARKER}`,
  `* * * * * /bin/bash '/a/cron/create-containers.sh' --state '/b' ${MARKER}\r`,
  `* * * * * /bin/bash '/a/cron/create-containers.sh' --state '/b' ${MARKER} `,
  `@reboot echo "100\\%" ${MARKER}x`,
  `0 0 * * * ${'x'.repeat(5000)}`,
  '\u00ff\u00fe\u0080 \u0001\t\u001b[31m',
];
const line = fc.oneof(
  fc.constantFrom(...nastyLines),
  fc
    .uint8Array({ maxLength: 40 })
    .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10)).toString('latin1')),
);
/** Lines of any bytes; the last one may lack its newline. A crontab of no bytes is no crontab. */
const crontab = fc
  .tuple(fc.array(line, { minLength: 1, maxLength: 8 }), fc.constantFrom('\n', ''))
  .map(([lines, end]) => Buffer.from(lines.join('\n') + end, 'latin1'))
  .filter((bytes) => bytes.length > 0);

describe('crontab.sh', { timeout: 60_000 }, () => {
  test('installing and removing leaves any crontab as it was, byte for byte', () => {
    fc.assert(
      fc.property(crontab, (before) => {
        using user = new UserCrontab(before);
        expect(user.install()).toMatchObject({ code: 0, stderr: '' });
        expect(user.bytes()?.subarray(0, before.length)).toEqual(before);
        expect(user.install()).toMatchObject({ code: 0, stderr: '' });
        expect(user.run('show').stdout.match(/\n/g)).toHaveLength(2);
        expect(user.run('remove')).toMatchObject({ code: 0, stderr: '' });
        expect(user.bytes()).toEqual(before);
      }),
      { numRuns: 12 },
    );
  });

  test('no crontab is none again afterwards', () => {
    using user = new UserCrontab(null);
    expect(user.install().code).toBe(0);
    expect(user.lines()).toHaveLength(2);
    expect(user.run('remove').code).toBe(0);
    expect(user.bytes()).toBeNull();
    expect(user.run('remove').code).toBe(0);
  });

  test('what the user adds after our lines stays, with its newline', () => {
    using user = new UserCrontab('@daily true');
    user.install();
    user.write('crontab', Buffer.concat([user.bytes() ?? Buffer.of(), Buffer.from('@hourly false\n')]));
    expect(user.run('remove').code).toBe(0);
    expect(user.bytes()?.toString()).toBe('@daily true\n@hourly false\n');
  });

  test.each([
    ['10', ['', 'sleep 10; ', 'sleep 20; ', 'sleep 30; ', 'sleep 40; ', 'sleep 50; '], '* * * * *'],
    ['30', ['', 'sleep 30; '], '* * * * *'],
    ['60', [''], '* * * * *'],
    ['300', [''], '*/5 * * * *'],
    ['3600', [''], '0 * * * *'],
  ])('every %s seconds', (every, sleeps, fields) => {
    using user = new UserCrontab(null);
    expect(user.install('--every', every).code).toBe(0);
    expect(user.lines().map((text) => text.split('/bin/bash')[0])).toEqual(
      sleeps.map((sleep) => `${fields} ${sleep}`),
    );
    user.run('remove');
    expect(user.bytes()).toBeNull();
  });

  test.each(['0', '7', '90', '-30', '7200', 'x', '', '3 0'])(
    'an interval that cron cannot do is refused: %j',
    (every) => {
      using user = new UserCrontab('@daily true\n');
      expect(user.install('--every', every)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('CRONTAB_USAGE'),
      });
      expect(user.bytes()?.toString()).toBe('@daily true\n');
    },
  );

  test('any path reaches the script as it is, through cron and sh', () => {
    const path = fc.string({ unit: fc.constantFrom(...`ab '"%\\$;#&*é\t`), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(path, path, (first, second) => {
        using user = new UserCrontab(null);
        const code = join(user.folder, `x${first}`, 'cron');
        const state = join(user.folder, `x${second}`);
        mkdirSync(state, { recursive: true });
        cpSync(CRON, code, { recursive: true });
        user.write(`x${first}/cron/create-containers.sh`, 'printf "%s\\n" "$0" "$@"');
        const args = ['install', '--state', state, '--every', '60', '--count', '3'];
        expect(user.bash(join(code, 'crontab.sh'), args)).toMatchObject({ code: 0, stderr: '' });
        const command = asCronReads(
          (user.bytes()?.toString() ?? '').replace(/\n$/, '').slice('* * * * * '.length),
        );
        const ran = spawnSync('/bin/sh', ['-c', command], { encoding: 'utf8' });
        expect(ran.stdout.split('\n')).toEqual([
          join(code, 'create-containers.sh'),
          '--state',
          state,
          '--count',
          '3',
          '',
        ]);
        user.bash(join(code, 'crontab.sh'), ['remove']);
        expect(user.bytes()).toBeNull();
      }),
      { numRuns: 12 },
    );
  });

  test('a fresh lease keeps the lines when only stale ones are to be removed', () => {
    using user = new UserCrontab(null);
    user.install();
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    user.write('state/lease', `${bootId} 999999999\n`);
    expect(user.run('remove', '--if-stale', user.state).code).toBe(0);
    expect(user.lines()).toHaveLength(2);
    user.write('state/lease', `${bootId} 1\n`);
    expect(user.run('remove', '--if-stale', user.state).code).toBe(0);
    expect(user.bytes()).toBeNull();
  });

  test('a crontab that cannot be read is left alone', () => {
    using user = new UserCrontab('@daily true\n');
    user.standIn(
      'crontab',
      '[[ $1 == -l ]] || touch "$HOME/written"; echo "You (x) are not allowed" >&2; exit 1',
    );
    const ran = user.install();
    expect(ran).toMatchObject({ code: 4, stderr: expect.stringContaining('CRONTAB_UNREADABLE') });
    expect(ran.stderr).toContain('You (x) are not allowed');
    expect(existsSync(join(user.folder, 'written'))).toBe(false);
  });

  test('a crontab that cannot be written is said to be unchanged', () => {
    using user = new UserCrontab(null);
    user.standIn(
      'crontab',
      'if [[ $1 == -l ]]; then echo "@daily true"; else echo "disk full" >&2; exit 1; fi',
    );
    expect(user.install()).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('as it was: disk full'),
    });
  });

  test('without a crontab command it says how to get one', () => {
    using box = new Sandbox(true);
    box.link(['dirname']);
    const ran = box.bash(join(CRON, 'crontab.sh'), ['show']);
    expect(ran).toMatchObject({ code: 3, stderr: expect.stringContaining('apt-get install cron') });
  });
});

/** Cron's reading of a command: `\%` is `%`, and a bare `%` would end the command. */
function asCronReads(command: string): string {
  let read = '';
  let escaped = false;
  for (const character of command) {
    if (character === '%' && !escaped) return read;
    read = character === '%' ? `${read.slice(0, -1)}%` : read + character;
    escaped = character === '\\' && !escaped;
  }
  return read;
}
