import { oneLine } from '../text.ts';

/** HTML that is safe to put into a page: made by `html`, or by a function that vouches for it. */
export interface Html {
  readonly html: string;
}

type Piece = Html | string | number | undefined | readonly Piece[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Of the source of the templates: it says nothing and takes a tenth of a page. */
const INDENTATION = /\n\s+/g;

/** A template whose values are text, unless they are HTML already: names of models, files and errors stay text. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  const raw = strings.map((part) => part.replaceAll(INDENTATION, '\n'));
  return { html: String.raw({ raw }, ...pieces.map(render)) };
}

/** HTML from one of the project's own functions, such as a drawing. */
export function trusted(text: string): Html {
  return { html: text };
}

/** As text inside an element or a quoted attribute; line breaks stay. */
function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** Foreign text on one line, cut where it is longer than a page has room for. */
export function words(text: string, length?: number): Html {
  return { html: escapeHtml(oneLine(text, length)) };
}

function render(piece: Piece): string {
  if (piece === undefined) return '';
  if (typeof piece === 'string' || typeof piece === 'number') return escapeHtml(String(piece));
  return 'html' in piece ? piece.html : piece.map(render).join('');
}
