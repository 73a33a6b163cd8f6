/**
 * One open debate on the page: the stream on one side, the paper on the other.
 *
 * The way of an event: reception.js has it folded in, and once per animation frame reading.js says how much of the debate
 * is shown, paper.js shows it and scroll.js keeps it in view. Knows that order and nothing of the parts,
 * of which some are loaded when they are of use.
 */

import { Bar } from './bar.js';
import { copyOf, find, say } from './dom.js';
import { isOver } from './events.js';
import { stopDebate, wordsOf } from './net.js';
import { Paper } from './paper.js';
import { Reading } from './reading.js';
import { Reception } from './reception.js';
import { Scroll } from './scroll.js';
import { boundary } from './wording.js';

/** @import {Debate, Follow, Past} from './types.js' */

/** @type {Past} of a debate that has just begun */
const NO_PAST = { messages: [], next: 0, closed: false };

/** Milliseconds between two looks at what takes long. */
const LOOK = 1000;

export class Viewer {
  element = copyOf('debate-view');

  #id;
  #isSample;
  #announcer = find(document, '#announcer', HTMLElement);
  #paper = new Paper(this.element);
  #bar;
  #scroll;
  #reading;
  #reception;
  #isStopping = false;
  #isHolding = false;
  #hasJumped = false;
  #hasOffered = false;
  #isFurnished = false;
  #gone = new AbortController();
  #frame = 0;
  #look = 0;

  /**
   * @param {string} id
   * @param {object} [ways]
   * @param {Past} [ways.past] what was there before the reader came, and is shown at once
   * @param {(id: string) => void} [ways.onStarted] another debate was started from here
   * @param {Follow} [ways.source] where the events come from, for one that is not the server's
   */
  constructor(id, { past = NO_PAST, onStarted = () => {}, source } = {}) {
    this.#id = id;
    this.#isSample = source !== undefined;
    this.onStarted = onStarted;

    /** Whether the debate was there before its reader. */
    this.isOld = past.next > 0;
    this.#reading = new Reading(past.closed ? Infinity : past.next);
    const bar = find(this.element, '.bar', HTMLElement);
    this.#scroll = new Scroll(() => this.#paper.edge, bar, !past.closed, () => this.#wake());
    const join = () => import('./compose.js').then(({ toggle }) => toggle(bar, id, this.received.agents));
    this.#bar = new Bar(bar, {
      toLive: () => this.#toLive(),
      pause: () => this.togglePause(),
      join: () => join().then(() => this.#wake()),
      hold: () => this.toggleHold(),
      stop: () => this.stop(),
    }, this.#reading.speed, (speed) => {
      this.#reading.choose(speed);
      this.#wake();
    });
    this.#reception = new Reception(id, past, (detail) => this.#receive(detail), source);
    this.#reading.skip(this.received);
    import('./keys.js').then(({ equip }) => equip(this, this.#gone.signal));
    if (!past.closed) this.#look = window.setInterval(() => this.#wake(), LOOK);
    this.#wake();
  }

  leave() {
    this.onStarted = () => {};
    this.#reception.leave();
    this.#scroll.leave();
    cancelAnimationFrame(this.#frame);
    clearInterval(this.#look);
    this.#gone.abort();
  }

  get received() {
    return this.#reception.debate;
  }

  /** @returns {boolean} whether there was anything to pause */
  togglePause() {
    const reading = this.#reading;
    if (!this.received.seq || reading.shown.reason || reading.isStill) return false;
    reading.isPaused = !reading.isPaused;
    this.#wake();
    return true;
  }

  /** On a fresh paper: on the old one nothing is taken back. */
  replay() {
    const paper = find(copyOf('debate-view'), '.paper', HTMLElement);
    find(this.element, '.paper', HTMLElement).replaceWith(paper);
    this.#paper = new Paper(paper);
    this.#reading = new Reading(0);
    this.#reading.isReplay = true;
    this.#scroll.isFollowing = true;
    this.#wake();
  }

  /** Stops the generation, if it runs. What was said stays. */
  async stop() {
    if (this.received.reason || this.#isStopping || this.#isSample) return;
    this.#isStopping = true;
    this.#wake();
    try {
      await stopDebate(this.#id);
      this.#bar.complain('');
    } catch (problem) {
      this.#isStopping = false;
      this.complain(problem);
    }
  }

  /** Holds the generation, or has it go on. */
  async toggleHold() {
    const hold = !this.received.isHeld && !this.#isHolding;
    this.#isHolding = hold;
    this.#wake();
    try {
      const { holdDebate, resumeDebate } = await import('./net-more.js');
      await (hold ? holdDebate : resumeDebate)(this.#id);
      this.#bar.complain('');
    } catch (problem) {
      this.#isHolding = false;
      this.complain(problem);
    }
  }

  /** @param {string} [detail] what is wrong with the link */
  #receive(detail) {
    if (detail !== undefined) this.#bar.complain(detail);
    this.#reading.receive(this.received);
    if (this.received.isHeld) this.#isHolding = false;
    if (this.received.reason) clearInterval(this.#look);
    this.#wake();
  }

  /** @param {unknown} problem */
  complain(problem) {
    this.#bar.complain(wordsOf(problem));
    this.#wake();
  }

  #toLive() {
    this.#reading.skip(this.received);
    this.#scroll.isFollowing = true;
    this.#wake();
  }

  #wake() {
    this.#frame ||= requestAnimationFrame((now) => this.#draw(now / 1000));
  }

  /** @param {number} now in seconds */
  #draw(now) {
    this.#frame = 0;
    const reading = this.#reading;
    const before = reading.shown;
    reading.move(this.received, now);
    this.#paper.show(reading.shown, this.received, now);
    this.#bar.show(reading.shown, this.received, {
      link: this.#reception.link,
      isStopping: this.#isStopping,
      isHolding: this.#isHolding,
      isBehind: reading.isBehind || reading.isReplay || !this.#scroll.isFollowing,
      isPaused: reading.isHeld,
      isReplay: reading.isReplay,
      isStill: reading.isStill,
      ready: reading.isHeld || reading.isBehind ? reading.ready : 0,
      waited: (performance.now() - this.#reception.heardAt) / 1000,
    });
    this.#heedShown(before, reading.shown);
    this.#jump();
    // After the end nothing grows, so the place on the page is the reader's alone.
    if (!before.reason) this.#scroll.keep();
    if (reading.isMoving) this.#wake();
  }

  /** To the turn that the address names; going there anew is what makes it the `:target`. */
  #jump() {
    if (this.#hasJumped || !/^#t\d+$/.test(location.hash) || !document.getElementById(location.hash.slice(1))) return;
    this.#hasJumped = true;
    this.#scroll.isFollowing = false;
    location.replace(location.hash);
  }

  /**
   * Tells what has changed, and loads what is of use from here on.
   *
   * @param {Debate} before
   * @param {Debate} after
   */
  #heedShown(before, after) {
    const news = boundary(before, after);
    if (news) say(this.#announcer, news);
    if (!this.#isFurnished && (after.reason || after.turns.some(isOver))) {
      this.#isFurnished = true;
      import('./read.js').then(({ furnish }) => furnish(this));
    }
    if (after.topic && !before.topic) document.title = `${after.topic} — debate-server`;
    if (after.reason && !this.#hasOffered) {
      this.#hasOffered = true;
      import('./ending.js').then(({ offer }) => offer(find(this.element, '.controls', HTMLElement), this));
    }
  }
}
