/**
 * The start: the topic box, and what stands around it.
 *
 * Knows the form and when its other parts are wanted: the choices behind the disclosure, the model line, the history.
 * They are loaded then, not before. Does not know how a debate is shown: it only passes on the new one's id.
 */

import { copyOf, find, link, make, say } from './dom.js';
import { recall } from './memory.js';
import { hasRuns, models, newKey, Problem, recentDebates, startDebate, wordsOf } from './net.js';

/** @import {History} from './history.js' */
/** @import {Options} from './options.js' */

/** Characters that a topic may have, unless the server was told otherwise: it has the last word. */
const MOST = 2000;

/** Characters left from which on they are counted. */
const NEAR = 200;

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

export class Start {
  element = copyOf('start-view');

  #query;
  #onStarted;
  #form = find(this.element, 'form', HTMLFormElement);
  #topic = find(this.element, '#topic', HTMLTextAreaElement);
  #details = find(this.element, 'details', HTMLDetailsElement);
  #button = find(this.element, '.primary', HTMLButtonElement);
  #problem = find(this.element, '#start-problem', HTMLElement);
  #models = models();
  #isStarting = false;
  #isLeft = false;
  #wanted = '';
  #key = '';

  /** @type {Promise<Options | null> | null} */
  #options = null;

  /** Longer after each failure: a browser may not ask again for a module that it could not have. */
  #part = './options.js';

  /** @type {History | null} */
  #history = null;

  /**
   * @param {URLSearchParams} query what the address asks for
   * @param {(id: string) => void} onStarted
   */
  constructor(query, onStarted) {
    this.#query = query;
    this.#onStarted = onStarted;
    say(find(this.element, 'kbd', HTMLElement), isMac ? '⌘ Enter' : 'Ctrl Enter');
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#start();
    });
    this.#topic.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.isComposing) this.#form.requestSubmit();
    });
    this.#topic.addEventListener('input', () => this.#tellRoom());
    for (const example of this.element.querySelectorAll('.examples button')) {
      example.addEventListener('click', () => this.#fill(example.textContent ?? ''));
    }
    this.#topic.value = query.get('topic') ?? '';
    this.#details.addEventListener('toggle', () => this.#details.open && this.#loadOptions());
    this.#details.open = ['format', 'rounds', 'agents'].some((name) => query.has(name));
    if (this.#details.open || recall('choice')) this.#loadOptions();
    this.#showModels();
    this.#showHistory();
    this.#showRuns();
  }

  /** To be called once the element is on the page. */
  focus() {
    this.#tellRoom();
    this.#topic.focus();
  }

  leave() {
    this.#isLeft = true;
    this.#history?.leave();
  }

  /** @param {string} topic */
  #fill(topic) {
    this.#topic.value = topic;
    this.#topic.dispatchEvent(new Event('input'));
    this.focus();
  }

  async #start() {
    if (this.#isStarting) return;
    this.#setStarting(true);
    say(this.#problem, '');
    this.#topic.removeAttribute('aria-invalid');
    const options = await this.#options;
    try {
      const wanted = { topic: this.#topic.value.trim(), ...options?.choice() };
      const { id } = await startDebate(wanted, this.#keyOf(JSON.stringify(wanted)));
      if (!this.#isLeft) this.#onStarted(id);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (options?.complain(problem)) return;
      say(this.#problem, problem.message);
      if (problem.field === 'topic') this.#topic.setAttribute('aria-invalid', 'true');
    } finally {
      this.#setStarting(false);
    }
  }

  /**
   * A start whose answer was lost is the same one when it is tried again, as long as the same is wanted.
   *
   * @param {string} wanted
   */
  #keyOf(wanted) {
    if (wanted !== this.#wanted) this.#key = newKey();
    this.#wanted = wanted;
    return this.#key;
  }

  /**
   * The button stays enabled meanwhile, since a disabled one would lose the focus.
   *
   * @param {boolean} isStarting
   */
  #setStarting(isStarting) {
    this.#isStarting = isStarting;
    say(this.#button, isStarting ? 'Starting …' : 'Start the debate');
  }

  /** Counts as the server does: an emoji is one. */
  #tellRoom() {
    const left = MOST - [...this.#topic.value.trim()].length;
    const line = find(this.element, '#topic-room', HTMLElement);
    line.classList.toggle('problem', left < 0);
    say(line, left > NEAR ? '' : left < 0 ? `${-left} characters too many` : `${left} characters left`);
  }

  /** Loads what is behind the disclosure, once. Where that fails it says so, and the next opening tries again. */
  #loadOptions() {
    this.#options ??= import(this.#part)
      .then(({ openOptions }) => {
        say(this.#problem, '');
        return openOptions(this.#details, this.#query, this.#models.catch(models));
      })
      .catch((problem) => {
        this.#options = null;
        this.#part += '?';
        say(this.#problem, problem instanceof Problem ? problem.message : 'The server does not answer. Try again later.');
        return null;
      });
    return this.#options;
  }

  /** One line where a proper model speaks, and is the only one; what else there is to say of models is loaded. */
  async #showModels() {
    const line = find(this.element, '.model-line', HTMLElement);
    try {
      const found = await this.#models;
      const { default: usual, models: all } = found;
      const speaks = usual && !usual.demo;
      if (speaks) line.append('Speaking: ', make('strong', '', usual.name), ` at ${usual.endpoint}.`);
      if (speaks && all.every(({ endpoint, demo }) => demo || endpoint === usual.endpoint)) return;
      (await import('./models.js')).showModels(line, found, this.#details);
    } catch (problem) {
      say(line, wordsOf(problem));
    }
  }

  /** A list that is empty, or cannot be had, is left out: nobody needs it to start. */
  async #showHistory() {
    const debates = await recentDebates().catch(() => []);
    if (!debates.length) return;
    const { History } = await import('./history.js');
    if (this.#isLeft) return;
    this.#history = new History(debates);
    find(this.element, '.examples', HTMLElement).after(this.#history.element);
  }

  async #showRuns() {
    if (!(await hasRuns().catch(() => false))) return;
    find(this.element, '.model-line', HTMLElement).before(make('p', '', link('Runs of many debates', '/runs')));
  }
}
