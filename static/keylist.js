/**
 * The list of keys, in a dialog, and the switch for those that are a single letter: they get in the way of some.
 */

import { make, style } from './dom.js';
import { recall, remember } from './memory.js';

const KEYS = [
  ['Ctrl or ⌘ + Enter', 'Start the debate, send what you say'],
  ['Esc', 'Stop generating'],
  ['Space', 'Pause reading, go on reading'],
  ['J', 'Next speech'],
  ['K', 'Previous speech'],
  ['?', 'This list'],
];

/** @type {HTMLDialogElement | undefined} */
let dialog;

export function showList() {
  dialog ??= makeDialog();
  if (!dialog.isConnected) document.body.append(dialog);
  dialog.showModal();
}

function makeDialog() {
  style('asked');
  const list = make('dl', '', '');
  for (const [key, does] of KEYS) {
    const name = make('dt', '', '');
    name.append(make('kbd', '', key));
    list.append(name, make('dd', '', does));
  }
  const form = make('form', '', '');
  form.method = 'dialog';
  form.append(make('button', 'primary', 'Close'));
  const title = make('h2', '', 'Keys');
  title.id = 'keys-title';
  const made = make('dialog', 'asked', '');
  made.setAttribute('aria-labelledby', title.id);
  made.append(title, list, letterSwitch(), form);
  return made;
}

function letterSwitch() {
  const box = make('input', '', '');
  box.type = 'checkbox';
  box.checked = recall('keys') !== 'off';
  box.addEventListener('change', () => remember('keys', box.checked ? '' : 'off'));
  const label = make('label', 'switch', '');
  label.append(box, 'Space, J, K and ? are keys of this page');
  return label;
}
