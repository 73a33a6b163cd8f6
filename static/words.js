/**
 * The sink of a speech's words: text in, paragraphs out, append-only.
 *
 * What is on the page is never touched again, so selections survive and nothing flickers. Knows plain text with blank
 * lines between paragraphs; does not know who speaks or when. Whatever comes is shown as text.
 */

export class Words {
  #element;

  /** @type {Text | null} the end of the open paragraph */
  #end = null;

  /** Trailing white space, kept back until it is known whether a paragraph ends here. */
  #kept = '';

  /** @param {HTMLElement} element where the paragraphs go */
  constructor(element) {
    this.#element = element;
  }

  /** @param {string} text */
  append(text) {
    const all = this.#kept + text;
    const ready = all.trimEnd();
    this.#kept = all.slice(ready.length);
    if (!ready) return;
    const [first, ...others] = ready.split(/\n[^\S\n]*\n\s*/);
    if (first) this.#open().appendData(this.#end?.data ? first : first.trimStart());
    for (const paragraph of others) {
      this.#end = null;
      this.#open().appendData(paragraph);
    }
  }

  clear() {
    this.#element.replaceChildren();
    this.#end = null;
    this.#kept = '';
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
