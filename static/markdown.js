/**
 * A sink of words that shows Markdown, append-only and as elements of its own making: never as markup.
 *
 * Knows which part of Markdown a speech may have and how each piece looks in the document. Images become links, links
 * go to http, https and mailto only, and tell where they go. Does not know who speaks. Loaded at the first sign of it.
 */

import { make, style } from './dom.js';
import * as smd from './vendor/streaming-markdown/smd.min.js';

/** @import {Sink} from './words.js' */

/** Open elements beyond which a new one is left out: some browsers fail at thousands. */
const DEEPEST = 16;

/** Characters that the parser may keep back before they are shown as they are. It would keep any number of them. */
const MOST_PENDING = 1000;

/**
 * The parser is given asterisks by themselves and lines, and of long ones so many characters, so that what it keeps back is
 * looked at in time.
 */
const PIECES = /\*+|[^\n*]{1,500}\n?|\n/gu;

/**
 * What the parser takes for markup though it is text in a speech: dollars, TeX brackets, backslashes that escape nothing,
 * underscores in words. Each is given to it as another character, from the range that Unicode leaves to private use, and
 * turned back after.
 */
const TEXT = /\$|\\(?![!-'*-/:-@\\^-`{-~])|(?<=[\p{L}\p{N}]_*)_(?=_*[\p{L}\p{N}])/gu;
const MASK = 0xf8a0;

/** An asterisk that is text. */
const STAR = '\uf8a3';

/** @param {string} text */
const mask = (text) => text.replace(TEXT, (sign) => String.fromCharCode(MASK + '$\\_'.indexOf(sign)));

/** @param {string} text */
const unmask = (text) => text.replace(/[\uf8a0-\uf8a3]/g, (sign) => '$\\_*'.charAt(sign.charCodeAt(0) - MASK));

/**
 * Where asterisks, with the characters around them, begin no emphasis, and where they end none: those of products do
 * neither. The server has the same rule in core/telling/emphasis.py. In scripts from U+0E00 on words have no spaces.
 */
const NO_BEGINNING = /^(?![\u0e00-\uffff])[\p{L}\p{N})\]]\*|\*\s?$/u;
const NO_END = /^\s?\*|^[\d)\]]\*[\d([]/;

/** What the parser keeps back though nothing that follows could change it, in the tokens where that is so. */
const PLAIN = /^[\p{L}\p{M}\p{N}.,;:?'"’”»)%…—–]$/u;
const INLINE = new Set([
  smd.PARAGRAPH, smd.HEADING_1, smd.HEADING_2, smd.HEADING_3, smd.HEADING_4, smd.HEADING_5, smd.HEADING_6, smd.ITALIC_AST,
  smd.ITALIC_UND, smd.STRONG_AST, smd.STRONG_UND, smd.STRIKE, smd.LIST_ITEM, smd.TABLE_CELL, smd.CODE_INLINE, smd.CODE_FENCE,
]);

/** @type {Map<number, keyof HTMLElementTagNameMap>} */
const TAGS = new Map([
  [smd.PARAGRAPH, 'p'], [smd.CODE_BLOCK, 'pre'], [smd.CODE_FENCE, 'pre'], [smd.CODE_INLINE, 'code'],
  [smd.ITALIC_AST, 'em'], [smd.ITALIC_UND, 'em'], [smd.STRONG_AST, 'strong'], [smd.STRONG_UND, 'strong'],
  [smd.STRIKE, 's'], [smd.LINK, 'a'], [smd.RAW_URL, 'a'], [smd.IMAGE, 'a'], [smd.BLOCKQUOTE, 'blockquote'],
  [smd.LINE_BREAK, 'br'], [smd.RULE, 'hr'], [smd.LIST_UNORDERED, 'ul'], [smd.LIST_ORDERED, 'ol'],
  [smd.LIST_ITEM, 'li'], [smd.CHECKBOX, 'span'], [smd.TABLE, 'table'], [smd.TABLE_ROW, 'tr'], [smd.TABLE_CELL, 'td'],
]);

/** Elements that have a direction of their own. */
const BLOCKS = 'p, pre, ul, ol, td, th, h3, h4, a';

/** What a link may lead to. */
const SCHEMES = ['http:', 'https:', 'mailto:'];

/** Links by what stands before their text, should they turn out to be none. */
const OPENING = new Map([[smd.LINK, '['], [smd.IMAGE, '!['], [smd.RAW_URL, '']]);

/** @typedef {{element: HTMLElement, token: number, address: string | null}} Open `address` is a link's */

/**
 * @param {HTMLElement} root
 * @param {HTMLElement | null} paragraph the one that is open in it
 * @param {number} level of headings, whatever the speaker thinks of their rank
 * @returns {Sink}
 */
export function sinkIn(root, paragraph, level) {
  style('read');

  /** @type {Open[]} */
  const open = [{ element: root, token: 0, address: null }];
  const top = () => open[open.length - 1];

  /** @param {string} text */
  function show(text) {
    const { element } = top();
    const last = element.lastChild;
    if (last instanceof Text) last.appendData(unmask(text));
    else element.append(unmask(text));
  }

  /** @type {smd.Renderer} */
  const renderer = {
    data: null,
    add_token(_, token) {
      const parent = top().element;
      const element = open.length > DEEPEST ? parent : elementOf(token, parent, level);
      open.push({ element, token, address: null });
    },
    end_token() {
      const { element, token, address } = open.pop() ?? top();
      if (OPENING.has(token) && element !== top().element) linkTo(element, OPENING.get(token) ?? '', address);
    },
    add_text: (_, text) => show(text),
    set_attr(_, attribute, value) {
      const { element } = top();
      if (attribute === smd.HREF || attribute === smd.SRC) top().address = unmask(value);
      else if (attribute === smd.CHECKED) element.textContent = '☑ ';
      else if (attribute === smd.START && element instanceof HTMLOListElement) element.start = Math.min(Number(value), 1e6);
    },
  };
  const parser = smd.parser(renderer);
  if (paragraph) {
    open.push({ element: paragraph, token: smd.PARAGRAPH, address: null });
    Object.assign(parser, { token: smd.PARAGRAPH, len: 1 }).tokens[1] = smd.PARAGRAPH;
  }

  /** Shows what the parser keeps back for no good reason. */
  function release() {
    const { pending, token } = parser;
    const isPlain = INLINE.has(token) && PLAIN.test(pending);
    const isNoLink = pending.startsWith('](') && pending.includes('\n');
    if (!isPlain && !isNoLink && pending.length < MOST_PENDING) return;
    parser.pending = '';
    // Its text is shown already.
    if (token !== smd.RAW_URL) show(pending);
  }

  /** What may be the beginning of a masked sign, and the character before it. */
  let kept = '';
  let last = paragraph?.textContent?.slice(-1) ?? '';

  /**
   * @param {number} length of asterisks
   * @param {string} around them, with one of them
   */
  function isText(length, around) {
    const { token, tokens, len } = parser;
    const isOpen = tokens.subarray(0, len + 1).includes(length === 2 ? smd.STRONG_AST : smd.ITALIC_AST);
    // Between spaces they may begin a list, but not amid emphasis, where the parser would take them for more.
    const isAmid = around[0] > '\n' && (token === smd.ITALIC_AST || token === smd.STRONG_AST);
    return (isAmid || /^\S\*/.test(around)) && (isOpen ? NO_END : NO_BEGINNING).test(around);
  }

  /** @param {string} text */
  function write(text) {
    const masked = mask(last + text);
    let at = last.length;
    for (const [piece] of masked.slice(at).matchAll(PIECES)) {
      const around = `${masked.charAt(at - 1)}*${masked.charAt(at + piece.length)}`;
      smd.parser_write(parser, piece[0] === '*' && isText(piece.length, around) ? STAR.repeat(piece.length) : piece);
      release();
      at += piece.length;
    }
    last = text.slice(-1) || last;
  }

  return {
    append(text) {
      const ready = (kept + text).replace(/[\\_*]+$/, '');
      kept = (kept + text).slice(ready.length);
      write(ready);
    },
    end() {
      write(kept);
      kept = '';
      if (parser.pending.startsWith('](')) show(parser.pending);
      else smd.parser_end(parser);
    },
  };
}

/**
 * @param {number} token
 * @param {HTMLElement} parent
 * @param {number} level
 * @returns {HTMLElement} of that token, on the page
 */
function elementOf(token, parent, level) {
  if (token === smd.TABLE) parent = wide(parent);
  if (parent instanceof HTMLTableElement) parent = parent.tHead ? parent.tBodies[0] ?? parent.createTBody() : parent.createTHead();
  const isHead = token === smd.TABLE_CELL && parent.parentElement?.tagName === 'THEAD';
  const heading = /** @type {'h4'} */ (`h${level}`);
  const element = make(isHead ? 'th' : TAGS.get(token) ?? heading, '', token === smd.CHECKBOX ? '☐ ' : '');
  if (element.matches(BLOCKS)) element.dir = 'auto';
  parent.append(element);
  return element;
}

/**
 * A frame for what may be wider than its column: it scrolls by itself, by keyboard too.
 *
 * @param {HTMLElement} parent
 */
function wide(parent) {
  const frame = make('div', 'wide');
  frame.tabIndex = 0;
  frame.role = 'group';
  frame.ariaLabel = 'Table';
  parent.append(frame);
  return frame;
}

/**
 * Turns an `<a>` into a link that can be trusted to go where it says, or back into the text it was. Nothing is fetched
 * before the reader follows it, and whoever is visited learns nothing of this page.
 *
 * @param {HTMLElement} link
 * @param {string} opening what stood before its text: `[`, `![`, or nothing for a bare address
 * @param {string | null} address null: none was given
 */
function linkTo(link, opening, address) {
  const url = urlOf(address ?? '');
  if (!(link instanceof HTMLAnchorElement) || !url) {
    if (opening) link.before(opening);
    if (opening) link.after(address === null ? ']' : `](${address})`);
    return;
  }
  const text = link.textContent ?? '';
  link.href = url.href;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  const host = url.host || url.pathname;
  if (hostIn(text) !== host) link.append(' ', make('bdi', 'host', `(${host})`));
}

/**
 * @param {string} address as it was written, perhaps with a title after it
 * @returns {URL | null} null where it is no address that a speech may lead to
 */
function urlOf(address) {
  const [bare] = address.trim().replace(/^</, '').split(/[\s>]/);
  const clean = bare.replace(bare.includes('(') ? /[.,;:!?'"*]+$/ : /[.,;:!?'"*)]+$/, '');
  const url = URL.canParse(clean) ? new URL(clean) : null;
  return url && SCHEMES.includes(url.protocol) ? url : null;
}

/**
 * @param {string} text
 * @returns {string} the host that a text is the address of
 */
const hostIn = (text) => /^(?:https?:\/\/|mailto:)?([^/?#]*)/i.exec(text.trim())?.[1].toLowerCase() ?? '';
