import { messageOf } from './errors.ts';
import type { Say } from './say.ts';

/** One thing to do at the end; gives what to tell the user, if anything. */
export interface FarewellStep {
  readonly name: string;
  /** Left out when the user is in a hurry. */
  readonly optional: boolean;
  readonly run: (hurry: AbortSignal) => Promise<string | null>;
}

/** Rejects as soon as the user asks to hurry, so that a slow step doesn't hold up the next. */
function untilHurry<T>(work: Promise<T>, hurry: AbortSignal): Promise<T> {
  const hurried = Promise.withResolvers<never>();
  const onHurry = () => hurried.reject(hurry.reason);
  if (hurry.aborted) onHurry();
  hurry.addEventListener('abort', onHurry, { once: true });
  return Promise.race([work, hurried.promise]).finally(() => hurry.removeEventListener('abort', onHurry));
}

/**
 * Does one step after the other. A step that fails never keeps the next from being done; a hurry cuts the
 * optional ones short. Gives the names of those that failed.
 */
export async function sayFarewell(
  steps: readonly FarewellStep[],
  hurry: AbortSignal,
  say: Say,
): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { name, optional, run } of steps) {
    if (optional && hurry.aborted) {
      say(`${name}: skipped`);
      continue;
    }
    try {
      const told = await (optional ? untilHurry(run(hurry), hurry) : run(hurry));
      if (told !== null) say(`${name}: ${told}`);
    } catch (error) {
      if (optional && hurry.aborted) {
        say(`${name}: skipped`);
      } else {
        failed.push(name);
        say(`${name}: FAILED: ${messageOf(error)}`);
      }
    }
  }
  return failed;
}
