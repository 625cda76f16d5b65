import { execFileSync } from 'node:child_process';

export function docker(...args: readonly string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

/** Names of the containers with this label that run. */
export const alive = (label: string): string[] =>
  lines(docker('ps', '--filter', `label=${label}`, '--format', '{{.Names}}'));

/** Those that Gestor may remove, by kind; `--filter`s of the engine are joined by "and". */
export const ours = (kind: 'high' | 'low'): string[] =>
  lines(
    docker(
      'ps',
      '--filter',
      'label=gestor.managed=true',
      '--filter',
      `label=gestor.kind=${kind}`,
      '--format',
      '{{.Names}}',
    ),
  );

/** Removes all that the tests or an earlier run have left. */
export function removeAllOfOurs(): void {
  for (const label of ['gestor.managed=true', 'gestor.role=collector', 'gestor.test=true']) {
    const ids = lines(docker('ps', '--all', '--quiet', '--filter', `label=${label}`));
    if (ids.length > 0) docker('rm', '--force', '--volumes', ...ids);
  }
}

/** A container that is a stranger to Gestor unless `labels` say otherwise. */
export function startStranger(name: string, ...labels: readonly string[]): void {
  const all = ['gestor.test=true', ...labels].flatMap((label) => ['--label', label]);
  docker('run', '--detach', '--name', name, ...all, 'gestor/low-idle');
}
