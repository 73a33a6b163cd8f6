/**
 * The order paper: the head, and what was said in its places.
 *
 * Knows what goes on the paper, in which order. Does not know the words of a turn (speech.js), where it stands
 * (places.js), nor why it is shown just now. Append-only: what is once placed stays.
 */

import { find } from './dom.js';
import { benchOf, isOver, roundOf } from './events.js';
import { Head } from './head.js';
import { tally } from './meter.js';
import { Places } from './places.js';
import { Speech } from './speech.js';

/** @import {Debate, Turn} from './types.js' */

/** Seconds between two readings of the meters: faster is only restless. */
const METER_PAUSE = 0.5;

export class Paper {
  #root;
  #head;
  #places;

  /** @type {import('./asides.js').Asides | undefined} once there are any */
  #asides;

  /** @type {Map<number, Speech>} by turn */
  #speeches = new Map();

  #hasBegun = false;
  #hasVerdict = false;
  #hasEnded = false;
  #metered = -METER_PAUSE;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#head = new Head(root);
    this.#places = new Places(find(root, '.turns', HTMLElement));
  }

  /**
   * Where words are being added, or were last. Of those who speak at the same time it is the first who is not done.
   *
   * @returns {HTMLElement | undefined}
   */
  get edge() {
    const speeches = [...this.#speeches.values()];
    return (speeches.find(({ isOpen }) => isOpen) ?? speeches.at(-1))?.article;
  }

  /**
   * @param {Debate} debate as the reader sees it
   * @param {Debate} received all of it: the meters tell of that
   * @param {number} now in seconds
   */
  show(debate, received, now) {
    if (!debate.id) return;
    if (!this.#asides && (debate.asides.length || debate.ballots.length)) return this.#await(debate, received, now);
    if (!this.#hasBegun) this.#head.begin(debate);
    this.#hasBegun = true;
    for (const turn of debate.turns) {
      this.#asides?.placeBefore(debate, turn);
      this.#speechOf(debate, turn).show(turn);
    }
    this.#asides?.placeBefore(debate);
    this.#asides?.update(debate);
    this.#head.light(debate);
    if (now - this.#metered >= METER_PAUSE || received.reason) this.#measure(received, now);
    this.#showEnd(debate);
  }

  /**
   * What comes next has its place only when the part is there that places it.
   *
   * @param {Debate} debate
   * @param {Debate} received
   * @param {number} now
   */
  async #await(debate, received, now) {
    const { Asides } = await import('./asides.js');
    this.#asides ??= new Asides(this.#places);
    this.show(debate, received, now);
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
      this.#places.put(speech.element, benchOf(debate, turn.agent), turn, roundOf(debate, turn));
    }
    return speech;
  }

  /**
   * @param {Debate} received
   * @param {number} now
   */
  #measure(received, now) {
    this.#metered = now;
    this.#head.measure(received, now);
    for (const turn of received.turns) {
      const price = received.agents.find(({ name }) => name === turn.agent)?.price;
      this.#speeches.get(turn.turn)?.measure(tally(turn, price), !isOver(turn));
    }
  }

  /** @param {Debate} debate */
  #showEnd(debate) {
    if (debate.verdict && !this.#hasVerdict) {
      this.#hasVerdict = true;
      import('./verdict.js').then(({ showVerdict }) => showVerdict(find(this.#root, '.verdict', HTMLElement), debate));
    }
    if (debate.reason && !this.#hasEnded) {
      this.#hasEnded = true;
      import('./ending.js').then(({ showEnding }) => showEnding(this.#root, debate));
    }
  }
}
