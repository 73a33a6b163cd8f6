/**
 * One open debate on the page: the stream on one side, the paper on the other.
 *
 * The way of an event: net.js receives it, events.js folds it in, and once per animation frame playback.js says how much
 * of the debate is shown, paper.js shows it and scroll.js keeps it in view. Knows that order and nothing of the parts.
 */

import { Bar } from './bar.js';
import { copyOf, find, say } from './dom.js';
import { fold, NO_DEBATE } from './events.js';
import { findDebate, follow, Problem, stopDebate } from './net.js';
import { Paper } from './paper.js';
import { Playback } from './playback.js';
import { Scroll } from './scroll.js';
import { boundary } from './wording.js';

/** @import {Debate, Follow, WireEvent} from './types.js' */

/** Milliseconds for which a cut stream is nobody's concern. */
const CUT_PATIENCE = 2000;

/** Milliseconds before a stream that was refused, though the debate is there, is asked for again. */
const REFUSED_PAUSE = 3000;

/** Seconds of unshown speech from which on "Skip to live" is offered. */
const BEHIND = 1;

/** What the reader's system asks for; may change while the page is open. */
const stillness = matchMedia('(prefers-reduced-motion: reduce)');

export class Viewer {
  element = copyOf('debate-view');

  #id;
  #source;
  #announcer = find(document, '#announcer', HTMLElement);
  #paper = new Paper(this.element);
  #bar;
  #scroll;
  #playback = new Playback();
  #received = NO_DEBATE;
  #shown = NO_DEBATE;
  #caughtUpAt;
  #isCut = false;
  #isStopping = false;
  #cutTimer = 0;
  #retryTimer = 0;
  #frame = 0;
  #lastFrame = 0;
  #leaveStream = () => {};

  /**
   * @param {string} id
   * @param {number} caughtUpAt events up to this seq were there before the reader came, and are shown at once
   * @param {Follow} source where its events come from
   */
  constructor(id, caughtUpAt, source = follow) {
    this.#id = id;
    this.#source = source;
    this.#caughtUpAt = caughtUpAt;
    this.#scroll = new Scroll(() => this.#paper.edge, caughtUpAt === 0, () => this.#wake());
    this.#bar = new Bar(find(this.element, '.bar', HTMLElement), id, {
      stop: () => this.stop(),
      toLive: () => this.#toLive(),
    });
    this.#follow();
    this.#wake();
  }

  leave() {
    this.#leaveStream();
    this.#scroll.leave();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#cutTimer);
    clearTimeout(this.#retryTimer);
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
      this.#complain(problem);
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
    if (this.#received.seq === this.#caughtUpAt) this.#playback.skip(this.#received);
    this.#wake();
  }

  /** @param {'open' | 'cut' | 'refused'} link */
  #heed(link) {
    if (link === 'open') {
      clearTimeout(this.#cutTimer);
      this.#cutTimer = 0;
      this.#isCut = false;
      this.#bar.complain('');
      this.#wake();
      return;
    }
    this.#cutTimer ||= window.setTimeout(() => {
      this.#isCut = true;
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
      isCut: this.#isCut,
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
