/**
 * What is received of one debate, and how well.
 *
 * Folds what comes by stream and by polling into one debate, so that nothing is missing and nothing shows twice. Does not
 * know how events travel, or how much of the debate a reader has been shown.
 */

import { fold, NO_DEBATE } from './events.js';

/** @import {Follow, Link, Past, WireEvent} from './types.js' */

/** Milliseconds for which a cut stream is nobody's concern. */
const CUT_PATIENCE = 2000;

/** Milliseconds until a part of the page that did not load is asked for again. */
const LOAD_PAUSE = 1000;

export class Reception {
  debate = NO_DEBATE;

  /** @type {Link} `cut` only once it is worth telling */
  link = 'open';

  /** When something was heard last. */
  heardAt = performance.now();

  /** What came by stream, of which nothing is left out. It may be behind what was received by polling. */
  #streamed = NO_DEBATE;
  #onChange;
  #cutTimer = 0;

  /** Longer after each failure: a browser may not ask again for a module that it could not have. */
  #part = './follow.js';
  #isLeft = false;
  #leaveStream = () => {};

  /**
   * @param {string} id
   * @param {Past} past what there was of it before
   * @param {(detail?: string) => void} onChange with what is wrong with the link, '' where nothing is
   * @param {Follow} [source] where the events come from; left out: the server
   */
  constructor(id, { messages, closed }, onChange, source) {
    this.debate = messages.reduce(fold, NO_DEBATE);
    this.#onChange = onChange;
    if (!closed) this.#follow(id, source);
  }

  leave() {
    this.#isLeft = true;
    this.#leaveStream();
    clearTimeout(this.#cutTimer);
  }

  /**
   * A debate that is over needs none of the ways to follow one, and does not load them.
   *
   * @param {string} id
   * @param {Follow} [source]
   */
  async #follow(id, source) {
    /** @type {Follow | undefined} */
    const follow = source ?? (await import(this.#part).catch(() => null))?.follow;
    if (this.#isLeft) return;
    if (!follow) {
      this.#heed('cut');
      this.#part += '?';
      setTimeout(() => this.#follow(id), LOAD_PAUSE);
      return;
    }
    this.#leaveStream = follow(
      id,
      0,
      (event, isPolled) => this.#receive(event, isPolled),
      (link, detail) => this.#heed(link, detail),
    );
  }

  /**
   * @param {WireEvent} event
   * @param {boolean} [isPolled]
   */
  #receive(event, isPolled) {
    if (isPolled) this.debate = fold(this.debate, event);
    else this.#streamed = fold(this.#streamed, event);
    if (this.#streamed.seq >= this.debate.seq) this.debate = this.#streamed;
    this.heardAt = performance.now();
    this.#onChange();
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
    this.#setLink(link, detail);
  }

  /**
   * @param {Link} link
   * @param {string} [detail]
   */
  #setLink(link, detail) {
    // The bar may be telling something else.
    if (link === this.link && !detail) return;
    this.link = link;
    this.#onChange(detail);
  }
}
