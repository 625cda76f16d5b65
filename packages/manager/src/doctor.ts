import { join } from 'node:path';
import { collectorClient } from './collector/client.ts';
import { readConfig, USAGE } from './config.ts';
import type { Finding } from './doctor/checks.ts';
import * as checks from './doctor/checks.ts';
import { messageOf } from './errors.ts';
import { clean, type Paint, paintFor } from './view/text.ts';

const NAME_WIDTH = 14;

function lines({ name, ok, detail, mend }: Finding, paint: Paint): string[] {
  const mark = ok ? paint('green', '✓') : paint('red', '✗');
  const first = `${mark} ${name.padEnd(NAME_WIDTH)}${clean(detail)}`;
  return ok ? [first] : [first, `  ${' '.repeat(NAME_WIDTH)}${paint('bold', mend)}`];
}

/** Checks all that Gestor needs and says for each failure the command that mends it. */
async function examine(args: readonly string[]): Promise<boolean> {
  const config = readConfig(args);
  if (config === null) {
    process.stdout.write(USAGE);
    return true;
  }
  const client = collectorClient(config.port, join(config.paths.volumes, 'run/collector.token'));
  const findings: Finding[] = [
    ...(await checks.machine(config)),
    await checks.images(config),
    await checks.sensor(config),
    await checks.kernelModule(config),
    await checks.collector(config, client),
    await checks.volumes(config),
  ];
  await client.close();
  const paint = paintFor(config.color);
  const failures = findings.filter(({ ok }) => !ok).length;
  const verdict = failures === 0 ? 'All is well.' : `${failures} to mend: the command is under each.`;
  const report = [...findings.flatMap((finding) => lines(finding, paint)), '', verdict];
  process.stdout.write(`${report.join('\n')}\n`);
  return failures === 0;
}

try {
  process.exitCode = (await examine(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  process.stderr.write(`gestor: ${messageOf(error)}\n`);
  process.exitCode = 2;
}
