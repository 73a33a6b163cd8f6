/**
 * The page: which view an address shows.
 *
 * `/` is the start, `/?topic=…` the start with the box filled in, `/?sample` the sample, `/d/ID` a debate, `/runs` the
 * runs and `/runs/ID` one of them. Knows the views by what they have in common (an element, and a way to leave them) and nothing of what they do.
 */

import { find, style } from './dom.js';
import { newsOf, Problem } from './net.js';
import { Start } from './start.js';

/** @import {Past} from './types.js' */

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
  setTimeout(prepare);
}

/**
 * To a debate that was just started.
 *
 * @param {string} id
 */
function goTo(id) {
  history.pushState(null, '', `/d/${encodeURIComponent(id)}`);
  leave();
  showDebate(id);
}

/** Has all parts of a debate's view loaded in one go: each would ask for the next one when it is there. */
function prepare() {
  style('paper');
  document.head.append(find(document, '#debate-parts', HTMLTemplateElement).content);
}

/**
 * @param {string} id
 * @param {Past} [past]
 */
async function showDebate(id, past) {
  const path = shownPath;
  prepare();
  const [{ Viewer }] = await Promise.all([import('./viewer.js'), style('paper')]);
  if (shownPath !== path || view) return;
  const viewer = new Viewer(id, { past, onStarted: goTo });
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
  prepare();
  try {
    const id = decodeURIComponent(name);
    const past = await newsOf(id, 0).catch(unlessMissing);
    if (shownPath === path) showDebate(id, past);
  } catch (problem) {
    if (!(problem instanceof Problem || problem instanceof URIError)) throw problem;
    if (shownPath === path && !view) showPart(import('./missing.js'));
  }
}

/**
 * What cannot be had just now may be had by following it, which says why.
 *
 * @param {unknown} problem
 */
function unlessMissing(problem) {
  if (!(problem instanceof Problem) || problem.isMissing) throw problem;
  return undefined;
}

/**
 * A view that is loaded when it is asked for.
 *
 * @param {Promise<{open: (name?: string) => Promise<View>}>} part
 * @param {string} [name] what it is to show, as it stands in the address
 */
async function showPart(part, name) {
  const path = shownPath;
  const shown = await (await part).open(name);
  if (shownPath !== path || view) return shown.leave();
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
  const [, place, id] = /^\/(d|runs)(?:\/([^/]+))?\/?$/.exec(location.pathname) ?? [];
  if (place === 'runs') showPart(import('./runs.js'), id);
  else if (id !== undefined) openDebate(id);
  else if (location.search === '?sample') showPart(import('./sample.js'));
  else showStart();
}

window.addEventListener('popstate', route);
route();
