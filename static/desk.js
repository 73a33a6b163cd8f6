/**
 * What a reader has at hand once there is something to read: the keys, copying, and a sheet for print.
 */

import { find, style } from './dom.js';
import { listen } from './keys.js';

/** @import {Viewer} from './viewer.js' */

/**
 * @param {Viewer} viewer
 * @param {AbortSignal} signal the viewer is left
 */
export function equip(viewer, signal) {
  style('read');
  style('print');
  listen(viewer, signal);
  viewer.element.addEventListener('click', async (event) => {
    const control = event.target instanceof Element ? event.target.closest('[data-copy]') : null;
    if (!(control instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { copy } = await import('./copy.js');
    copy(control, viewer.received, find(document, '#announcer', HTMLElement));
  });
}
