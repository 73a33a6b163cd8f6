/**
 * Playback as the reader wants it, and the reader's system.
 *
 * Does not know the controls, the network or the paper.
 */

import { NO_DEBATE } from './events.js';
import { recall, remember } from './memory.js';
import { Playback } from './playback.js';

/** @import {Debate} from './types.js' */

/** Seconds of unshown speech that are worth telling of. */
const BEHIND = 1;

/** May change while the page is open. */
const stillness = matchMedia('(prefers-reduced-motion: reduce)');

export class Reading extends Playback {
  /** The debate as the reader sees it. */
  shown = NO_DEBATE;

  speed = Number(recall('speed') || 1);
  #caughtUpAt;
  #lastFrame = 0;

  /** @param {number} caughtUpAt events up to this seq are shown at once */
  constructor(caughtUpAt) {
    super();
    this.#caughtUpAt = caughtUpAt;
  }

  get isStill() {
    return stillness.matches;
  }

  get isBehind() {
    return this.lag > (this.isHeld ? 0 : BEHIND);
  }

  /** Whether there is more to show without anything new. */
  get isMoving() {
    return this.lag > 0 && !this.isHeld;
  }

  /** @param {number} speed */
  choose(speed) {
    this.speed = speed;
    remember('speed', String(speed));
  }

  /**
   * Moves on.
   *
   * @param {Debate} received
   * @param {number} now in seconds
   */
  move(received, now) {
    this.instant = this.isStill || received.seq < this.#caughtUpAt;
    this.shown = this.reveal(received, this.#lastFrame ? now - this.#lastFrame : 0);
    this.#lastFrame = this.isMoving ? now : 0;
    if (this.shown.reason) this.isPaused = this.isReplay = false;
  }

  /** @param {Debate} received */
  receive(received) {
    if (received.seq === this.#caughtUpAt) this.skip(received);
  }
}
