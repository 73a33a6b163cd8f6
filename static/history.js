/**
 * The history: the debates that were held, newest first, a page at a time, to be found by words of their topics.
 *
 * Knows the list. Does not know what can be done with one debate (entry.js).
 */

import { button, make, say, style } from './dom.js';
import { Entry } from './entry.js';
import { wordsOf } from './net.js';
import { findDebates, LISTED } from './net-more.js';

/** @import {Listed} from './types.js' */

/** Milliseconds without a key after which a word is looked for. */
const TYPED = 250;

/**
 * @param {Listed[]} newest the first page of all
 * @returns {Promise<History>}
 */
export async function openHistory(newest) {
  await style('history');
  return new History(newest);
}

export class History {
  element = make('section', 'recent');

  #word = make('input');
  #told = make('p', 'hint');
  #list = make('ul');
  #more = button('Show more', () => this.#ask(this.#last));
  #timer = 0;

  /** Counts what was asked for: an answer that was overtaken is not shown. */
  #asked = 0;

  /** @type {Entry[]} */
  #entries = [];

  /** Nobody is left to undo a deletion. */
  #send = () => this.#entries.forEach((entry) => entry.send());

  /** @param {Listed[]} newest */
  constructor(newest) {
    const title = make('h2', '', 'Recent debates');
    title.id = 'recent-title';
    this.element.setAttribute('aria-labelledby', title.id);
    const label = make('label', '', 'Find by a word', this.#word);
    this.#word.type = 'search';
    this.#word.maxLength = 200;
    this.#word.addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => this.#ask(''), TYPED);
    });
    this.#told.role = 'status';
    this.element.append(title, label, this.#told, this.#list, this.#more);
    window.addEventListener('pagehide', this.#send);
    this.#show(newest);
  }

  leave() {
    window.removeEventListener('pagehide', this.#send);
    clearTimeout(this.#timer);
    this.#send();
  }

  /** The last debate that is still there, '' for none. */
  get #last() {
    return this.#entries.findLast(({ isGone }) => !isGone)?.id ?? '';
  }

  /** @param {string} before the debate after which to go on; '' for a new list */
  async #ask(before) {
    const asked = (this.#asked += 1);
    const word = this.#word.value.trim();
    try {
      const found = await findDebates(word, before);
      if (asked !== this.#asked) return;
      if (!before) this.#clear();
      this.#show(found);
      const count = this.#entries.filter(({ isPending, isGone }) => !isPending && !isGone).length;
      const many = `${this.#more.hidden ? '' : 'The newest '}${count === 1 ? 'one debate' : `${count} debates`}`;
      say(this.#told, count || !word ? many : `No debate has “${word}” in its topic. Try a part of it, or another word.`);
    } catch (problem) {
      const words = wordsOf(problem);
      if (asked === this.#asked) say(this.#told, words);
    }
  }

  /** What is about to be deleted stays, for as long as it can be undone. */
  #clear() {
    this.#entries = this.#entries.filter(({ isPending }) => isPending);
    this.#list.replaceChildren(...this.#entries.map(({ element }) => element));
  }

  /** @param {Listed[]} found */
  #show(found) {
    this.#more.hidden = found.length <= LISTED;
    const shown = new Set(this.#entries.map(({ id }) => id));
    const fresh = found.slice(0, LISTED).filter(({ id }) => !shown.has(id)).map((debate) => new Entry(debate));
    this.#entries.push(...fresh);
    this.#list.append(...fresh.map(({ element }) => element));
  }
}
