/**
 * One open debate on the page: the stream on one side, the paper on the other.
 *
 * The way of an event: net.js receives it, events.js folds it in, and once per animation frame reading.js says how much
 * of the debate is shown, paper.js shows it and scroll.js keeps it in view. Knows that order and nothing of the parts.
 * What few readers ask for is loaded when they do.
 */

import { Bar } from './bar.js';
import { copyOf, find, say } from './dom.js';
import { fold, NO_DEBATE } from './events.js';
import { showKeys } from './keys.js';
import { findDebate, follow, Problem, startDebate, stopDebate } from './net.js';
import { Paper } from './paper.js';
import { Reading } from './reading.js';
import { Scroll } from './scroll.js';
import { boundary } from './wording.js';

/** @import {Debate, WireEvent} from './types.js' */

/** Milliseconds for which a cut stream is nobody's concern. */
const CUT_PATIENCE = 2000;

/** Milliseconds before a stream that was refused, though the debate is there, is asked for again. */
const REFUSED_PAUSE = 3000;

/** Milliseconds between two looks at a debate of which nothing is heard. */
const LOOK = 1000;

export class Viewer {
  element = copyOf('debate-view');

  #id;
  #announcer = find(document, '#announcer', HTMLElement);
  #paper = new Paper(this.element);
  #bar;
  #scroll;
  #reading;
  #received = NO_DEBATE;
  #onStarted;

  /** @type {'open' | 'cut' | 'polling'} */
  #link = 'open';
  #isStopping = false;
  #isStarting = false;
  #hasJumped = false;
  #heardAt = performance.now();
  #cutTimer = 0;
  #retryTimer = 0;
  #frame = 0;
  #look = 0;
  #leaveStream = () => {};

  /**
   * @param {string} id
   * @param {number} caughtUpAt events up to this seq were there before the reader came, and are shown at once
   * @param {(id: string) => void} onStarted another debate was started from here
   */
  constructor(id, caughtUpAt, onStarted) {
    this.#id = id;
    this.#onStarted = onStarted;
    this.#reading = new Reading(caughtUpAt);
    this.#scroll = new Scroll(() => this.#paper.edge, caughtUpAt === 0, () => this.#wake());
    const bar = find(this.element, '.bar', HTMLElement);
    this.#bar = new Bar(bar, id, {
      stop: () => this.stop(),
      toLive: () => this.#toLive(),
      pause: () => this.press('pause'),
      replay: () => this.#replay(),
      again: () => this.#again(),
      join: () => import('./compose.js').then(({ toggleCompose }) => toggleCompose(bar, id, this.#received.agents)),
      keys: showKeys,
    }, (speed) => {
      this.#reading.speed = speed;
      this.#wake();
    });
    this.#bar.speed = this.#reading.speed;
    this.element.addEventListener('click', (event) => this.#copy(event));
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
  }

  /**
   * @param {string} action what a key asks for
   * @returns {boolean} whether that was done
   */
  press(action) {
    if (action === 'stop' && !this.#received.reason) this.stop();
    else if (action === 'pause' && this.#received.seq && !this.#reading.shown.reason && !this.#reading.isStill) {
      this.#reading.togglePause();
    } else if (action === 'next' || action === 'previous') {
      this.#scroll.step(this.element.querySelectorAll('.turn article'), action === 'next' ? 1 : -1);
    } else return false;
    this.#wake();
    return true;
  }

  /** Stops the generation, if it runs. What was said stays. */
  async stop() {
    if (this.#received.reason || this.#isStopping) return;
    this.#isStopping = true;
    this.#wake();
    try {
      await stopDebate(this.#id);
      this.#bar.complain('');
    } catch (problem) {
      this.#isStopping = false;
      this.#complain(problem);
    }
  }

  #follow() {
    this.#leaveStream = follow(
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
      this.#complain(problem);
    }
  }

  /** @param {unknown} problem */
  #complain(problem) {
    if (!(problem instanceof Problem)) throw problem;
    this.#bar.complain(problem.message);
    this.#wake();
  }

  #toLive() {
    this.#reading.skip(this.#received);
    this.#scroll.isFollowing = true;
    this.#wake();
  }

  /** On a fresh paper: on the old one nothing is ever taken back. */
  #replay() {
    const paper = find(copyOf('debate-view'), '.paper', HTMLElement);
    find(this.element, '.paper', HTMLElement).replaceWith(paper);
    this.#paper = new Paper(paper);
    this.#reading.replay();
    this.#scroll.isFollowing = true;
    this.#wake();
  }

  /** Starts the same debate once more, and goes there. */
  async #again() {
    if (this.#isStarting) return;
    this.#isStarting = true;
    const { topic, format, rounds } = this.#received;
    try {
      const { id } = await startDebate({ topic, format, rounds });
      this.#onStarted(id);
    } catch (problem) {
      this.#complain(problem);
    } finally {
      this.#isStarting = false;
    }
  }

  /** @param {MouseEvent} event */
  async #copy(event) {
    const control = event.target instanceof Element ? event.target.closest('[data-copy]') : null;
    if (!(control instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { copy } = await import('./copy.js');
    copy(control, this.#received, this.#announcer);
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
      isBehind: reading.isBehind || !this.#scroll.isFollowing,
      isPaused: reading.isPaused,
      isReplay: reading.isReplay,
      isStill: reading.isStill,
      ready: reading.ready,
      waited: (performance.now() - this.#heardAt) / 1000,
    });
    this.#announce(before, reading.shown);
    this.#jump();
    // After the end nothing grows, so the place on the page is the reader's alone.
    if (!before.reason) this.#scroll.keep();
    if (reading.isMoving) this.#wake();
  }

  /** To the turn that the address names, once it is there. Going there anew is what marks it as the target. */
  #jump() {
    if (this.#hasJumped || !/^#t\d+$/.test(location.hash) || !document.getElementById(location.hash.slice(1))) return;
    this.#hasJumped = true;
    this.#scroll.isFollowing = false;
    location.replace(location.hash);
  }

  /**
   * @param {Debate} before
   * @param {Debate} after
   */
  #announce(before, after) {
    const news = boundary(before, after);
    if (news) say(this.#announcer, news);
    if (after.topic && !before.topic) document.title = `${after.topic} — debate-server`;
  }
}
