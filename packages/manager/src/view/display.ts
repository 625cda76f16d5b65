import type { Config } from '../config.ts';
import type { CycleReport } from '../cycle.ts';
import type { Say } from '../say.ts';
import { jsonLine } from './json.ts';
import { type ScreenContext, screen } from './screen.ts';
import { clean, paintFor } from './text.ts';

/** All that the user sees. With --json, standard output has only the cycles and the rest goes to standard error. */
export interface Display {
  begin(engine: string): void;
  readonly say: Say;
  cycle(report: CycleReport, context: Pick<ScreenContext, 'cycle' | 'policy' | 'records'>): void;
  ending(asked: boolean): void;
}

const DEFAULT_WIDTH = 80;

export function displayFor(config: Config, out = process.stdout, err = process.stderr): Display {
  const paint = paintFor(config.color);
  const talk = config.json ? err : out;
  const print = (lines: readonly string[]) => talk.write(`${lines.join('\n')}\n`);
  const seconds = config.intervalMs / 1000;
  return {
    begin: (engine) =>
      print([
        `${paint('bold', 'Gestor')} keeps ${config.keep.high} high and ${config.keep.low} low, every ${seconds} s`,
        paint('dim', `  engine: ${engine}`),
      ]),
    say: (line) => print([paint('dim', `  ${clean(line)}`)]),
    cycle: (report, context) => {
      if (config.json) out.write(`${jsonLine(report, context)}\n`);
      else print(screen(report, { ...context, paint, width: out.columns ?? DEFAULT_WIDTH }));
    },
    ending: (asked) =>
      print(['', paint('bold', asked ? 'Ending (once more to skip what is optional)' : 'Ending')]),
  };
}
