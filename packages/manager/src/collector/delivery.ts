import type { CollectorClient } from './client.ts';
import type { Spool } from './spool.ts';

const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 120_000;

export interface DeliveryParts {
  readonly spool: Pick<Spool, 'deliver'>;
  readonly send: CollectorClient['send'];
  /** Has a collector that works, or throws. */
  readonly ensure: () => Promise<unknown>;
  readonly now?: () => number;
  readonly random?: () => number;
}

/** Hands on what waits in the spool. */
export interface Delivery {
  /**
   * Tries, unless the last tries failed a short while ago: pauses double from 5 s to 2 minutes, each
   * shortened by up to a half at random. `insist` tries in any case.
   * @throws why it could not be delivered, or the signal's reason
   */
  attempt(signal: AbortSignal, insist?: 'insist'): Promise<void>;
}

export function delivery({
  spool,
  send,
  ensure,
  now = () => performance.now(),
  random = Math.random,
}: DeliveryParts): Delivery {
  let pauseMs = FIRST_PAUSE_MS;
  let notBefore = 0;

  const tryNow = async (signal: AbortSignal) => {
    const sendUnlessAborted: CollectorClient['send'] = (key, records) => {
      signal.throwIfAborted();
      return send(key, records);
    };
    try {
      await spool.deliver(sendUnlessAborted);
    } catch {
      signal.throwIfAborted();
      // The collector was killed, replaced, or is stuck: have one that works, and try once more.
      await ensure();
      await spool.deliver(sendUnlessAborted);
    }
  };

  return {
    attempt: async (signal, insist) => {
      if (insist === undefined && now() < notBefore) return;
      try {
        await tryNow(signal);
        pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        notBefore = now() + pauseMs * (1 - random() / 2);
        pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
        throw error;
      }
    },
  };
}
