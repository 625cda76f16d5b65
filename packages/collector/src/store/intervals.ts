/** Whole numbers from first to last, both included. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** A set of whole numbers that are mostly consecutive, kept as ranges: sorted, apart, never touching. */
export class Intervals {
  #ranges: Range[] = [];

  get ranges(): readonly Range[] {
    return this.#ranges;
  }

  get count(): number {
    return this.#ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  }

  has(value: number): boolean {
    const range = this.#ranges[this.#indexFrom(value)];
    return range !== undefined && range.first <= value;
  }

  add(first: number, last: number): void {
    const from = this.#indexFrom(first - 1);
    let to = from;
    let merged: Range = { first, last };
    for (let each = this.#ranges[to]; each && each.first <= last + 1; each = this.#ranges[++to]) {
      merged = { first: Math.min(merged.first, each.first), last: Math.max(merged.last, each.last) };
    }
    this.#ranges.splice(from, to - from, merged);
  }

  remove(first: number, last: number): void {
    const from = this.#indexFrom(first);
    let to = from;
    const rest: Range[] = [];
    for (let each = this.#ranges[to]; each && each.first <= last; each = this.#ranges[++to]) {
      if (each.first < first) rest.push({ first: each.first, last: first - 1 });
      if (each.last > last) rest.push({ first: last + 1, last: each.last });
    }
    this.#ranges.splice(from, to - from, ...rest);
  }

  /** What is missing between 1 and the highest number of the set. */
  gaps(): Range[] {
    let next = 1;
    const gaps: Range[] = [];
    for (const { first, last } of this.#ranges) {
      if (first > next) gaps.push({ first: next, last: first - 1 });
      next = last + 1;
    }
    return gaps;
  }

  /** Index of the first range that ends at the value or behind it. */
  #indexFrom(value: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ranges[middle]?.last ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
