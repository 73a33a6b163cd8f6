/**
 * A dialog: it is made anew each time that it is asked for, and gone when it is closed.
 */

import { make, style } from './dom.js';

/**
 * @param {string} title
 * @param {Node[]} content
 */
export function showDialog(title, ...content) {
  style('asked');
  const dialog = make('dialog', 'asked', ...content);
  dialog.ariaLabel = title;
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** What closes it. */
export function closeForm() {
  const form = make('form', '', make('button', 'primary', 'Close'));
  form.method = 'dialog';
  return form;
}
