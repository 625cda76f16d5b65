import { type Paint, wrap } from './text.ts';

interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly align?: 'right';
}

const INDENT = '  ';

/** Space before a column: figures are set apart by their alignment already. */
function gapsOf(columns: readonly { readonly align?: 'right' }[]): string[] {
  return columns.map(({ align }, index) => {
    if (index === 0) return '';
    return align === 'right' && columns[index - 1]?.align === 'right' ? ' ' : '  ';
  });
}

/**
 * Lines of an aligned table. The last column takes what is left of `width` and goes on in further lines
 * where that is not enough.
 */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width: number,
  paint: Paint,
  paintCell: (row: Row, column: number, text: string) => string = (_row, _column, text) => text,
): string[] {
  const cells = rows.map((row) => columns.map((column) => column.text(row)));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((line) => line[index]?.length ?? 0)),
  );
  const last = columns.length - 1;
  const gaps = gapsOf(columns);
  const used = [...widths.slice(0, last), ...gaps.map((gap) => gap.length)].reduce(
    (total, each) => total + each,
    INDENT.length,
  );
  const lastWidth = Math.max(12, width - used);
  const pad = (text: string, index: number) => {
    if (index === last) return text;
    return columns[index]?.align === 'right'
      ? text.padStart(widths[index] ?? 0)
      : text.padEnd(widths[index] ?? 0);
  };
  const join = (texts: readonly string[]) => texts.map((text, index) => gaps[index] + text).join('');
  const head = join(columns.map(({ title }, index) => paint('dim', pad(title, index))));
  const body = rows.flatMap((row, rowIndex) => {
    const texts = cells[rowIndex] ?? [];
    const [first = '', ...more] = wrap(texts[last] ?? '', lastWidth);
    const line = [...texts.slice(0, last), first].map((text, index) =>
      paintCell(row, index, pad(text, index)),
    );
    return [join(line), ...more.map((text) => ' '.repeat(used - INDENT.length) + paintCell(row, last, text))];
  });
  return [head, ...body].map((line) => (INDENT + line).trimEnd());
}
