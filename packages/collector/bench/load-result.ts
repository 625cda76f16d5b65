/** What a load of single-record posts came to. */
export interface LoadResult {
  readonly posts: number;
  /** Posts of the warm-up and the measured time together. */
  readonly sent: number;
  readonly failures: number;
  readonly per_second: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
}
