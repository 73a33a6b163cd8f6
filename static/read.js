/**
 * What a reader has at hand once there is something to read: copying, forking, a sheet for print, and the debates that
 * this one comes from or goes on in.
 */

import { find, style } from './dom.js';

/** @import {Viewer} from './viewer.js' */

/** @param {Viewer} viewer */
export function furnish(viewer) {
  style('read');
  style('print');
  viewer.element.addEventListener('click', async (event) => {
    const control = event.target instanceof Element ? event.target.closest('[data-copy], [data-fork]') : null;
    if (!(control instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (control.dataset.copy) {
      const { copy } = await import('./copy.js');
      return copy(control, viewer.received, find(document, '#announcer', HTMLElement));
    }
    const { openFork } = await import('./fork.js');
    openFork(viewer, Number(control.dataset.turn)).catch((problem) => viewer.complain(problem));
  });
  if (viewer.isOld || viewer.received.parent) import('./family.js').then(({ showFamily }) => showFamily(viewer));
}
