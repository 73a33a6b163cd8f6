/**
 * The page's keys: what a press asks for.
 *
 * Knows when a press is not for the page: while somebody types or composes, with modifiers, in a dialog, and Space or
 * Enter on what they press. Does not know what is done then. Single letters can be turned off, in the list of keys.
 */

import { recall } from './memory.js';

/** @type {Record<string, string>} */
const ACTIONS = { Escape: 'stop', ' ': 'pause', j: 'next', k: 'previous', '?': 'list' };

/**
 * @param {KeyboardEvent} event
 * @returns {string} '' for nothing
 */
export function actionOf(event) {
  const { key, target } = event;
  const action = ACTIONS[key.length === 1 ? key.toLowerCase() : key] ?? '';
  if (!action || event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return '';
  if (!(target instanceof Element) || target.closest('input, textarea, select, dialog, [contenteditable]')) return '';
  if (action === 'pause' && target.closest('button, a, summary')) return '';
  return action === 'stop' || recall('keys') !== 'off' ? action : '';
}

export async function showKeys() {
  const { showList } = await import('./keylist.js');
  showList();
}
