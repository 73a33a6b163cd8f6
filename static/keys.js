/**
 * The keys of a debate's view.
 *
 * Knows when a press is not for the page: while somebody types or composes, with modifiers, in a dialog, and Space on
 * what it presses. Single letters can be turned off, in the list of keys. Loaded once there is something to read.
 */

import { button } from './dom.js';
import { recall } from './memory.js';

/** @import {Viewer} from './viewer.js' */

/** Pixels of air above a speech that is stepped to, and how far off it still counts as being there. */
const HEADROOM = 16;
const SLACK = 4;

const showList = async () => (await import('./keylist.js')).showList();

/** @type {Record<string, (viewer: Viewer) => unknown>} false: there was nothing to do */
const KEYS = {
  Escape: (viewer) => viewer.stop(),
  ' ': (viewer) => viewer.togglePause(),
  j: (viewer) => step(viewer, 1),
  k: (viewer) => step(viewer, -1),
  '?': showList,
};

/**
 * Listens until the viewer is left.
 *
 * @param {Viewer} viewer
 * @param {AbortSignal} signal
 */
export function listen(viewer, signal) {
  viewer.element.querySelector('.controls')?.append(button('Keys', showList, 'keys'));
  document.addEventListener('keydown', (event) => {
    const act = isForPage(event) ? KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key] : undefined;
    if (act && act(viewer) !== false) event.preventDefault();
  }, { signal });
}

/** @param {KeyboardEvent} event */
function isForPage({ key, target, isComposing, ctrlKey, altKey, metaKey }) {
  if (isComposing || ctrlKey || altKey || metaKey || !(target instanceof Element)) return false;
  if (target.closest('input, textarea, select, dialog')) return false;
  return key === 'Escape' || (recall('keys') !== 'off' && !(key === ' ' && target.closest('button, a, summary')));
}

/**
 * To the next speech or back to the one before, and beyond the last to the end. Moves no focus.
 *
 * @param {Viewer} viewer
 * @param {1 | -1} direction
 */
function step(viewer, direction) {
  const articles = [...viewer.element.querySelectorAll('.turn article')];
  const tops = articles.map((article) => article.getBoundingClientRect().top - HEADROOM);
  const next = direction > 0 ? tops.find((top) => top > SLACK) : tops.findLast((top) => top < -SLACK);
  window.scrollBy({ top: next ?? direction * document.documentElement.scrollHeight, behavior: 'instant' });
}
