/**
 * What a reader has at hand while a debate goes on: the keys, and an end for one speech of several.
 */

import { say } from './dom.js';
import { listen } from './keys.js';
import { stopDebate } from './net.js';

/** @import {Viewer} from './viewer.js' */

/**
 * @param {Viewer} viewer
 * @param {AbortSignal} signal the viewer is left
 */
export function equip(viewer, signal) {
  listen(viewer, signal);
  viewer.element.addEventListener('click', ({ target }) => {
    const control = target instanceof Element ? target.closest('[data-stop]') : null;
    if (control instanceof HTMLElement) stopOne(viewer, control);
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
