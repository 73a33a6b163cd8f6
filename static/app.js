/**
 * The page: which view an address shows.
 *
 * `/` is the start, `/?topic=…` the start with the box filled in, `/d/ID` a debate. Knows the views by what they have in
 * common (an element, and a way to leave them) and nothing of what they do.
 */

import { copyOf, find } from './dom.js';
import { findDebate, Problem } from './net.js';
import { Start } from './start.js';
import { Viewer } from './viewer.js';

const place = find(document, '#view', HTMLElement);

/** @type {Start | Viewer | null} */
let view = null;

/** The address that is shown, without its fragment. */
let shownPath = '';

/** @param {Element} element */
function put(element) {
  place.replaceChildren(element);
  window.scrollTo({ top: 0, behavior: 'instant' });
}

function showStart() {
  const topic = new URLSearchParams(location.search).get('topic') ?? '';
  const start = new Start(topic, goTo);
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
  const viewer = new Viewer(id, caughtUpAt, goTo);
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
  if (found instanceof Problem && found.status === 404) return showMissing();
  showDebate(id, found.status === 'done' ? Infinity : found.seq ?? 0);
}

function showMissing() {
  document.title = 'No such debate — debate-server';
  put(copyOf('missing-view'));
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
  if (id === undefined) showStart();
  else openDebate(decodeURIComponent(id));
}

window.addEventListener('popstate', route);
route();
