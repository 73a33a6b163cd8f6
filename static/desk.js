/**
 * What a reader has at hand while there is something to read: the keys, and what stands at a speech.
 */

import { find, say } from './dom.js';
import { listen } from './keys.js';
import { stopDebate } from './net.js';

/** @import {Viewer} from './viewer.js' */

/**
 * @param {Viewer} viewer
 * @param {AbortSignal} signal the viewer is left
 */
export function equip(viewer, signal) {
  listen(viewer, signal);
  viewer.element.addEventListener('click', async (event) => {
    const control = event.target instanceof Element ? event.target.closest('[data-copy], [data-stop]') : null;
    if (!(control instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (control.dataset.stop) return stopOne(viewer, control);
    const { copy } = await import('./copy.js');
    copy(control, viewer.received, find(document, '#announcer', HTMLElement));
  });
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
