import type { Ledger } from 'contract';

type Boot = Ledger['boots'][number];

const rangeText = ({ first, last }: Boot['gaps'][number]) =>
  first === last ? `${first}` : `${first}–${last}`;

/**
 * The proof of no loss: how many records of this boot were sent, how many the collector keeps, and
 * which sequence numbers are missing.
 */
export function balance(sent: number, ledger: Ledger, host: string, bootId: string): string {
  const boot = ledger.boots.find((one) => one.host === host && one.boot_id === bootId);
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
