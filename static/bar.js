/**
 * The bar under the paper: what is going on, and what the reader can do about it.
 *
 * Knows which control belongs to which state. Does not know how a control does what it says: it only passes on that
 * it was pressed.
 */

import { find, say } from './dom.js';
import { exportAddress } from './net.js';
import { standing } from './wording.js';

/** @import {Debate, Link} from './types.js' */

/** @type {Record<string, string>} what is said instead of what goes on, since that is not known */
const LINKS = {
  cut: 'Reconnecting, nothing lost',
  polling: 'Fetching news by asking now and then',
  refused: 'Not connected',
};

/**
 * @typedef {object} Outlook what beside the debate decides on the controls
 * @property {Link} link how news come; `cut` only where it is long enough to say so
 * @property {boolean} isStopping
 * @property {boolean} isBehind the reader is not where the newest words are
 */

export class Bar {
  #root;
  #standing;
  #problem;
  #toLive;
  #stop;
  #links;

  /**
   * @param {HTMLElement} root
   * @param {string} id the debate's
   * @param {{stop: () => void, toLive: () => void}} onPress
   */
  constructor(root, id, onPress) {
    this.#root = root;
    this.#standing = find(root, '.standing', HTMLElement);
    this.#problem = find(root, '.problem', HTMLElement);
    this.#toLive = find(root, '.to-live', HTMLButtonElement);
    this.#stop = find(root, '.stop', HTMLButtonElement);
    this.#links = [...root.querySelectorAll('a')];
    this.#toLive.addEventListener('click', onPress.toLive);
    this.#stop.addEventListener('click', onPress.stop);
    find(root, '.md', HTMLAnchorElement).href = exportAddress(id, 'md');
    find(root, '.json', HTMLAnchorElement).href = exportAddress(id, 'json');
  }

  /**
   * @param {Debate} debate as the reader sees it
   * @param {Debate} received all of it
   * @param {Outlook} outlook
   */
  show(debate, received, { link, isStopping, isBehind }) {
    const isRunning = received.seq > 0 && !received.reason;
    this.#root.dataset.live = String(!debate.reason);
    say(this.#standing, (isRunning && LINKS[link]) || standing(debate));
    say(this.#stop, isStopping ? 'Stopping …' : 'Stop generating');
    this.#stop.hidden = !isRunning;
    this.#toLive.hidden = !isBehind || !!debate.reason;
    if (received.topic) {
      find(this.#root, '.again', HTMLAnchorElement).href = `/?topic=${encodeURIComponent(received.topic)}`;
    }
    for (const link of this.#links) link.hidden = !received.reason;
  }

  /** @param {string} text what went wrong, and what to do about it */
  complain(text) {
    say(this.#problem, text);
  }
}
