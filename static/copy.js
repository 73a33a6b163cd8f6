/**
 * Copies a speech, its address, or all that was said.
 *
 * Where there is no way to the clipboard, the text is shown, selected, to be copied by hand.
 */

import { copyText } from './clipboard.js';
import { closeForm, showDialog } from './dialog.js';
import { make, say } from './dom.js';

/** @import {Debate} from './types.js' */

/** Milliseconds for which a control says that it was done. */
const SHOWN = 2000;

/**
 * @param {HTMLElement} control `data-copy` says what: a `speech`, a `link` to it or the whole `debate`; `data-turn` which
 * @param {Debate} debate
 * @param {HTMLElement} announcer
 */
export async function copy(control, debate, announcer) {
  const text = textOf(debate, control.dataset.copy ?? '', Number(control.dataset.turn));
  if (!(await copyText(text))) return showText(text);
  const name = control.textContent ?? '';
  if (name === 'Copied') return;
  say(control, 'Copied');
  say(announcer, 'Copied');
  setTimeout(() => {
    say(control, name);
    if (announcer.textContent === 'Copied') say(announcer, '');
  }, SHOWN);
}

/**
 * @param {Debate} debate
 * @param {string} what
 * @param {number} number
 */
function textOf(debate, what, number) {
  if (what === 'link') return `${location.origin}/d/${encodeURIComponent(debate.id)}#t${number}`;
  const speeches = debate.turns.filter(({ text }) => text);
  if (what === 'speech') return speeches.find(({ turn }) => turn === number)?.text.trim() ?? '';
  return [debate.topic, ...speeches.map(({ agent, text }) => `${agent}:\n${text.trim()}`)].join('\n\n');
}

/** @param {string} text */
function showText(text) {
  const area = make('textarea', '', text);
  area.readOnly = true;
  area.rows = 8;
  const label = make('label', '', 'This browser lets nobody copy here. The text is selected: copy it yourself.', area);
  showDialog('Text to copy', label, closeForm());
  area.focus();
  area.select();
}
