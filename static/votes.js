/**
 * A vote, where it was held: a table of who voted for whom, which fills as the ballots come.
 *
 * Voters are asked in one order and in the other, so that they have two ballots. Loaded when there is a vote.
 */

import { make, say } from './dom.js';
import { isolated } from './wording.js';

/** @import {Ballot, Debate} from './types.js' */

/** @param {string} winner an agent or 'tie' */
export const named = (winner) => (winner === 'tie' ? 'A tie' : isolated(winner));

/** @param {Ballot} ballot */
export const choiceOf = ({ winner, ranking, problem }) =>
  winner === null ? `No vote. ${problem ?? ''}` : ranking?.map(isolated).join(' › ') ?? named(winner);

/**
 * @param {HTMLElement} card in its place, which may hold what was known before
 * @param {Debate} debate
 * @param {Ballot[]} ballots at least one
 * @param {boolean} isOpen whether more are awaited
 */
export function showVote(card, { agents }, ballots, isOpen) {
  ballots = ballots.toSorted((one, other) => (one.order < other.order ? -1 : 1)); // so that a column is an order
  const table = card.querySelector('table') ?? begin(card, ballots[0]);
  const side = agents.find(({ name }) => name === ballots[0].judge)?.side;
  const voters = isOpen ? agents.filter((agent) => agent.side === side).map(({ name }) => name) : [];
  for (const voter of new Set([...voters, ...ballots.map(({ judge }) => judge)])) {
    const cast = ballots.filter(({ judge }) => judge === voter).map(choiceOf);
    const [, ...cells] = rowOf(table, voter).cells;
    cells.forEach((cell, at) => say(cell, cast[at] ?? (isOpen ? 'awaited' : '—')));
  }
}

/**
 * @param {HTMLElement} card
 * @param {Ballot} ballot
 */
function begin(card, { title }) {
  const table = make('table', '', make('caption', '', title));
  fill(table.createTHead().insertRow(), 'th', ['Voter', 'Vote', 'In the other order']);
  table.createTBody();
  card.append(table);
  return table;
}

/**
 * @param {HTMLTableElement} table
 * @param {string} voter
 */
function rowOf({ tBodies: [body] }, voter) {
  const known = [...body.rows].find(({ cells }) => cells[0].textContent === voter);
  return known ?? fill(body.insertRow(), 'td', [voter, '', '']);
}

/**
 * @param {HTMLTableRowElement} row
 * @param {'td' | 'th'} tag
 * @param {string[]} texts
 */
function fill(row, tag, texts) {
  row.append(...texts.map((text) => make(tag, '', text)));
  for (const cell of row.cells) cell.dir = 'auto';
  return row;
}
