/**
 * The message box: what a person in the audience says to the agents.
 *
 * Knows one message at a time, from typing to sent. What was not sent stays in the box, and is sent under the same key,
 * so that it is said once, however often it is tried. Does not show what was said: that comes back as an event.
 */

import { find, make, say, style } from './dom.js';
import { newKey, wordsOf } from './net.js';
import { sendMessage } from './net-more.js';

/** @import {Agent} from './types.js' */

/**
 * Opens the box in the bar, or closes it.
 *
 * @param {HTMLElement} bar
 * @param {string} id the debate's
 * @param {readonly Agent[]} agents
 */
export function toggle(bar, id, agents) {
  const known = bar.querySelector('form');
  const form = known ?? makeForm(id, agents);
  if (known) known.hidden = !known.hidden;
  else bar.prepend(form);
  find(bar, '.join', HTMLElement).ariaExpanded = String(!form.hidden);
  if (!form.hidden) find(form, 'textarea', HTMLTextAreaElement).focus();
}

/**
 * @param {string} id
 * @param {readonly Agent[]} agents
 */
function makeForm(id, agents) {
  style('asked');
  const form = make('form', 'compose');
  const words = make('textarea');
  words.rows = 2;
  words.dir = 'auto';
  words.required = true;
  words.placeholder = 'A question, an objection: who speaks next hears it';
  words.ariaLabel = 'What you say';
  const to = make('select');
  to.ariaLabel = 'To';
  to.append(new Option('To all', ''), ...agents.map(({ name }) => new Option(`To ${name}`, name)));
  const problem = make('p', 'problem');
  problem.role = 'alert';
  const button = make('button', '', 'Send');
  form.append(problem, words, to, button);
  let key = newKey();
  let isSending = false;

  async function send() {
    if (isSending) return;
    isSending = true;
    say(button, 'Sending …');
    say(problem, '');
    const content = words.value;
    try {
      await sendMessage(id, { content: content.trim(), to: to.value || null }, key);
      key = newKey();
      if (words.value === content) words.value = '';
      const announcer = find(document, '#announcer', HTMLElement);
      say(announcer, '');
      setTimeout(() => say(announcer, 'Sent'));
    } catch (error) {
      say(problem, wordsOf(error));
    } finally {
      isSending = false;
      say(button, 'Send');
    }
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send();
  });
  // Other words are another message.
  form.addEventListener('input', () => (key = newKey()));
  words.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.isComposing) form.requestSubmit();
  });
  return form;
}
