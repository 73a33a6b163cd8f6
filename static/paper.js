/**
 * The order paper: headline, benches, and the turns in their places.
 *
 * Knows the layout: who sits where, and which row of the paper a turn stands in. Does not know the words of a turn
 * (speech.js), nor why it is shown just now. Append-only: what is once placed stays.
 */

import { copyOf, find, make, say } from './dom.js';
import { benchOf, isOver } from './events.js';
import { Meter } from './meter.js';
import { Speech } from './speech.js';
import { ending, facts, failure, GLYPHS, roman, sharedModel, SIDES } from './wording.js';

/** @import {Debate, Turn} from './types.js' */

/** Seconds between two readings of the meters: faster is only restless. */
const METER_PAUSE = 0.5;

/** Characters up to which a topic is set as large as a headline. */
const HEADLINE = 160;

/** @typedef {{name: string, card: HTMLElement, line: HTMLElement, meter: Meter}} Bench */

export class Paper {
  #headline;
  #facts;
  #benchList;
  #turnList;
  #failure;
  #verdict;
  #ending;

  /** @type {Bench[]} */
  #benches = [];

  /** @type {Map<number, Speech>} by turn */
  #speeches = new Map();

  /** How many messages are placed. */
  #messages = 0;
  #hasVerdict = false;

  /** The next free row of each bench; a round's two sides stand side by side. */
  #rows = { for: 1, against: 1 };
  #round = 0;
  #metered = -METER_PAUSE;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#headline = find(root, 'h1', HTMLElement);
    this.#facts = find(root, '.facts', HTMLElement);
    this.#benchList = find(root, '.benches', HTMLElement);
    this.#turnList = find(root, '.turns', HTMLElement);
    this.#failure = find(root, '.failure', HTMLElement);
    this.#verdict = find(root, '.verdict', HTMLElement);
    this.#ending = find(root, '.ending', HTMLElement);
  }

  /**
   * Where words are being added, or were last.
   *
   * @returns {HTMLElement | undefined}
   */
  get edge() {
    return [...this.#speeches.values()].at(-1)?.article;
  }

  /**
   * @param {Debate} debate as the reader sees it
   * @param {Debate} received all of it: the meters tell of that
   * @param {number} now in seconds
   */
  show(debate, received, now) {
    if (!debate.id) return;
    if (!this.#benches.length) this.#showHead(debate);
    for (const [number, turn] of debate.turns.entries()) {
      this.#placeMessages(debate, number);
      this.#speechOf(debate, turn).show(turn);
    }
    this.#placeMessages(debate, debate.turns.length);
    this.#showBenches(debate, received, now);
    this.#showEnd(debate);
  }

  /** @param {Debate} debate */
  #showHead(debate) {
    say(this.#headline, debate.topic);
    say(this.#facts, facts(debate).join(' · '));
    if (debate.parent) this.#facts.append(' · goes on from ', parentLink(debate.parent));
    this.#headline.classList.toggle('long', debate.topic.length > HEADLINE);
    const isShared = sharedModel(debate) !== '';
    this.#benches = debate.agents.map(({ name, model }) => {
      const bench = benchOf(debate, name);
      const card = copyOf('bench-card');
      card.dataset.bench = bench;
      say(find(card, '.glyph', HTMLElement), GLYPHS[bench]);
      say(find(card, '.name', HTMLElement), name);
      say(find(card, '.side', HTMLElement), SIDES[bench]);
      const modelLine = find(card, '.model', HTMLElement);
      modelLine.hidden = isShared;
      say(modelLine, model);
      return { name, card, line: find(card, '.meter', HTMLElement), meter: new Meter() };
    });
    this.#benchList.append(...this.#benches.map(({ card }) => card));
  }

  /**
   * @param {Debate} debate
   * @param {Turn} turn
   */
  #speechOf(debate, turn) {
    let speech = this.#speeches.get(turn.turn);
    if (!speech) {
      speech = new Speech(debate, turn);
      this.#speeches.set(turn.turn, speech);
      this.#place(speech.element, benchOf(debate, turn.agent), turn.round);
    }
    return speech;
  }

  /**
   * Places what was said before so many turns had begun.
   *
   * @param {Debate} debate
   * @param {number} turns
   */
  #placeMessages(debate, turns) {
    for (const message of debate.messages.slice(this.#messages)) {
      if (message.after > turns) return;
      this.#messages += 1;
      const card = make('li', 'turn message', '');
      card.dataset.bench = 'chair';
      this.#place(card, 'chair', 0);
      import('./message.js').then(({ fill }) => fill(card, message));
    }
  }

  /**
   * @param {HTMLElement} element
   * @param {'for' | 'against' | 'chair'} bench
   * @param {number} round
   */
  #place(element, bench, round) {
    const free = Math.max(this.#rows.for, this.#rows.against);
    if (bench === 'chair') {
      this.#append(element, free);
      this.#rows = { for: free + 1, against: free + 1 };
      return;
    }
    if (round !== this.#round) {
      this.#round = round;
      this.#rows = { for: free, against: free };
      this.#append(roundMark(round), free);
    }
    this.#append(element, this.#rows[bench]);
    this.#rows[bench] += 1;
  }

  /**
   * @param {HTMLElement} element
   * @param {number} row
   */
  #append(element, row) {
    element.style.setProperty('--row', String(row));
    this.#turnList.append(element);
  }

  /**
   * @param {Debate} debate
   * @param {Debate} received
   * @param {number} now
   */
  #showBenches(debate, received, now) {
    const isDue = now - this.#metered >= METER_PAUSE || received.reason !== '';
    if (isDue) this.#metered = now;
    for (const { name, card, line, meter } of this.#benches) {
      card.classList.toggle('lit', debate.turns.some((turn) => turn.agent === name && !isOver(turn)));
      if (isDue) say(line, meter.read(received.turns.filter((turn) => turn.agent === name), now));
    }
  }

  /** @param {Debate} debate */
  #showEnd(debate) {
    const line = ending(debate);
    this.#ending.hidden = !line;
    say(this.#ending, line);
    if (debate.verdict && !this.#hasVerdict) {
      this.#hasVerdict = true;
      import('./verdict.js').then(({ showVerdict }) => showVerdict(this.#verdict, debate));
    }
    if (debate.fault && !this.#failure.hasChildNodes()) {
      this.#failure.append(make('h2', '', 'The debate failed'), ...failure(debate).map((line) => make('p', '', line)));
    }
  }
}

/**
 * @param {number} round
 * @returns {HTMLElement} the numeral on the spine, which is the heading of the round
 */
function roundMark(round) {
  const item = make('li', 'round', '');
  const heading = make('h2', '', roman(round));
  heading.ariaLabel = `Round ${round}`;
  item.append(heading);
  return item;
}

/** @param {string} debate the one that this one goes on from */
function parentLink(debate) {
  const link = make('a', '', 'an earlier debate');
  link.href = `/d/${encodeURIComponent(debate)}`;
  return link;
}
