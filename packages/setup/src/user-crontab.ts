import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Ran, Sandbox } from './sandbox.ts';

/** Where the scripts under test are. */
export const CRON = resolve(import.meta.dirname, '../../../cron');

/** The user's crontab, as the real command keeps it: a file, or none. */
export class UserCrontab extends Sandbox {
  readonly path = join(this.folder, 'crontab');
  readonly state = join(this.folder, 'state');

  constructor(content: string | Uint8Array | null) {
    super();
    mkdirSync(this.state);
    if (content !== null) this.write('crontab', content);
    this.standIn(
      'crontab',
      `file=${this.path}
      case $1 in
        -l) if [[ -e $file ]]; then cat "$file"; else echo "no crontab for user" >&2; exit 1; fi ;;
        -r) rm "$file" ;;
        -) cat >"$file.new" && mv "$file.new" "$file" ;;
      esac`,
    );
  }

  run(...args: string[]): Ran {
    return this.bash(join(CRON, 'crontab.sh'), args);
  }

  install(...args: string[]): Ran {
    return this.run('install', '--state', this.state, ...args);
  }

  bytes(): Buffer | null {
    return existsSync(this.path) ? readFileSync(this.path) : null;
  }

  lines(): string[] {
    return (this.bytes()?.toString('latin1') ?? '').split('\n').slice(0, -1);
  }
}
