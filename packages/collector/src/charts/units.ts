const KB_PER_MIB = 1024;
const KB_PER_GIB = 1024 * 1024;

export interface MemoryUnit {
  readonly name: string;
  /** Kilobytes (of 1024 bytes) in one unit. */
  readonly kb: number;
  /** An amount given in kilobytes, in this unit. */
  format(kb: number): string;
}

/** The unit in which amounts up to the given one read best. */
export function memoryUnit(largestKb: number): MemoryUnit {
  const gib = largestKb >= 2 * KB_PER_GIB;
  const [name, kb, digits] = gib ? ['GB', KB_PER_GIB, 1] : ['MB', KB_PER_MIB, 0];
  return { name, kb, format: (amount) => `${(amount / kb).toFixed(digits)} ${name}` };
}
