/** The user's wish to end, and to end without waiting for more. */
export interface EndSignals {
  readonly stop: AbortSignal;
  readonly hurry: AbortSignal;
}

/**
 * One Ctrl-C can arrive twice: from the terminal, and passed on by the package manager in between. Only
 * what comes later than this counts as a second one.
 */
const SAME_PRESS_MS = 500;

/** SIGINT, SIGTERM or SIGHUP asks to end; a second one asks to hurry. */
export function watchEndSignals(
  emitter: NodeJS.EventEmitter = process,
  now = () => performance.now(),
): EndSignals {
  const stop = new AbortController();
  const hurry = new AbortController();
  let first: number | null = null;
  const onSignal = () => {
    if (first === null) {
      first = now();
      stop.abort();
    } else if (now() - first > SAME_PRESS_MS) {
      hurry.abort();
    }
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) emitter.on(name, onSignal);
  return { stop: stop.signal, hurry: hurry.signal };
}
