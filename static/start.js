/**
 * The start: the topic box, and what stands around it.
 *
 * Knows the form, the model line and the list of recent debates. Does not know how a debate is shown once it began: it
 * only passes on the new debate's id.
 */

import { copyOf, find, make, say } from './dom.js';
import { formats, models, Problem, recentDebates, startDebate } from './net.js';
import { shortDate } from './wording.js';

/** @import {Listed, Models} from './types.js' */

/** @type {Record<string, string>} */
const STATUSES = { queued: 'waiting', running: 'running', paused: 'paused' };

/** The format of a debate that names none. */
const FORMAT = 'classic';

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

export class Start {
  element = copyOf('start-view');

  #onStarted;
  #form = find(this.element, 'form', HTMLFormElement);
  #topic = find(this.element, '#topic', HTMLTextAreaElement);
  #rounds = find(this.element, 'select', HTMLSelectElement);
  #button = find(this.element, '.primary', HTMLButtonElement);
  #problem = find(this.element, '#start-problem', HTMLElement);
  #isStarting = false;
  #hasChosen = false;

  /**
   * @param {string} topic what stands in the box at first
   * @param {(id: string) => void} onStarted
   */
  constructor(topic, onStarted) {
    this.#onStarted = onStarted;
    this.#topic.value = topic;
    say(find(this.element, 'kbd', HTMLElement), isMac ? '⌘ Enter' : 'Ctrl Enter');
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#start();
    });
    this.#topic.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.isComposing) this.#form.requestSubmit();
    });
    for (const example of this.element.querySelectorAll('.examples button')) {
      example.addEventListener('click', () => this.#fill(example.textContent ?? ''));
    }
    this.#rounds.addEventListener('change', () => (this.#hasChosen = true));
    this.#showRounds();
    this.#showModel();
    this.#showRecent();
  }

  /** To be called once the element is on the page. */
  focus() {
    this.#topic.focus();
  }

  /** Nothing of the start outlives its element. */
  leave() {}

  /** @param {string} topic */
  #fill(topic) {
    this.#topic.value = topic;
    this.focus();
  }

  async #start() {
    if (this.#isStarting) return;
    this.#setStarting(true);
    say(this.#problem, '');
    this.#topic.removeAttribute('aria-invalid');
    try {
      const { id } = await startDebate({ topic: this.#topic.value.trim(), rounds: Number(this.#rounds.value) });
      this.#onStarted(id);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      say(this.#problem, problem.message);
      if (problem.field === 'topic') this.#topic.setAttribute('aria-invalid', 'true');
    } finally {
      this.#setStarting(false);
    }
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

  /** The format's own number, unless the reader has chosen one by then. Where it cannot be had, the page's stays. */
  async #showRounds() {
    const usual = (await formats().catch(() => [])).find(({ name }) => name === FORMAT)?.default_rounds;
    if (!usual || this.#hasChosen) return;
    const text = String(usual);
    if (![...this.#rounds.options].some(({ value }) => value === text)) this.#rounds.add(new Option(text));
    this.#rounds.value = text;
  }

  async #showModel() {
    const line = find(this.element, '.model-line', HTMLElement);
    try {
      line.append(...modelLine(await models()));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      say(line, problem.message);
    }
  }

  /** A list that cannot be had is left out: nobody needs it to start. */
  async #showRecent() {
    const debates = await recentDebates().catch(() => []);
    const section = find(this.element, '.recent', HTMLElement);
    section.hidden = !debates.length;
    find(section, 'ul', HTMLElement).append(...debates.map(recentItem));
  }
}

/**
 * @param {Models} found
 * @returns {(Node | string)[]}
 */
function modelLine({ default: model, why }) {
  if (!model) return [make('strong', '', 'No model. '), why];
  const name = make('strong', '', model.name);
  if (!model.demo) return ['Speaking: ', name, ` at ${model.endpoint}.`];
  return [
    'Speaking: ', name, ', a tiny demo model that speaks English only. For a better debate set ', make('code', '', 'OPENAI_API_KEY'), ' or ',
    make('code', '', 'OPENAI_BASE_URL'), ', or run Ollama, and start the server again.',
  ];
}

/**
 * @param {Listed} debate
 * @returns {HTMLElement}
 */
function recentItem({ id, topic, status, reason, created }) {
  const link = make('a', '', '');
  link.append(make('span', '', topic));
  link.href = `/d/${encodeURIComponent(id)}`;
  link.dir = 'auto';
  const isNotable = status !== 'done' || reason !== 'completed';
  const words = [isNotable ? STATUSES[status] ?? reason : '', shortDate(created)].filter(Boolean).join(' · ');
  const item = make('li', '', '');
  item.append(link, make('span', 'when', words));
  return item;
}
