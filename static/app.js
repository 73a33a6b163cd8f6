/**
 * The page: which view an address shows.
 *
 * `/` is the start, `/?topic=…` the start with the box filled in, `/?sample` the sample, `/d/ID` a debate. Knows the
 * views by what they have in common (an element, and a way to leave them) and nothing of what they do.
 */

import { find } from './dom.js';
import { findDebate, Problem } from './net.js';
import { Start } from './start.js';
import { Viewer } from './viewer.js';

const place = find(document, '#view', HTMLElement);

/** @typedef {{element: HTMLElement, leave: () => void}} View */

/** @type {View | null} */
let view = null;

/** The address that is shown, without its fragment. */
let shownPath = '';

/** @param {Element} element */
function put(element) {
  place.replaceChildren(element);
  window.scrollTo({ top: 0, behavior: 'instant' });
}

function showStart() {
  const start = new Start(new URLSearchParams(location.search), goTo);
  view = start;
  put(start.element);
  start.focus();
}

/**
 * To a debate that was just started.
 *
 * @param {string} id
 */
function goTo(id) {
  history.pushState(null, '', `/d/${encodeURIComponent(id)}`);
  leave();
  showDebate(id, 0);
}

/**
 * @param {string} id
 * @param {number} caughtUpAt
 */
function showDebate(id, caughtUpAt) {
  const viewer = new Viewer(id, caughtUpAt, { onStarted: goTo });
  view = viewer;
  put(viewer.element);
}

/**
 * A debate that was there before its reader: what it holds by now is shown at once, only the rest is typed.
 *
 * @param {string} id
 */
async function openDebate(id) {
  const address = location.href;
  const found = await findDebate(id).catch((problem) => problem);
  if (location.href !== address) return;
  if (found instanceof Problem && found.status === 404) return showPart(import('./missing.js'));
  showDebate(id, found.status === 'done' ? Infinity : found.seq ?? 0);
}

/**
 * A view that is loaded when it is asked for.
 *
 * @param {Promise<{open: () => Promise<View>}>} part
 */
async function showPart(part) {
  const address = location.href;
  const shown = await (await part).open();
  if (location.href !== address) return shown.leave();
  view = shown;
  put(shown.element);
}

/** Leaves the view, and takes note of the address that the next one is for. */
function leave() {
  view?.leave();
  view = null;
  shownPath = location.pathname + location.search;
  document.title = 'debate-server';
}

/** Shows what the address asks for. One that differs only in its fragment is on the page already. */
function route() {
  if (shownPath === location.pathname + location.search) return;
  leave();
  const id = /^\/d\/([^/]+)\/?$/.exec(location.pathname)?.[1];
  if (id !== undefined) openDebate(decodeURIComponent(id));
  else if (location.search === '?sample') showPart(import('./sample.js'));
  else showStart();
}

window.addEventListener('popstate', route);
route();
