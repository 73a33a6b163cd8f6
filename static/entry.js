/**
 * One debate in the history: what it was, and what can be done with it: one that runs is not deleted.
 *
 * A deletion waits: the server is asked when the time to undo it is over, or the page is left.
 */

import { button, find, link, make, say } from './dom.js';
import { wordsOf } from './net.js';
import { deleteDebate, exportsOf } from './net-more.js';
import { dateAs } from './wording.js';

/** @import {Listed} from './types.js' */

/** Milliseconds in which a deletion can be undone. */
const UNDO = 8000;

/** @type {Record<string, string>} how far a debate is, or how it ended, in words */
export const STATES = {
  completed: 'completed', budget: 'ended by its budget', stopped: 'stopped', interrupted: 'interrupted', failed: 'failed',
  running: 'running', paused: 'paused', queued: 'waiting',
};

export class Entry {
  element = make('li');
  id;
  isGone = false;

  /** Whether it is about to be deleted. */
  isPending = false;

  #debate;
  #said = make('p', 'outcome');
  #facts = make('p', 'when');
  #open = button('', () => this.#toggle(), 'quiet');
  #tools = make('div', 'tools');
  #deleted = make('span');
  #delete = button('Delete', () => (this.isPending ? this.#undo() : this.#doom()));
  #problem = make('p', 'problem');
  #timer = 0;

  /** @param {Listed} debate */
  constructor(debate) {
    const { id, topic } = debate;
    this.id = id;
    this.#debate = debate;
    const title = link('', `/d/${encodeURIComponent(id)}`);
    title.id = `debate-${id}`;
    title.append(make('span', '', topic));
    this.#said.dir = title.dir = 'auto';
    this.#tools.hidden = true;
    this.#problem.role = 'alert';
    this.#open.ariaExpanded = 'false';
    this.#describe(this.#open);
    this.#describe(this.#delete);
    this.element.append(title, this.#said, this.#facts, this.#open, this.#tools, this.#problem);
    this.show(debate);
  }

  /** @param {Listed} debate as far as it is by now */
  show(debate) {
    this.#debate = debate;
    say(this.#said, debate.verdict ?? '');
    say(this.#facts, facts(debate));
    const isOver = debate.status === 'done';
    this.#delete.hidden = !isOver;
    say(this.#open, isOver ? 'Export or delete' : 'Export');
  }

  /** Deletes it now, if it is about to be. */
  async send() {
    if (!this.isPending) return;
    this.#mark(false);
    this.isGone = this.element.hidden = true;
    try {
      await deleteDebate(this.id);
    } catch (problem) {
      this.isGone = this.element.hidden = false;
      this.#complain(problem);
    }
  }

  /** The tools are made when they are looked for: few are. */
  #toggle() {
    this.#tools.hidden = !this.#tools.hidden;
    this.#open.ariaExpanded = String(!this.#tools.hidden);
    if (this.#tools.hasChildNodes()) return;
    for (const [name, address] of exportsOf(this.id)) {
      const file = link(name, address);
      file.download = '';
      this.#describe(file);
      this.#tools.append(file);
    }
    this.#tools.append(this.#deleted, this.#delete);
  }

  /** Asks for the deletion, which can be undone for a while. */
  #doom() {
    say(this.#problem, '');
    this.#mark(true);
    this.#timer = window.setTimeout(() => this.send(), UNDO);
    this.#announce(`Deleted: ${this.#debate.topic}. It can be undone for 8 seconds.`);
  }

  #undo() {
    this.#mark(false);
    this.#announce(`Kept: ${this.#debate.topic}`);
  }

  /**
   * The button that deletes becomes the one that undoes it, so that the focus stays where it is.
   *
   * @param {boolean} isPending
   */
  #mark(isPending) {
    clearTimeout(this.#timer);
    this.isPending = isPending;
    this.element.classList.toggle('pending', isPending);
    say(this.#deleted, isPending ? `Deleted. \u2068${this.#debate.topic}\u2069` : '');
    say(this.#delete, isPending ? 'Undo' : 'Delete');
  }

  /** @param {string} news */
  #announce(news) {
    say(find(document, '#announcer', HTMLElement), news);
  }

  /** @param {unknown} problem */
  #complain(problem) {
    say(this.#problem, wordsOf(problem));
  }

  /**
   * What every debate has names its own.
   *
   * @param {HTMLElement} control
   */
  #describe(control) {
    control.setAttribute('aria-describedby', `debate-${this.id}`);
  }
}

/**
 * @param {Listed} debate
 * @returns {string} when it was, how long it is, and how it ended if not well; of a run's, how far it is, and which; it wraps
 *   between these
 */
function facts({ created, status, reason, speeches, words, entry }) {
  const date = dateAs(created, 'medium');
  const length = speeches && `${count(speeches, 'speech', 'speeches')}, ${count(words, 'word', 'words')}`;
  const state = STATES[reason ?? status];
  const parts = entry ? [state, entry, length] : [date, length, reason === 'completed' ? '' : state];
  return parts.filter(Boolean).map((part) => String(part).replaceAll(' ', '\u00a0')).join('\u00a0· ');
}

/**
 * @param {number} number
 * @param {string} one
 * @param {string} many
 */
const count = (number, one, many) => `${number.toLocaleString('en-GB')} ${number === 1 ? one : many}`;
