/** `text` with `block` between its lines `<!-- name:begin -->` and `<!-- name:end -->`. Throws where they are missing. */
export function between(text: string, name: string, block: string): string {
  const [first, last] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [begin, end] = [text.indexOf(first), text.indexOf(last)];
  if (begin === -1 || end < begin) throw new Error(`there are no lines "${first}" and "${last}"`);
  return `${text.slice(0, begin)}${first}\n\n${block}\n\n${text.slice(end)}`;
}
