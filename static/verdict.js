/**
 * The verdict: a ruled box with the decision, each side's best point, how sure the judges are, and every ballot. And a
 * vote, where one is held: a table of who voted for whom, which fills as the ballots come.
 *
 * Knows one verdict and the ballots it rests on. Loaded when a debate has one or a ballot.
 */

import { link, make, say, style } from './dom.js';
import { isolated } from './wording.js';

/** @import {Ballot, Debate, Verdict} from './types.js' */

/**
 * @param {HTMLElement} root empty
 * @param {Debate} debate with a verdict
 */
export function showVerdict(root, { verdict, ballots, turns }) {
  if (!verdict) return;
  const { answer, summary, best } = verdict;
  const title = make('h2', '', 'The verdict');
  title.id = 'verdict-title';
  const speech = turns.findLast(({ text }) => answer && text.trim() === answer.trim());
  const counted = ballots.filter(({ seq }) => verdict.ballots.includes(seq));
  if (speech) mark(speech.turn);
  if (speech && verdict.winner === null && !counted.length) return;
  style('lanes');
  const decision = [speech ? '' : answer, winner(verdict, !!answer)].filter(Boolean).join(' — ');
  root.append(title);
  if (decision) root.append(words('decision-line', decision));
  if (speech) root.append(pointer(speech.turn, speech.agent));
  if (summary && !answer?.includes(summary)) root.append(words('', summary));
  if (Object.keys(best).length) root.append(bestPoints(Object.entries(best)));
  root.append(make('p', 'sure', certainty(verdict)));
  if (counted.length) root.append(ballotList(counted));
  root.hidden = false;
}

/**
 * @param {string} className
 * @param {(Node | string)[]} content
 */
function words(className, ...content) {
  const paragraph = make('p', className, ...content);
  paragraph.dir = 'auto';
  return paragraph;
}

/**
 * Frames the speech that is the answer, where it is not framed as the decision.
 *
 * @param {number} turn
 */
function mark(turn) {
  const article = document.getElementById(`t${turn}`);
  const place = article?.parentElement;
  if (!article || !place || place.classList.contains('decision')) return;
  place.classList.add('decision');
  article.firstElementChild?.prepend(make('p', 'decision-title', 'The answer'));
}

/**
 * An answer that is a speech stands there, and not here again.
 *
 * @param {number} turn
 * @param {string} agent
 */
function pointer(turn, agent) {
  return words('', 'The answer is ', link(`what ${isolated(agent)} said last`, `#t${turn}`), '.');
}

/**
 * @param {Verdict} verdict
 * @param {boolean} isAnswered
 */
function winner({ winner }, isAnswered) {
  if (winner === null) return isAnswered ? '' : 'No decision';
  return winner === 'tie' ? named(winner) : `${named(winner)} made the better case`;
}

/** @param {Verdict} verdict */
function certainty({ confidence, consistent }) {
  const sure = `How sure: ${percent(confidence)}`;
  return consistent ? sure : `${sure}. The judges decided otherwise when the sides were swapped.`;
}

/** @param {number | null} share */
const percent = (share) => (share === null ? '—' : `${Math.round(share * 100)}%`);

/** @param {[string, string][]} best */
function bestPoints(best) {
  const list = make('dl');
  for (const [agent, point] of best) {
    const name = make('dt', '', `Best point of ${isolated(agent)}`);
    const text = make('dd', '', point);
    text.dir = 'auto';
    list.append(name, text);
  }
  return list;
}

/** @param {Ballot[]} ballots */
function ballotList(ballots) {
  const summary = make('summary', '', ballots.length === 1 ? 'The ballot' : `The ${ballots.length} ballots`);
  return make('details', '', summary, make('ul', '', ...ballots.map(ballotItem)));
}

/** @param {Ballot} ballot */
function ballotItem(ballot) {
  const { judge, model, title, order, margin, reason, quotes } = ballot;
  const sure = margin === null ? '' : `, by ${percent(margin)}`;
  return make(
    'li', '',
    words('', `${isolated(judge)}: ${choiceOf(ballot)}${sure}${reason && `. ${reason}`}`),
    words('hint', [title, isolated(model), `shown ${order.map(isolated).join(', ')}`].join(' · ')),
    ...quotes.map(quoted),
  );
}

/** @param {Ballot['quotes'][number]} quote */
function quoted({ text, turn }) {
  const said = `“${text}”`;
  return turn === null ? words('quote', make('s', '', said), ' not found') : words('quote', link(said, `#t${turn}`));
}

/** @param {string} winner an agent or 'tie' */
const named = (winner) => (winner === 'tie' ? 'A tie' : isolated(winner));

/** @param {Ballot} ballot */
const choiceOf = ({ winner, ranking, problem }) =>
  winner === null ? `No vote. ${problem ?? ''}` : ranking?.map(isolated).join(' › ') ?? named(winner);

/**
 * Voters are asked in one order and in the other, so that they have two ballots.
 *
 * @param {HTMLElement} card in its place, which may hold what was known before
 * @param {Debate} debate
 * @param {Ballot[]} ballots at least one
 * @param {boolean} isOpen whether more are awaited
 */
export function showVote(card, { agents }, ballots, isOpen) {
  // So that a column is an order.
  ballots = ballots.toSorted((one, other) => (one.order < other.order ? -1 : 1));
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
