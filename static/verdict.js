/**
 * The verdict: a ruled box with the decision, each side's best point, and how sure the judges are.
 *
 * Knows one verdict and the ballots it rests on. Loaded when a debate has one.
 */

import { make, style } from './dom.js';
import { isolated } from './wording.js';

/** @import {Ballot, Debate, Verdict} from './types.js' */

/**
 * @param {HTMLElement} root empty
 * @param {Debate} debate with a verdict
 */
export function showVerdict(root, { verdict, ballots }) {
  if (!verdict) return;
  style('verdict');
  const title = make('h2', '', 'The verdict');
  title.id = 'verdict-title';
  root.append(title, words('decision-line', decision(verdict)));
  if (verdict.summary) root.append(words('', verdict.summary));
  const best = Object.entries(verdict.best);
  if (best.length) root.append(bestPoints(best));
  root.append(make('p', 'sure', certainty(verdict)));
  const counted = ballots.filter(({ seq }) => verdict.ballots.includes(seq));
  if (counted.length) root.append(ballotList(counted));
  root.hidden = false;
}

/**
 * @param {string} className
 * @param {string} text
 */
function words(className, text) {
  const paragraph = make('p', className, text);
  paragraph.dir = 'auto';
  return paragraph;
}

/** @param {string | null} winner */
const named = (winner) => (winner === 'tie' ? 'A tie' : winner === null ? 'No decision' : isolated(winner));

/** @param {Verdict} verdict */
const decision = ({ answer, winner }) => {
  const who = winner === null || winner === 'tie' ? named(winner) : `${named(winner)} made the better case`;
  return answer ? `${answer} — ${who}` : who;
};

/** @param {Verdict} verdict */
function certainty({ confidence, consistent }) {
  const sure = `How sure: ${confidence === null ? '—' : `${Math.round(confidence * 100)}%`}`;
  return consistent ? sure : `${sure}. The judges decided otherwise when the sides were swapped.`;
}

/** @param {[string, string][]} best */
function bestPoints(best) {
  const list = make('dl', '', '');
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
  const list = make('ul', '', '');
  for (const { judge, winner, reason } of ballots) {
    const vote = winner === null ? 'unreadable' : named(winner);
    const item = make('li', '', `${isolated(judge)}: ${vote}. ${reason}`);
    item.dir = 'auto';
    list.append(item);
  }
  const details = make('details', '', '');
  details.append(make('summary', '', ballots.length === 1 ? 'The ballot' : `The ${ballots.length} ballots`), list);
  return details;
}
