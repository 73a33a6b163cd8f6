/**
 * The page: which view an address shows, and the keys that work everywhere on it.
 *
 * `/` is the start, `/?topic=…` the start with the box filled in, `/d/ID` a debate. Knows the views by what they have in
 * common (an element, and a way to leave them) and nothing of what they do.
 */

import { copyOf, find } from './dom.js';
import { newsOf, Problem } from './net.js';
import { Start } from './start.js';
import { Viewer } from './viewer.js';

/** @import {Past} from './types.js' */

/** The answers of a server that has no such debate, or cannot have one by that name. */
const MISSING = [400, 404, 410, 422];

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
  const start = new Start(topic, (id) => {
    history.pushState(null, '', `/d/${encodeURIComponent(id)}`);
    leave();
    showDebate(id);
  });
  view = start;
  put(start.element);
  start.focus();
}

/**
 * @param {string} id
 * @param {Past} [past]
 */
function showDebate(id, past) {
  const viewer = new Viewer(id, past);
  view = viewer;
  put(viewer.element);
}

/**
 * A debate that was there before its reader: what it holds by now is shown at once, only the rest is typed.
 *
 * @param {string} name its id, as it stands in the address
 */
async function openDebate(name) {
  const path = shownPath;
  try {
    const id = decodeURIComponent(name);
    const past = await newsOf(id, 0).catch(unlessMissing);
    if (shownPath === path && !view) showDebate(id, past);
  } catch (problem) {
    if (!(problem instanceof Problem || problem instanceof URIError)) throw problem;
    if (shownPath === path && !view) showMissing();
  }
}

/**
 * What cannot be had just now may be had by following it, which says why.
 *
 * @param {unknown} problem
 */
function unlessMissing(problem) {
  if (!(problem instanceof Problem) || MISSING.includes(problem.status)) throw problem;
  return undefined;
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
  else openDebate(id);
}

document.addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof Element && event.target.closest('input, textarea, select') !== null;
  if (event.key !== 'Escape' || event.isComposing || isTyping) return;
  if (view instanceof Viewer) view.stop();
});
window.addEventListener('popstate', route);
route();
