/**
 * The history: the debates that were held, newest first, a page at a time, to be found by words of their topics. Those of a
 * run have one of their own.
 *
 * Knows the list. Does not know what can be done with one debate (entry.js).
 */

import { button, make, say } from './dom.js';
import { Entry } from './entry.js';
import { wordsOf } from './net.js';
import { findDebates } from './net-more.js';

/** @import {Listed} from './types.js' */

/** Milliseconds without a key after which a word is looked for. */
const TYPED = 250;

/** How many debates, of a run and of none, are shown at a time. One more is asked for: it tells whether there are more. */
const [MANY, FEW] = [50, 8];

/** How many can be asked for in one go. */
const MOST = 500;

export class History {
  element = make('section', 'recent');

  #run;
  #size;

  /** How many were asked for by now. */
  #wanted;
  #word = make('input');
  #failed = make('input');
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

  /**
   * @param {Listed[]} newest the first page of all
   * @param {string} [run] whose debates; left out: those of none
   */
  constructor(newest, run = '') {
    this.#run = run;
    this.#size = this.#wanted = run ? MANY : FEW;
    const title = make('h2', '', run ? 'Debates' : 'Recent debates');
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
    if (run) label.after(this.#failedOnly());
    window.addEventListener('pagehide', this.#send);
    this.#show(newest);
  }

  #failedOnly() {
    this.#failed.type = 'checkbox';
    this.#failed.addEventListener('change', () => this.#ask(''));
    return make('label', '', this.#failed, 'Only those that failed');
  }

  leave() {
    window.removeEventListener('pagehide', this.#send);
    clearTimeout(this.#timer);
    this.#send();
  }

  /** Shows what has become of the debates by now, and new ones; not in a list that is too long to be asked for in one go. */
  async refresh() {
    if (this.#wanted >= MOST) return;
    const asked = this.#asked;
    const found = await this.#find('', this.#wanted);
    if (asked === this.#asked) this.#show(found, this.#wanted);
  }

  /** The last debate that is still there, '' for none. */
  get #last() {
    return this.#entries.findLast(({ isGone }) => !isGone)?.id ?? '';
  }

  /**
   * @param {string} before
   * @param {number} size
   */
  #find(before, size) {
    const which = { run: this.#run, find: this.#word.value.trim(), before, limit: String(size + 1) };
    return findDebates(this.#failed.checked ? { ...which, state: 'failed' } : which);
  }

  /** @param {string} before the debate after which to go on; '' for a new list */
  async #ask(before) {
    const asked = (this.#asked += 1);
    const word = this.#word.value.trim();
    try {
      const found = await this.#find(before, this.#size);
      if (asked !== this.#asked) return;
      this.#wanted = before ? this.#wanted + this.#size : this.#size;
      this.#show(found, this.#size, before !== '');
      const count = this.#entries.filter(({ isPending, isGone }) => !isPending && !isGone).length;
      const many = `${this.#more.hidden ? '' : 'The newest '}${count === 1 ? 'one debate' : `${count} debates`}`;
      say(this.#told, count || !word ? many : `No debate has “${word}” in its topic. Try a part of it, or another word.`);
    } catch (problem) {
      const words = wordsOf(problem);
      if (asked === this.#asked) say(this.#told, words);
    }
  }

  /**
   * Shows what was found instead of what there was, or after it. Entries that stay are not touched, so that the focus
   * stays too; and one that is about to be deleted stays for as long as that can be undone.
   *
   * @param {Listed[]} found
   * @param {number} size how many of them are to be shown
   * @param {boolean} isMore
   */
  #show(found, size = this.#size, isMore = false) {
    this.#more.hidden = found.length <= size;
    const fresh = found.slice(0, size).map((debate) => this.#entryOf(debate));
    const kept = this.#entries.filter((entry) => !fresh.includes(entry) && (isMore || entry.isPending));
    const { children } = this.#list;
    for (const { element } of this.#entries.filter((entry) => ![...kept, ...fresh].includes(entry))) element.remove();
    this.#entries = [...kept, ...fresh];
    this.#entries.forEach(({ element }, at) => {
      if (children[at] !== element) this.#list.insertBefore(element, children[at] ?? null);
    });
  }

  /** @param {Listed} debate */
  #entryOf(debate) {
    const known = this.#entries.find(({ id }) => id === debate.id);
    known?.show(debate);
    return known ?? new Entry(debate);
  }
}
