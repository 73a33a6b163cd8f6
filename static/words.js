/**
 * The sink of a speech's words: text in, paragraphs out, append-only.
 *
 * What is on the page is never touched again, so selections survive. Knows plain text with blank lines between
 * paragraphs; from the first sign of Markdown on, markdown.js has the words, or, where it does not come, nobody.
 */

/** @typedef {{append: (text: string) => void, end: () => void}} Sink */

/** Milliseconds for which words wait for it. Then they are shown as they are. */
const PATIENCE = 1500;

/** Where text may be more than text. Some signs need the end of a line before them. */
const SIGN = /[*`<\\]|!?\[|(?<![\p{L}\p{N}])_|~~|\bhttps?|\n[^\S\n]*(?:[#>|+-]|\d{1,9}(?:[.)]|$))/u;

/** What may become such a sign with the next character. */
const HALF = /(?:!|~|\bh(?:tt?)?)$/;

/** @type {Promise<((root: HTMLElement, open: HTMLElement | null, level: number) => Sink) | null> | undefined} */
let markdown;

const loadMarkdown = () => {
  markdown ??= import('./markdown.js').then(({ sinkIn }) => sinkIn, () => null);
  return Promise.race([markdown, new Promise((resolve) => { setTimeout(resolve, PATIENCE, null); })]);
};

export class Words {
  #element;
  #level;

  /** @type {Text | null} the end of the open paragraph */
  #end = null;

  /** Kept back: white space that may end a paragraph, half a sign, or all words while markdown.js is on its way. */
  #kept = '';

  /** @type {'plain' | 'waiting' | 'refused'} */
  #state = 'plain';

  /** @type {Sink | null} */
  #sink = null;
  #isEnded = false;

  /**
   * @param {HTMLElement} element where the paragraphs go
   * @param {number} level of the headings in them
   */
  constructor(element, level) {
    this.#element = element;
    this.#level = level;
  }

  /** @param {string} text */
  append(text) {
    if (!text) return;
    if (this.#sink) return this.#sink.append(text);
    this.#kept += text;
    if (this.#state === 'waiting') return;
    const sign = this.#state === 'plain' ? this.#findSign() : -1;
    this.#flush(sign < 0 ? this.#kept.length - this.#half() : sign);
    if (sign >= 0) this.#wait();
  }

  /** Nothing follows. */
  end() {
    this.#isEnded = true;
    if (this.#state === 'plain') this.#flush(this.#kept.length);
    this.#sink?.end();
  }

  /** The words are void, and what is still to come of them goes nowhere. */
  clear() {
    this.#element.replaceChildren();
    this.#element = document.createElement('div');
  }

  /** What is kept, after the character before it. */
  get #ahead() {
    return (this.#end?.data.slice(-1) ?? '\n') + this.#kept;
  }

  /** Where Markdown may begin; -1: nowhere. */
  #findSign() {
    const found = SIGN.exec(this.#ahead);
    return found ? Math.max(0, found.index - 1) : -1;
  }

  /** How long a half sign is at the end. */
  #half() {
    return this.#state === 'plain' ? HALF.exec(this.#ahead)?.[0].length ?? 0 : 0;
  }

  async #wait() {
    this.#state = 'waiting';
    const sinkIn = await loadMarkdown();
    this.#state = 'refused';
    const text = this.#kept;
    if (!sinkIn) return this.#flush(text.length);
    const sink = sinkIn(this.#element, this.#end?.parentElement ?? null, this.#level);
    this.#sink = sink;
    sink.append(text);
    if (this.#isEnded) sink.end();
  }

  /** @param {number} until the end of what is text */
  #flush(until) {
    const ready = this.#kept.slice(0, until).trimEnd();
    this.#kept = this.#kept.slice(ready.length);
    if (!ready) return;
    const [first, ...others] = ready.split(/\n[^\S\n]*\n\s*/);
    if (first) this.#open().appendData(this.#end?.data ? first : first.trimStart());
    for (const paragraph of others) {
      this.#end = null;
      this.#open().appendData(paragraph);
    }
  }

  /** The text node to append to, in a paragraph of its own direction. */
  #open() {
    if (!this.#end) {
      const paragraph = document.createElement('p');
      paragraph.dir = 'auto';
      this.#end = document.createTextNode('');
      paragraph.append(this.#end);
      this.#element.append(paragraph);
    }
    return this.#end;
  }
}
