/**
 * The form of a fork: a new debate that begins with what was said before a turn, or with all of it, and may go on with
 * another topic, other models and personas, and more rounds.
 *
 * Asks for what was changed only. Loaded when somebody wants to fork.
 */

import { showDialog } from './dialog.js';
import { button, make, say, style } from './dom.js';
import { models, newKey, wordsOf } from './net.js';
import { forkDebate } from './net-more.js';
import { field, MOST_ROUNDS, seat } from './options.js';

/** @import {Models} from './types.js' */
/** @import {Viewer} from './viewer.js' */

/**
 * @param {Viewer} viewer
 * @param {number} turn it is spoken anew; 0: the debate goes on after its end
 * @throws {Problem}
 */
export async function openFork(viewer, turn) {
  const [found] = await Promise.all([models(), style('asked')]);
  const { id, topic, rounds, agents } = viewer.received;
  const words = make('textarea', '', topic);
  words.dir = 'auto';
  const number = make('select');
  for (let count = 1; count <= MOST_ROUNDS; count += 1) number.add(new Option(String(count)));
  number.value = String(turn ? rounds : 1);
  const seats = agents.map(({ name, model }) => seatOf(name, model, found));
  const title = make('h2', '', turn ? `Fork before turn ${turn}` : 'Go on');
  const problem = make('p', 'problem');
  problem.role = 'alert';
  const form = make('form', 'choices');
  form.append(
    title,
    make('p', 'hint', 'A new debate that begins with what was said up to there. What you leave as it is stays.'),
    field('Topic', words),
    field(turn ? 'Rounds' : 'Rounds more', number),
    ...seats.flatMap(({ fields }) => fields),
    problem,
    make('button', 'primary', turn ? 'Fork' : 'Go on'),
    button('Cancel', () => dialog.close()),
  );
  let key = newKey();
  // Another wish is another fork.
  form.addEventListener('input', () => (key = newKey()));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const wanted = {
      turn: turn || undefined,
      topic: words.value.trim() === topic ? undefined : words.value.trim(),
      rounds: turn && Number(number.value) === rounds ? undefined : Number(number.value),
      agents: seats.map(({ change }) => change()).filter(({ model, persona }) => model || persona),
    };
    try {
      const { id: fork } = await forkDebate(id, wanted, key);
      dialog.close();
      viewer.onStarted(fork);
    } catch (error) {
      say(problem, wordsOf(error));
    }
  });
  const dialog = showDialog(title.textContent ?? '', form);
}

/**
 * @param {string} name an agent's
 * @param {string} model that it has
 * @param {Models} found
 */
function seatOf(name, model, found) {
  const select = seat(name, found, '');
  select.options[0].text = `As it was (${model})`;
  const persona = make('textarea');
  persona.placeholder = 'As it was';
  const fields = [field(`Model of ${name}`, select), field(`Persona of ${name}`, persona)];
  const change = () => ({ name, model: select.value || undefined, persona: persona.value.trim() || undefined });
  return { fields, change };
}
