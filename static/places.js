/**
 * The places on the paper: which row a speech stands in, and which round begins with it.
 *
 * The two benches fill rows of their own, side by side; those of no bench who speak at the same time stand in lanes; all
 * else goes across. Does not know what is placed.
 */

import { make } from './dom.js';
import { roman } from './wording.js';

/** @import {Bench, Turn} from './types.js' */

export class Places {
  #list;

  /** The next free row of each bench; a round's two sides stand side by side. */
  #rows = { for: 1, against: 1 };
  #round = 0;

  /** @type {Map<number, HTMLElement>} by group */
  #lanes = new Map();

  /** @param {HTMLElement} list */
  constructor(list) {
    this.#list = list;
  }

  /**
   * @param {HTMLElement} element
   * @param {Bench} bench
   * @param {Turn} turn
   * @param {number} number its round's, as a reader counts
   */
  put(element, bench, { turn, round, group }, number) {
    const isSeated = bench === 'for' || bench === 'against';
    if (bench !== 'chair' && round !== this.#round) this.#begin(round, number, isSeated);
    if (isSeated) this.#append(element, this.#rows[bench]++);
    else if (group) this.#intoLane(element, group, turn);
    else this.across(element);
  }

  /** @param {HTMLElement} element */
  across(element) {
    this.#append(element, this.#free);
    this.#level(this.#free + 1);
  }

  get #free() {
    return Math.max(this.#rows.for, this.#rows.against);
  }

  /** @param {number} row */
  #level(row) {
    this.#rows = { for: row, against: row };
  }

  /**
   * @param {number} round
   * @param {number} number
   * @param {boolean} isBeside whether its mark stands beside what is said, and not above
   */
  #begin(round, number, isBeside) {
    this.#round = round;
    this.#level(this.#free);
    this.#append(roundMark(number), this.#free);
    if (!isBeside) this.#level(this.#free + 1);
  }

  /**
   * @param {HTMLElement} element
   * @param {number} group
   * @param {number} turn
   */
  #intoLane(element, group, turn) {
    let lanes = this.#lanes.get(group);
    if (!lanes) {
      lanes = make('ol');
      lanes.ariaLabel = 'At the same time';
      this.#lanes.set(group, lanes);
      this.across(make('li', 'lanes', lanes));
    }
    element.dataset.turn = String(turn);
    const next = [...lanes.children].find((lane) => lane instanceof HTMLElement && Number(lane.dataset.turn) > turn);
    lanes.insertBefore(element, next ?? null);
  }

  /**
   * @param {HTMLElement} element
   * @param {number} row
   */
  #append(element, row) {
    element.style.setProperty('--row', String(row));
    this.#list.append(element);
  }
}

/**
 * @param {number} number
 * @returns {HTMLElement} the numeral on the spine, which is the heading of the round
 */
function roundMark(number) {
  const heading = make('h2', '', roman(number));
  heading.ariaLabel = `Round ${number}`;
  return make('li', 'round', heading);
}
