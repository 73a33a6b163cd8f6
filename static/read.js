/**
 * What a reader has at hand once there is something to read: copying, forking, a sheet for print, and the debates that
 * this one comes from or goes on in.
 */

import { copyText } from './clipboard.js';
import { closeForm, showDialog } from './dialog.js';
import { find, make, say, style } from './dom.js';

/** @import {Debate} from './types.js' */
/** @import {Viewer} from './viewer.js' */

/** Milliseconds for which a control says that it was done. */
const SHOWN = 2000;

/** @param {Viewer} viewer */
export function furnish(viewer) {
  style('read');
  viewer.element.addEventListener('click', async (event) => {
    const control = event.target instanceof Element ? event.target.closest('[data-copy], [data-fork]') : null;
    if (!(control instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (control.dataset.copy) return copy(control, viewer.received);
    const { openFork } = await import('./fork.js');
    openFork(viewer, Number(control.dataset.turn)).catch((problem) => viewer.complain(problem));
  });
  if (viewer.isOld || viewer.received.parent) import('./family.js').then(({ showFamily }) => showFamily(viewer));
}

/**
 * Copies a speech, its address, or all that was said. Where there is no way to the clipboard, the text is shown, selected,
 * to be copied by hand.
 *
 * @param {HTMLElement} control `data-copy` says what: a `speech`, a `link` to it or the whole `debate`; `data-turn` which
 * @param {Debate} debate
 */
async function copy(control, debate) {
  const text = textOf(debate, control.dataset.copy ?? '', Number(control.dataset.turn));
  if (!(await copyText(text))) return showText(text);
  const name = control.textContent ?? '';
  if (name === 'Copied') return;
  const announcer = find(document, '#announcer', HTMLElement);
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
