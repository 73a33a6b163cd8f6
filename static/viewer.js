/**
 * One open debate on the page: the stream on one side, the paper on the other.
 *
 * The way of an event: follow.js receives it, events.js folds it in, and once per animation frame playback.js says how much
 * of the debate is shown, paper.js shows it and scroll.js keeps it in view. Knows that order and nothing of the parts.
 */

import { Bar } from './bar.js';
import { copyOf, find, say } from './dom.js';
import { fold, NO_DEBATE } from './events.js';
import { Problem, stopDebate } from './net.js';
import { Paper } from './paper.js';
import { Playback } from './playback.js';
import { Scroll } from './scroll.js';
import { boundary } from './wording.js';

/** @import {Debate, Link, Past, WireEvent} from './types.js' */

/** Milliseconds for which a cut stream is nobody's concern. */
const CUT_PATIENCE = 2000;

/** @type {Past} of a debate that has just begun */
const NO_PAST = { messages: [], next: 0, closed: false };

/** Milliseconds until a part of the page that did not load is asked for again. */
const LOAD_PAUSE = 1000;

/** Seconds of unshown speech from which on "Skip to live" is offered. */
const BEHIND = 1;

/** What the reader's system asks for; may change while the page is open. */
const stillness = matchMedia('(prefers-reduced-motion: reduce)');

export class Viewer {
  element = copyOf('debate-view');

  #id;
  #announcer = find(document, '#announcer', HTMLElement);
  #paper = new Paper(this.element);
  #bar;
  #scroll;
  #playback = new Playback();
  #received = NO_DEBATE;
  #shown = NO_DEBATE;

  /** What came by stream, of which nothing is left out. It may be behind what was received by polling. */
  #streamed = NO_DEBATE;
  #caughtUpAt;

  /** @type {Link} */
  #link = 'open';
  #isStopping = false;
  #isLeft = false;
  #cutTimer = 0;
  #frame = 0;
  #lastFrame = 0;
  #leaveStream = () => {};

  /**
   * @param {string} id
   * @param {Past} past what was there before the reader came, and is shown at once
   */
  constructor(id, { messages, next, closed } = NO_PAST) {
    this.#id = id;
    this.#caughtUpAt = closed ? Infinity : next;
    this.#received = messages.reduce(fold, NO_DEBATE);
    this.#playback.skip(this.#received);
    this.#scroll = new Scroll(() => this.#paper.edge, next === 0, () => this.#wake());
    this.#bar = new Bar(find(this.element, '.bar', HTMLElement), id, {
      stop: () => this.stop(),
      toLive: () => this.#toLive(),
    });
    if (!closed) this.#follow();
    this.#wake();
  }

  leave() {
    this.#isLeft = true;
    this.#leaveStream();
    this.#scroll.leave();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#cutTimer);
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

  /** A debate that is over needs none of this, and does not load it. */
  async #follow() {
    const way = await import('./follow.js').catch(() => null);
    if (this.#isLeft) return;
    if (!way) {
      this.#heed('cut');
      setTimeout(() => this.#follow(), LOAD_PAUSE);
      return;
    }
    this.#leaveStream = way.follow(
      this.#id,
      0,
      (event, isPolled) => this.#receive(event, isPolled),
      (link, detail) => this.#heed(link, detail),
    );
  }

  /**
   * @param {WireEvent} event
   * @param {boolean} isPolled
   */
  #receive(event, isPolled) {
    if (isPolled) this.#received = fold(this.#received, event);
    else this.#streamed = fold(this.#streamed, event);
    if (this.#streamed.seq >= this.#received.seq) this.#received = this.#streamed;
    if (this.#received.seq === this.#caughtUpAt) this.#playback.skip(this.#received);
    this.#wake();
  }

  /**
   * @param {Link} link
   * @param {string} [detail]
   */
  #heed(link, detail = '') {
    if (link === 'cut') {
      this.#cutTimer ||= window.setTimeout(() => this.#setLink(link), CUT_PATIENCE);
      return;
    }
    clearTimeout(this.#cutTimer);
    this.#cutTimer = 0;
    this.#bar.complain(detail);
    this.#setLink(link);
  }

  /** @param {Link} link */
  #setLink(link) {
    this.#link = link;
    this.#wake();
  }

  /** @param {unknown} problem */
  #complain(problem) {
    if (!(problem instanceof Problem)) throw problem;
    this.#bar.complain(problem.message);
    this.#wake();
  }

  #toLive() {
    this.#playback.skip(this.#received);
    this.#scroll.isFollowing = true;
    this.#wake();
  }

  #wake() {
    this.#frame ||= requestAnimationFrame((now) => this.#draw(now / 1000));
  }

  /** @param {number} now in seconds */
  #draw(now) {
    this.#frame = 0;
    const before = this.#shown;
    this.#playback.instant = stillness.matches || this.#received.seq < this.#caughtUpAt;
    this.#shown = this.#playback.reveal(this.#received, this.#lastFrame ? now - this.#lastFrame : 0);
    this.#lastFrame = this.#playback.lag > 0 ? now : 0;
    this.#paper.show(this.#shown, this.#received, now);
    this.#bar.show(this.#shown, this.#received, {
      link: this.#link,
      isStopping: this.#isStopping,
      isBehind: this.#playback.lag > BEHIND || !this.#scroll.isFollowing,
    });
    this.#announce(before);
    // After the end nothing grows, so the place on the page is the reader's alone.
    if (!before.reason) this.#scroll.keep();
    if (this.#playback.lag > 0) this.#wake();
  }

  /** @param {Debate} before */
  #announce(before) {
    const news = boundary(before, this.#shown);
    if (news) say(this.#announcer, news);
    if (this.#shown.topic && !before.topic) document.title = `${this.#shown.topic} — debate-server`;
  }
}
