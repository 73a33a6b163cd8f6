/**
 * One turn on the paper: who speaks, the words so far, and what became of them.
 *
 * Knows how a turn looks. Does not know where on the paper it stands, nor how its words arrive: it is shown a turn again
 * and again, and appends what is new.
 */

import { copyOf, find, make, say, style } from './dom.js';
import { benchOf, isDecision, isOver } from './events.js';
import { GLYPHS, note } from './wording.js';
import { Words } from './words.js';

/** @import {Bench, Debate, Turn} from './types.js' */

export class Speech {
  element = copyOf('turn-card');
  article = find(this.element, 'article', HTMLElement);

  #words;
  #acts = find(this.element, '.acts', HTMLElement);
  #stop = find(this.element, '[data-stop]', HTMLButtonElement);
  #note = find(this.element, '.note', HTMLElement);
  #tally = find(this.element, '.tally', HTMLElement);
  #text = '';
  #attempt = 0;

  /** @type {Turn | null} */
  #last = null;

  /**
   * @param {Debate} debate
   * @param {Turn} turn
   */
  constructor(debate, turn) {
    const bench = benchOf(debate, turn.agent);
    const id = `t${turn.turn}`;
    this.article.id = id;
    this.article.setAttribute('aria-labelledby', `${id}-speaker`);
    this.element.dataset.bench = bench;
    this.element.classList.toggle('decision', isDecision(debate, turn));
    this.#words = this.#freshWords();
    for (const act of /** @type {NodeListOf<HTMLElement>} */ (this.#acts.querySelectorAll('button, a'))) {
      act.dataset.turn = String(turn.turn);
      act.ariaLabel = `${act.textContent}, ${turn.agent}, turn ${turn.turn}`;
    }
    find(this.#acts, 'a', HTMLAnchorElement).href = `#${id}`;
    if (turn.group) style('lanes');
    this.#stop.dataset.stop = String(turn.turn);
    this.#stop.ariaLabel = `Stop this one, ${turn.agent}`;
    find(this.element, '.speaker', HTMLElement).prepend(...speakerLine(debate, turn, bench, `${id}-speaker`));
  }

  /** Whether more words are to come. */
  get isOpen() {
    return this.#last !== null && !isOver(this.#last);
  }

  /**
   * @param {string} cost
   * @param {boolean} isGenerated whether there is anything to stop
   */
  measure(cost, isGenerated) {
    say(this.#tally, cost);
    this.#stop.hidden = !isGenerated || !this.#last?.group;
  }

  /** @param {Turn} turn */
  show(turn) {
    if (turn === this.#last) return;
    if (isOver(turn) && this.#last?.phase === 'speaking') this.element.classList.add('settled');
    this.#last = turn;
    if (turn.attempt !== this.#attempt || !turn.text.startsWith(this.#text)) this.#begin(turn.attempt);
    this.#words.append(turn.text.slice(this.#text.length));
    this.#text = turn.text;
    if (isOver(turn)) this.#words.end();
    this.#acts.hidden = turn.phase !== 'ended';
    this.element.dataset.phase = turn.phase;
    this.article.setAttribute('aria-busy', String(!isOver(turn)));
    this.#note.hidden = !note(turn);
    this.#note.dataset.finish = turn.finish;
    say(this.#note, note(turn));
  }

  #freshWords() {
    return new Words(find(this.element, '.speech', HTMLElement), this.element.dataset.bench === 'chair' ? 3 : 4);
  }

  /**
   * The words of an earlier attempt are void.
   *
   * @param {number} attempt
   */
  #begin(attempt) {
    this.#words.clear();
    this.#words = this.#freshWords();
    this.#text = '';
    this.#attempt = attempt;
  }
}

/**
 * The speaker's heading, at the level its place in the document has: bench turns stand under their round's heading.
 *
 * @param {Debate} debate
 * @param {Turn} turn
 * @param {Bench} bench
 * @param {string} id
 * @returns {HTMLElement[]}
 */
function speakerLine(debate, turn, bench, id) {
  const heading = make(bench === 'chair' ? 'h2' : 'h3', 'name', turn.agent);
  heading.id = id;
  heading.dir = 'auto';
  const glyph = make('span', 'glyph', GLYPHS[bench]);
  glyph.ariaHidden = 'true';
  const line = [glyph, heading];
  return isDecision(debate, turn) ? [make('p', 'decision-title', 'The decision'), ...line] : line;
}
