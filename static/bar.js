/**
 * The bar under the paper: what is going on, and what the reader can do about it.
 *
 * Knows which control belongs to which state. Does not know how a control does what it says: it only passes on that
 * it was pressed.
 */

import { find, say } from './dom.js';
import { isDecision } from './events.js';
import { standing } from './wording.js';

/** @import {Debate, Outlook} from './types.js' */

export class Bar {
  #root;
  #standing;
  #problem;
  #speed;

  /** @type {Record<string, HTMLButtonElement>} */
  #buttons;

  /**
   * @param {HTMLElement} root
   * @param {Record<'toLive' | 'pause' | 'join' | 'hold' | 'stop', () => void>} onPress
   * @param {number} speed
   * @param {(speed: number) => void} onSpeed
   */
  constructor(root, onPress, speed, onSpeed) {
    this.#root = root;
    this.#standing = find(root, '.standing', HTMLElement);
    this.#problem = find(root, '.problem', HTMLElement);
    const buttons = Object.entries(onPress).map(([name, press]) => {
      const button = find(root, `.${name}`, HTMLButtonElement);
      button.addEventListener('click', press);
      return [name, button];
    });
    this.#buttons = Object.fromEntries(buttons);
    this.#speed = find(root, '.speed', HTMLSelectElement);
    this.#speed.value = String(speed);
    this.#speed.addEventListener('change', () => onSpeed(Number(this.#speed.value)));
  }

  /**
   * @param {Debate} debate as the reader sees it
   * @param {Debate} received all of it
   * @param {Outlook} outlook
   */
  show(debate, received, outlook) {
    const { toLive, pause, join, hold, stop } = this.#buttons;
    const isRead = !!debate.reason;
    const isRunning = received.seq > 0 && !received.reason && outlook.link !== 'refused';
    this.#root.dataset.live = String(!isRead && outlook.link !== 'refused');
    say(this.#standing, standing(debate, outlook));
    say(pause, outlook.isPaused ? 'Go on reading' : 'Pause reading');
    pause.hidden = this.#speed.hidden = isRead || outlook.isStill || !received.seq;
    say(toLive, received.reason ? 'Skip to the end' : 'Skip to live');
    toLive.hidden = isRead || !outlook.isBehind;
    say(stop, outlook.isStopping ? 'Stopping …' : 'Stop generating');
    say(hold, received.isHeld ? 'Resume generating' : outlook.isHolding ? 'Holding …' : 'Hold generating');
    hold.hidden = stop.hidden = !isRunning;
    const last = received.turns.at(-1);
    // Nobody would hear it.
    join.hidden = !isRunning || (last !== undefined && isDecision(received, last));
  }

  /** @param {string} text what went wrong, and what to do about it */
  complain(text) {
    say(this.#problem, text);
  }
}
