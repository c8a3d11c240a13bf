import { DOMParser } from 'linkedom';

/** A drawing as elements that a spec can look at. */
export function read(drawing: string): Element {
  return new DOMParser().parseFromString(drawing, 'image/svg+xml').documentElement as unknown as Element;
}

/** Every text that is shown, in the order of the file. */
export function textsOf(drawing: string): string[] {
  return [...read(drawing).querySelectorAll('text')].map(({ textContent }) => textContent ?? '');
}

/** The vertices of a path of straight lines, pixels. */
export function verticesOf(path: Element): [x: number, y: number][] {
  const numbers = [...(path.getAttribute('d') ?? '').matchAll(/-?\d+(?:\.\d+)?/g)].map(Number);
  return numbers.flatMap((x, i) => (i % 2 === 0 ? [[x, numbers[i + 1]!] as [number, number]] : []));
}
