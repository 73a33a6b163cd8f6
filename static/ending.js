/**
 * How a debate ended, under its last speech: in a line, or with the cause and the next thing to do where it failed.
 *
 * Loaded when it has.
 */

import { find, make, say } from './dom.js';
import { told } from './meter.js';

/** @import {Debate} from './types.js' */

/** @type {Record<string, string>} */
const ENDINGS = {
  completed: 'End of the debate',
  stopped: 'Stopped here',
  budget: 'Stopped here: the budget is spent',
  interrupted: 'Interrupted here: the server was away for too long',
};

/**
 * @param {HTMLElement} root the paper
 * @param {Debate} debate that is over
 */
export function showEnding(root, debate) {
  const { reason, remark, fault, usage } = debate;
  const line = find(root, '.ending', HTMLElement);
  line.hidden = !ENDINGS[reason];
  if (ENDINGS[reason]) say(line, ENDINGS[reason] + (remark && `. ${remark.replace(/\.$/, '')}`));
  if (fault) {
    const lines = failure(debate).map((text) => make('p', '', text));
    find(root, '.failure', HTMLElement).append(make('h2', '', 'The debate failed'), ...lines);
  }
  if (usage?.output) line.after(make('p', 'total', `Said ${told(usage, [])}`));
}

/**
 * @param {Debate} debate that failed
 * @returns {string[]} why, in words that were written for terminals too, and what there is to do
 */
const failure = ({ fault, turns }) => [
  fault.replaceAll('`', ''),
  turns.some(({ text }) => text) ? '“Retry” goes on from here with what was said.' : '“Retry” starts it once more.',
];
