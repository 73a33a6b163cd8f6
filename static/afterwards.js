/**
 * What there is to do with a debate that is over and read: replay it, keep it, run it again.
 *
 * Loaded when there is one.
 */

import { make } from './dom.js';
import { exportAddress, newKey, startDebate } from './net.js';

/** Milliseconds after which a press is meant for what is there now. */
const SETTLED = 600;

/** @import {Viewer} from './viewer.js' */

/**
 * @param {HTMLElement} root where the controls go
 * @param {Viewer} viewer
 */
export function offer(root, viewer) {
  const { id } = viewer.received;
  const replay = button('Replay', () => viewer.replay());
  replay.title = 'Shows each speech over the time it took';
  replay.className = 'replay';
  const all = button('Copy all', () => {});
  all.dataset.copy = 'debate';
  const exports = /** @type {const} */ ([['md', 'Markdown'], ['json', 'JSON'], ['html', 'HTML']]).map(([form, name]) => {
    const link = make('a', '', name);
    link.href = exportAddress(id, form);
    link.download = '';
    return link;
  });
  const home = make('a', 'primary', 'New debate');
  home.href = '/';
  const key = newKey();
  const again = button('Run again', () => startAgain(viewer, key));
  again.className = 'again';
  root.prepend(replay, all, ...exports, again, home);
  // They come where others were: a second press on one of those is not meant for them.
  root.style.pointerEvents = 'none';
  setTimeout(() => root.style.removeProperty('pointer-events'), SETTLED);
}

/**
 * @param {string} text
 * @param {() => unknown} onPress
 */
function button(text, onPress) {
  const made = make('button', '', text);
  made.type = 'button';
  made.addEventListener('click', onPress);
  return made;
}

/**
 * Starts the same debate once more, and goes there. One that is pressed again starts nothing else.
 *
 * @param {Viewer} viewer
 * @param {string} key
 */
async function startAgain(viewer, key) {
  const { topic, format, rounds, agents } = viewer.received;
  try {
    const seats = agents.map(({ name, model }) => ({ name, model }));
    const { id } = await startDebate({ topic, format, rounds, agents: seats }, key);
    viewer.onStarted(id);
  } catch (problem) {
    viewer.complain(problem);
  }
}
