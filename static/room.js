/**
 * How much room a long topic has left, told while it is typed.
 */

import { find, say } from './dom.js';

/** Characters that a topic may have, unless the server was told otherwise: it has the last word. */
const MOST = 2000;

/** Characters left from which on they are counted. */
const NEAR = 200;

/** @param {HTMLTextAreaElement} topic with the line under it */
export function watchRoom(topic) {
  const line = find(document, '#topic-room', HTMLElement);
  const show = () => {
    // Counted as the server counts: an emoji is one.
    const left = MOST - [...topic.value.trim()].length;
    line.classList.toggle('problem', left < 0);
    say(line, left > NEAR ? '' : left < 0 ? `${-left} characters too many` : `${left} characters left`);
  };
  topic.addEventListener('input', show);
  show();
}
