import { DOMParser } from 'linkedom';
import { colourStyle, paint } from './colours.ts';

/** SVG as a string that can stand inside a page. It has no style of its own: `standalone` makes a file of it. */
export type Drawing = string;

/** What a screen reader says of a drawing. Plain text. */
export interface Words {
  readonly title: string;
  readonly description: string;
}

const NAMESPACE = 'http://www.w3.org/2000/svg';
const FONT = { family: 'system-ui, sans-serif', size: 12 } as const;

/** Where elements are made: a document without a browser. Nothing is ever put into it. */
export const svgDocument = new DOMParser().parseFromString(
  `<svg xmlns="${NAMESPACE}"/>`,
  'image/svg+xml',
) as unknown as Document;

/** An element with its attributes and children; a string is text. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>> = {},
  children: readonly (Element | string)[] = [],
): SVGElement {
  const made = svgDocument.createElementNS(NAMESPACE, name) as SVGElement;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  for (const child of children) {
    made.append(typeof child === 'string' ? svgDocument.createTextNode(child) : child);
  }
  return made;
}

/** An empty drawing of a size in pixels; it shrinks with the width that it is given. */
export function canvas(width: number, height: number, children: readonly Element[]): SVGElement {
  const attributes = { viewBox: `0 0 ${width} ${height}`, width, height, fill: paint('ink') };
  return element('svg', attributes, children);
}

/** The element as text: one image with a title and a description, coordinates to a hundredth of a pixel. */
export function toDrawing(svg: Element, { title, description }: Words): Drawing {
  svg.querySelectorAll('style').forEach((style) => style.remove());
  svg.removeAttribute('class');
  for (const inner of [svg, ...svg.querySelectorAll('*')]) {
    for (const { name, value } of Array.from(inner.attributes)) {
      if (name.startsWith('aria-')) inner.removeAttribute(name);
      else if (/\.\d{3}/.test(value)) inner.setAttribute(name, rounded(value));
    }
  }
  svg.setAttribute('role', 'img');
  svg.setAttribute('font-family', FONT.family);
  svg.setAttribute('font-size', String(FONT.size));
  svg.prepend(element('title', {}, [title]), element('desc', {}, [description]));
  return xmlText(svg.outerHTML);
}

/** A file of its own: the colours and the paper within it, light or dark as the reader's system is. */
export function standalone(drawing: Drawing): string {
  const paper = element('rect', { width: '100%', height: '100%', fill: paint('paper') }).outerHTML;
  return `${drawing
    .replace('<svg', `<svg xmlns="${NAMESPACE}"`)
    .replace('</desc>', `</desc><style>${colourStyle('svg')}</style>${paper}`)}\n`;
}

function rounded(value: string): string {
  return value.replaceAll(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (number) => String(Number(Number(number).toFixed(2))));
}

/** Without what XML cannot hold, which would make the whole file unreadable. https://www.w3.org/TR/xml/#charsets */
function xmlText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- finding control characters is the point
  return text.replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/gu, '\uFFFD');
}
