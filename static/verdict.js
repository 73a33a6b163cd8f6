/**
 * The verdict: a ruled box with the decision, each side's best point, how sure the judges are, and every ballot.
 *
 * Knows one verdict and the ballots it rests on. Loaded when a debate has one.
 */

import { link, make, style } from './dom.js';
import { choiceOf, named } from './votes.js';
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
