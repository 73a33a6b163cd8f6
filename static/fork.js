/**
 * The form of a fork: a new debate that begins with what was said before a turn, and may go on with another topic, other
 * models and personas, and more rounds.
 *
 * Asks for what was changed only. Loaded when somebody wants to fork.
 */

import { MOST_ROUNDS } from './choice.js';
import { make, say, style } from './dom.js';
import { models, newKey, Problem } from './net.js';
import { forkDebate } from './net-more.js';
import { field, seat } from './options.js';

/** @import {Models} from './types.js' */
/** @import {Viewer} from './viewer.js' */

/**
 * @param {Viewer} viewer
 * @param {number} turn it is spoken anew
 * @throws {Problem}
 */
export async function openFork(viewer, turn) {
  const [found] = await Promise.all([models(), style('asked'), style('options')]);
  const { id, topic, rounds, agents } = viewer.received;
  const words = make('textarea', '', topic);
  words.dir = 'auto';
  const number = make('select', '', '');
  for (let count = 1; count <= MOST_ROUNDS; count += 1) number.add(new Option(String(count)));
  number.value = String(rounds);
  const seats = agents.map(({ name, model }) => seatOf(name, model, found));
  const problem = make('p', 'problem', '');
  problem.role = 'alert';
  const submit = make('button', 'primary', 'Fork');
  const cancel = make('button', '', 'Cancel');
  cancel.type = 'button';
  const row = make('div', 'ask-row', '');
  row.append(submit, cancel);
  const form = make('form', 'choices', '');
  form.append(field('Topic', words), field('Rounds', number), ...seats.flatMap(({ fields }) => fields), problem, row);
  const title = make('h2', '', `Fork before turn ${turn}`);
  title.id = 'fork-title';
  const dialog = make('dialog', 'asked', '');
  dialog.setAttribute('aria-labelledby', title.id);
  dialog.append(title, make('p', 'hint', 'A new debate that begins with what was said up to there. What you leave as it is stays.'), form);
  let key = newKey();

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const changes = seats.map(({ change }) => change()).filter((change) => Object.keys(change).length > 1);
    const wanted = {
      turn,
      ...(words.value.trim() !== topic && { topic: words.value.trim() }),
      ...(Number(number.value) !== rounds && { rounds: Number(number.value) }),
      ...(changes.length && { agents: changes }),
    };
    try {
      const { id: fork } = await forkDebate(id, wanted, key);
      dialog.close();
      viewer.onStarted(fork);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      say(problem, error.message);
    }
  });
  // Another wish is another fork.
  form.addEventListener('input', () => (key = newKey()));
  cancel.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * @param {string} name an agent's
 * @param {string} model that it has
 * @param {Models} found
 */
function seatOf(name, model, found) {
  const select = seat(name, found, '');
  select.options[0].text = `As it was (${model})`;
  const persona = make('textarea', '', '');
  persona.rows = 2;
  persona.placeholder = 'As it was';
  const fields = [field(`Model of ${name}`, select), field(`Persona of ${name}`, persona)];
  const change = () => ({
    name,
    ...(select.value && { model: select.value }),
    ...(persona.value.trim() && { persona: persona.value.trim() }),
  });
  return { fields, change };
}
