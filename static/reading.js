/**
 * The reader's side of a debate: how much of what was received is shown, at the pace that the reader chose.
 *
 * Knows the choices (pause, speed, skip, replay) and that a system set to little motion wants none of them. Does not
 * know the controls, the network or the paper.
 */

import { NO_DEBATE } from './events.js';
import { recall, remember } from './memory.js';
import { Playback } from './playback.js';

/** @import {Debate} from './types.js' */

/** Seconds of unshown speech from which on the reader is behind. */
const BEHIND = 1;

/** What the reader's system asks for; may change while the page is open. */
const stillness = matchMedia('(prefers-reduced-motion: reduce)');

/** What may be remembered as a speed. */
const SPEEDS = ['1', '2', '0'];

export class Reading {
  /** The debate as the reader sees it. */
  shown = NO_DEBATE;

  #caughtUpAt;
  #playback = new Playback();
  #lastFrame = 0;

  /** @param {number} caughtUpAt events up to this seq were there before the reader came, and are shown at once */
  constructor(caughtUpAt) {
    this.#caughtUpAt = caughtUpAt;
    const speed = recall('speed');
    if (SPEEDS.includes(speed)) this.#playback.speed = Number(speed);
  }

  get isStill() {
    return stillness.matches;
  }

  get isPaused() {
    return this.#playback.isPaused && !this.isStill;
  }

  get isReplay() {
    return this.#playback.isReplay;
  }

  get isBehind() {
    return this.#playback.lag > BEHIND;
  }

  /** Whether there is more to show without anything new. */
  get isMoving() {
    return this.#playback.lag > 0 && !this.isPaused;
  }

  /** How many turns wait, where that is not over in a moment. */
  get ready() {
    return this.isPaused || (this.isBehind && !this.isReplay) ? this.#playback.ready : 0;
  }

  get speed() {
    return this.#playback.speed;
  }

  set speed(speed) {
    this.#playback.speed = speed;
    remember('speed', String(speed));
  }

  /** @param {Debate} received */
  receive(received) {
    if (received.seq === this.#caughtUpAt) this.#playback.skip(received);
  }

  /**
   * Moves on.
   *
   * @param {Debate} received
   * @param {number} now in seconds
   */
  move(received, now) {
    const playback = this.#playback;
    playback.instant = this.isStill || received.seq < this.#caughtUpAt;
    this.shown = playback.reveal(received, this.#lastFrame ? now - this.#lastFrame : 0);
    this.#lastFrame = this.isMoving ? now : 0;
    if (this.shown.reason) playback.isPaused = playback.isReplay = false;
  }

  togglePause() {
    this.#playback.isPaused = !this.#playback.isPaused;
  }

  /**
   * Shows all that has been received so far at once.
   *
   * @param {Debate} received
   */
  skip(received) {
    this.#playback.isPaused = false;
    this.#playback.skip(received);
  }

  /** Begins anew, each speech over the time it took. */
  replay() {
    this.#caughtUpAt = 0;
    this.#playback = Object.assign(new Playback(), { speed: this.speed, isReplay: true });
    this.shown = NO_DEBATE;
  }
}
