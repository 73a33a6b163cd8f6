/**
 * The list of keys, in a dialog, and the switch for those that are a single letter: they get in the way of some.
 */

import { closeForm, showDialog } from './dialog.js';
import { make } from './dom.js';
import { recall, remember } from './memory.js';

const KEYS = [
  ['Ctrl or ⌘ + Enter', 'Start the debate, send what you say'],
  ['Esc', 'Stop generating'],
  ['Space', 'Pause reading, go on reading'],
  ['J', 'Next speech'],
  ['K', 'Previous speech'],
  ['?', 'This list'],
];

export function showList() {
  const keys = KEYS.flatMap(([key, does]) => [make('dt', '', make('kbd', '', key)), make('dd', '', does)]);
  showDialog('Keys', make('h2', '', 'Keys'), make('dl', '', ...keys), letterSwitch(), closeForm());
}

function letterSwitch() {
  const box = make('input');
  box.type = 'checkbox';
  box.checked = recall('keys') !== 'off';
  box.addEventListener('change', () => remember('keys', box.checked ? '' : 'off'));
  return make('label', 'switch', box, 'Space, J, K and ? are keys of this page');
}
