/**
 * The bar under the paper: what is going on, and what the reader can do about it.
 *
 * Knows which control belongs to which state. Does not know how a control does what it says: it only passes on that
 * it was pressed.
 */

import { find, say } from './dom.js';
import { exportAddress } from './net.js';
import { standing } from './wording.js';

/** @import {Debate, Outlook} from './types.js' */

export class Bar {
  #root;
  #standing;
  #problem;
  #toLive;
  #pause;
  #speed;
  #join;
  #stop;

  /** @type {NodeListOf<HTMLElement>} what there is to do when all has been read */
  #atEnd;

  /**
   * @param {HTMLElement} root
   * @param {string} id the debate's
   * @param {Record<'toLive' | 'pause' | 'join' | 'stop' | 'replay' | 'again' | 'keys', () => void>} onPress by the
   *   class of the button, `toLive` for `to-live`
   * @param {(speed: number) => void} onSpeed
   */
  constructor(root, id, onPress, onSpeed) {
    this.#root = root;
    this.#standing = find(root, '.standing', HTMLElement);
    this.#problem = find(root, '.problem', HTMLElement);
    this.#toLive = find(root, '.to-live', HTMLButtonElement);
    this.#pause = find(root, '.pause', HTMLButtonElement);
    this.#speed = find(root, '.speed', HTMLSelectElement);
    this.#join = find(root, '.join', HTMLButtonElement);
    this.#stop = find(root, '.stop', HTMLButtonElement);
    this.#atEnd = root.querySelectorAll('.at-end');
    this.#toLive.addEventListener('click', onPress.toLive);
    for (const name of /** @type {const} */ (['pause', 'join', 'stop', 'replay', 'again', 'keys'])) {
      find(root, `.${name}`, HTMLButtonElement).addEventListener('click', onPress[name]);
    }
    this.#speed.addEventListener('change', () => onSpeed(Number(this.#speed.value)));
    for (const form of /** @type {const} */ (['md', 'json', 'html'])) {
      find(root, `[data-form=${form}]`, HTMLAnchorElement).href = exportAddress(id, form);
    }
  }

  /** @param {number} speed */
  set speed(speed) {
    this.#speed.value = String(speed);
  }

  /**
   * @param {Debate} debate as the reader sees it
   * @param {Debate} received all of it
   * @param {Outlook} outlook
   */
  show(debate, received, outlook) {
    const { isStopping, isBehind, isPaused, isReplay, isStill } = outlook;
    const isRunning = received.seq > 0 && !received.reason;
    const isRead = !!debate.reason;
    this.#root.dataset.live = String(!isRead);
    say(this.#standing, standing(debate, outlook));
    say(this.#pause, isPaused ? 'Go on reading' : 'Pause reading');
    this.#pause.hidden = this.#speed.hidden = isRead || isStill || received.seq === 0;
    say(this.#toLive, received.reason ? 'Skip to the end' : 'Skip to live');
    this.#toLive.hidden = isRead || !(isBehind || isReplay);
    say(this.#stop, isStopping ? 'Stopping …' : 'Stop generating');
    this.#stop.hidden = this.#join.hidden = !isRunning;
    for (const control of this.#atEnd) control.hidden = !isRead || (isStill && control.matches('.replay'));
  }

  /** @param {string} text what went wrong, and what to do about it */
  complain(text) {
    say(this.#problem, text);
  }
}
