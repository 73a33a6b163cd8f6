/**
 * What the page uses of streaming-markdown; only the type checker reads this.
 *
 * `smd.min.js` and `LICENSE` are those of the npm package `streaming-markdown` 0.2.15
 * (https://github.com/thetarnav/streaming-markdown, MIT), unchanged. To update: `npm pack streaming-markdown`, copy the two
 * files, and change the version here.
 */

export interface Renderer {
  data: null;
  add_token(data: null, token: number): void;
  end_token(data: null): void;
  add_text(data: null, text: string): void;
  set_attr(data: null, attribute: number, value: string): void;
}

export interface Parser {
  /** What is not yet known to be text or markup. */
  pending: string;
  /** The open tokens from the document on, `len` beside the document. */
  tokens: Uint32Array;
  len: number;
  token: number;
}

export function parser(renderer: Renderer): Parser;
export function parser_write(parser: Parser, text: string): void;
export function parser_end(parser: Parser): void;
export const PARAGRAPH: number;
export const HEADING_1: number, HEADING_2: number, HEADING_3: number, HEADING_4: number, HEADING_5: number, HEADING_6: number;
export const CODE_BLOCK: number, CODE_FENCE: number, CODE_INLINE: number;
export const ITALIC_AST: number, ITALIC_UND: number, STRONG_AST: number, STRONG_UND: number, STRIKE: number;
export const LINK: number, RAW_URL: number, IMAGE: number;
export const BLOCKQUOTE: number, LINE_BREAK: number, RULE: number;
export const LIST_UNORDERED: number, LIST_ORDERED: number, LIST_ITEM: number, CHECKBOX: number;
export const TABLE: number, TABLE_ROW: number, TABLE_CELL: number;
export const HREF: number, SRC: number, LANG: number, CHECKED: number, START: number;
