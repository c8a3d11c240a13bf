/** A Markdown table whose columns stand in line, so that it reads in a terminal as well; figures to the right. */
export function textTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = headings.map((heading, i) => {
    const cells = rows.map((row) => row[i] ?? '');
    const isNumeric = i > 0 && cells.every((cell) => /^[-\d.,]*( .*)?$/.test(cell));
    return { isNumeric, width: Math.max(3, heading.length, ...cells.map((cell) => cell.length)) };
  });
  const line = (cells: readonly string[]) => {
    const padded = columns.map(({ isNumeric, width }, i) => {
      const cell = cells[i] ?? '';
      return isNumeric ? cell.padStart(width) : cell.padEnd(width);
    });
    return `| ${padded.join(' | ')} |`;
  };
  const rule = columns.map(({ isNumeric, width }) =>
    isNumeric ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [line(headings), line(rule), ...rows.map(line)].join('\n');
}
