/**
 * What a reader has at hand while a debate goes on: the keys, and an end for one speech of several.
 *
 * Knows when a press is not for the page: while somebody types or composes, with modifiers, in a dialog, and Space on
 * what it presses. Single letters can be turned off, in the list of keys. Loaded once there is something to read.
 */

import { button, say } from './dom.js';
import { recall } from './memory.js';
import { stopDebate } from './net.js';

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
 * @param {Viewer} viewer
 * @param {AbortSignal} signal the viewer is left
 */
export function equip(viewer, signal) {
  viewer.element.querySelector('.controls')?.append(button('Keys', showList, 'keys'));
  document.addEventListener('keydown', (event) => {
    const act = isForPage(event) ? KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key] : undefined;
    if (act && act(viewer) !== false) event.preventDefault();
  }, { signal });
  viewer.element.addEventListener('click', ({ target }) => {
    const control = target instanceof Element ? target.closest('[data-stop]') : null;
    if (control instanceof HTMLElement) stopOne(viewer, control);
  });
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

/**
 * Ends one speech of several; the others go on.
 *
 * @param {Viewer} viewer
 * @param {HTMLElement} control
 */
async function stopOne(viewer, control) {
  const name = control.textContent ?? '';
  say(control, 'Stopping …');
  try {
    await stopDebate(viewer.received.id, Number(control.dataset.stop));
  } catch (problem) {
    viewer.complain(problem);
  }
  say(control, name);
}
