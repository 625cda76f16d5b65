import type { Ledger } from 'contract';

type Boot = Ledger['boots'][number];

const rangeText = ({ first, last }: Boot['gaps'][number]) =>
  first === last ? `${first}` : `${first}–${last}`;

const bootOf = (ledger: Ledger, host: string, bootId: string): Boot | undefined =>
  ledger.boots.find((one) => one.host === host && one.boot_id === bootId);

/** Number of the last record of this boot that the collector ever stored. */
export const lastHeld = (ledger: Ledger, host: string, bootId: string): number =>
  bootOf(ledger, host, bootId)?.last ?? 0;

/**
 * The proof of no loss: how many records of this boot were sent, how many the collector keeps, and
 * which sequence numbers are missing.
 */
export function balance(sent: number, ledger: Ledger, host: string, bootId: string): string {
  const boot = bootOf(ledger, host, bootId);
  if (boot === undefined) return `sent ${sent}, kept 0`;
  const retired = boot.dropped.reduce((total, { first, last }) => total + last - first + 1, 0);
  const parts = [
    `sent ${sent}`,
    `kept ${boot.records}`,
    ...(retired > 0 ? [`${retired} retired by age or size`] : []),
    `gaps ${boot.gaps.length === 0 ? 'none' : boot.gaps.map(rangeText).join(' ')}`,
  ];
  return parts.join(', ');
}
