/** What a load of single-record posts came to. */
export interface LoadResult {
  readonly posts: number;
  readonly failures: number;
  readonly per_second: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
}
