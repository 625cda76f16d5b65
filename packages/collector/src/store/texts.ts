import { readRange } from './disk.ts';
import { idBase } from './projection.ts';
import type { Place } from './queries.ts';
import { toRow } from './row.ts';
import type { Segments } from './segments.ts';

const SPAN_BYTES_MAX = 1024 * 1024;
/** Bytes between two records up to which one read for both is cheaper than two. */
const HOLE_BYTES_MAX = 16 * 1024;

interface Span {
  readonly segment: number;
  start: number;
  end: number;
  readonly places: { at: number; offset: number; bytes: number }[];
}

/**
 * The texts of the records at the places, in their order. Left out are those whose segment was dropped
 * meanwhile, and those that other hands damaged since they were indexed.
 */
export async function readTexts(segments: Segments, places: readonly Place[]): Promise<string[]> {
  const texts: (string | undefined)[] = [];
  for (const span of toSpans(places)) {
    const bytes = await readSpan(segments, span);
    for (const { at, offset, bytes: length } of span.places) {
      const text = bytes?.subarray(offset - span.start, offset - span.start + length);
      texts[at] = text && toRow(text) ? text.toString('utf8') : undefined;
    }
  }
  return texts.filter((text) => text !== undefined);
}

/** Puts neighbours together, so that a page of consecutive records is one read. */
function toSpans(places: readonly Place[]): Span[] {
  const inFile = places.map(({ id, bytes }, at) => {
    const segment = Math.floor(id / 2 ** 32);
    return { at, segment, offset: id - idBase(segment), bytes, id };
  });
  const spans: Span[] = [];
  for (const { segment, ...place } of inFile.sort((a, b) => a.id - b.id)) {
    const span = spans.at(-1);
    const end = place.offset + place.bytes;
    if (
      span?.segment === segment &&
      place.offset - span.end < HOLE_BYTES_MAX &&
      end - span.start < SPAN_BYTES_MAX
    ) {
      span.end = end;
      span.places.push(place);
    } else {
      spans.push({ segment, start: place.offset, end, places: [place] });
    }
  }
  return spans;
}

async function readSpan(segments: Segments, { segment, start, end }: Span): Promise<Buffer | undefined> {
  if (segments.end(segment) === undefined) return undefined;
  try {
    return await readRange(await segments.file(segment), start, end);
  } catch (error) {
    if (segments.end(segment) === undefined) return undefined;
    throw error;
  }
}
