/**
 * One open debate on the page: the stream on one side, the paper on the other.
 *
 * The way of an event: net.js receives it, events.js folds it in, and once per animation frame reading.js says how much
 * of the debate is shown, paper.js shows it and scroll.js keeps it in view. Knows that order and nothing of the parts,
 * of which some are loaded when they are of use.
 */

import { Bar } from './bar.js';
import { copyOf, find, say } from './dom.js';
import { fold, NO_DEBATE } from './events.js';
import { findDebate, follow, Problem, stopDebate } from './net.js';
import { Paper } from './paper.js';
import { Reading } from './reading.js';
import { Scroll } from './scroll.js';
import { boundary } from './wording.js';

/** @import {Debate, Follow, WireEvent} from './types.js' */

/** Milliseconds for which a cut stream is nobody's concern. */
const CUT_PATIENCE = 2000;

/** Milliseconds before a stream that was refused, though the debate is there, is asked for again. */
const REFUSED_PAUSE = 3000;

/** Milliseconds between two looks at what takes long. */
const LOOK = 1000;

export class Viewer {
  element = copyOf('debate-view');

  #id;
  #source;
  #announcer = find(document, '#announcer', HTMLElement);
  #paper = new Paper(this.element);
  #bar;
  #scroll;
  #reading;
  #received = NO_DEBATE;

  /** @type {'open' | 'cut' | 'polling'} */
  #link = 'open';
  #isStopping = false;
  #hasJumped = false;
  #hasRead = false;
  #hasOffered = false;
  #gone = new AbortController();
  #heardAt = performance.now();
  #cutTimer = 0;
  #retryTimer = 0;
  #frame = 0;
  #look = 0;
  #leaveStream = () => {};

  /**
   * @param {string} id
   * @param {number} caughtUpAt events up to this seq were there before the reader came, and are shown at once
   * @param {{onStarted?: (id: string) => void, source?: Follow}} [ways] to another debate that was started from here,
   *   and where the events come from
   */
  constructor(id, caughtUpAt, { onStarted = () => {}, source = follow } = {}) {
    this.#id = id;
    this.#source = source;
    this.onStarted = onStarted;
    this.#reading = new Reading(caughtUpAt);
    const bar = find(this.element, '.bar', HTMLElement);
    this.#scroll = new Scroll(() => this.#paper.edge, bar, caughtUpAt === 0, () => this.#wake());
    const join = () => import('./compose.js').then(({ toggle }) => toggle(bar, id, this.#received.agents));
    this.#bar = new Bar(bar, {
      toLive: () => this.#toLive(),
      pause: () => this.togglePause(),
      join: () => join().then(() => this.#wake()),
      stop: () => this.stop(),
    }, this.#reading.speed, (speed) => {
      this.#reading.choose(speed);
      this.#wake();
    });
    this.#look = window.setInterval(() => this.#wake(), LOOK);
    this.#follow();
    this.#wake();
  }

  leave() {
    this.#leaveStream();
    this.#scroll.leave();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#cutTimer);
    clearTimeout(this.#retryTimer);
    clearInterval(this.#look);
    this.#gone.abort();
  }

  get received() {
    return this.#received;
  }

  /** @returns {boolean} whether there was anything to pause */
  togglePause() {
    const reading = this.#reading;
    if (!this.#received.seq || reading.shown.reason || reading.isStill) return false;
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
    if (this.#received.reason || this.#isStopping || this.#source !== follow) return;
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

  #follow() {
    this.#leaveStream = this.#source(
      this.#id,
      this.#received.seq,
      (event) => this.#receive(event),
      (link) => this.#heed(link),
    );
  }

  /** @param {WireEvent} event */
  #receive(event) {
    this.#received = fold(this.#received, event);
    this.#heardAt = performance.now();
    this.#reading.receive(this.#received);
    if (this.#received.reason) clearInterval(this.#look);
    this.#wake();
  }

  /** @param {'open' | 'cut' | 'refused' | 'polling'} link */
  #heed(link) {
    if (link === 'open' || link === 'polling') {
      clearTimeout(this.#cutTimer);
      this.#cutTimer = 0;
      this.#link = link;
      this.#bar.complain('');
      this.#wake();
      return;
    }
    this.#cutTimer ||= window.setTimeout(() => {
      this.#link = 'cut';
      this.#wake();
    }, CUT_PATIENCE);
    if (link === 'refused') this.#askWhy();
  }

  /** A refused stream does not say why, but the debate's own address does. */
  async #askWhy() {
    try {
      await findDebate(this.#id);
      this.#retryTimer = window.setTimeout(() => this.#follow(), REFUSED_PAUSE);
    } catch (problem) {
      this.complain(problem);
    }
  }

  /** @param {unknown} problem */
  complain(problem) {
    if (!(problem instanceof Problem)) throw problem;
    this.#bar.complain(problem.message);
    this.#wake();
  }

  #toLive() {
    this.#reading.skip(this.#received);
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
    reading.move(this.#received, now);
    this.#paper.show(reading.shown, this.#received, now);
    this.#bar.show(reading.shown, this.#received, {
      link: this.#link,
      isStopping: this.#isStopping,
      isBehind: reading.isBehind || reading.isReplay || !this.#scroll.isFollowing,
      isPaused: reading.isHeld,
      isReplay: reading.isReplay,
      isStill: reading.isStill,
      ready: reading.isHeld || reading.isBehind ? reading.ready : 0,
      waited: (performance.now() - this.#heardAt) / 1000,
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
    if (after.topic && !before.topic) document.title = `${after.topic} — debate-server`;
    if (!this.#hasRead && after.turns[0]?.text) {
      this.#hasRead = true;
      import('./desk.js').then(({ equip }) => equip(this, this.#gone.signal));
    }
    if (after.reason && !this.#hasOffered) {
      this.#hasOffered = true;
      import('./afterwards.js').then(({ offer }) => offer(find(this.element, '.controls', HTMLElement), this));
    }
  }
}
