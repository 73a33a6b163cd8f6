/**
 * The end of a debate: how it ended, in a line under its last speech or with the cause where it failed; and what there is
 * to do with it then: replay it, keep it, run it again.
 *
 * Loaded when there is one.
 */

import { button, find, link, make, say } from './dom.js';
import { told } from './meter.js';
import { newKey, startDebate } from './net.js';
import { exportsOf, retryDebate } from './net-more.js';

/** @import {Debate} from './types.js' */
/** @import {Viewer} from './viewer.js' */

/** Milliseconds after which a press is meant for what is there now. */
const SETTLED = 600;

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

/**
 * @param {HTMLElement} root where the controls go
 * @param {Viewer} viewer
 */
export function offer(root, viewer) {
  const { id } = viewer.received;
  const replay = button('Replay', () => viewer.replay(), 'replay');
  replay.title = 'Shows each speech over the time it took';
  const all = button('Copy all', () => {});
  all.dataset.copy = 'debate';
  const exports = exportsOf(id).map(([name, address]) => {
    const file = link(name, address);
    file.download = '';
    return file;
  });
  const home = link('New debate', '/', 'primary');
  const key = newKey();
  const again = button('Run again', () => startAgain(viewer, key), 'again');
  const onward = button('Go on', async () => {
    const { openFork } = await import('./fork.js');
    openFork(viewer, 0).catch((problem) => viewer.complain(problem));
  }, 'again');
  root.prepend(replay, all, ...exports, onward, again, home);
  if (!isWhole(viewer.received)) {
    home.className = '';
    root.append(retryButton(viewer));
  }
  // They come where others were: a second press on one of those is not meant for them.
  root.style.pointerEvents = 'none';
  setTimeout(() => root.style.removeProperty('pointer-events'), SETTLED);
}

/**
 * Whether every turn was spoken to an end of its own.
 *
 * @param {Debate} debate
 */
const isWhole = ({ reason, turns }) =>
  reason === 'completed' && !turns.some(({ finish }) => finish === 'cut_off' || finish === 'stopped');

/** @param {Viewer} viewer */
function retryButton(viewer) {
  const key = newKey();
  const retry = button('Retry', () => goOn(viewer, retryDebate(viewer.received.id, key)), 'primary retry');
  retry.title = 'Goes on at the first turn that failed or was cut. What was said whole stays, and is not paid for again';
  return retry;
}

/**
 * Starts the same debate once more, and goes there. One that is pressed again starts nothing else.
 *
 * @param {Viewer} viewer
 * @param {string} key
 */
async function startAgain(viewer, key) {
  const { topic, format, rounds, agents } = viewer.received;
  const seats = agents.map(({ name, model }) => ({ name, model }));
  await goOn(viewer, startDebate({ topic, format, rounds, agents: seats }, key));
}

/**
 * Goes to a debate that is being begun.
 *
 * @param {Viewer} viewer
 * @param {Promise<{id: string}>} begun
 */
async function goOn(viewer, begun) {
  try {
    viewer.onStarted((await begun).id);
  } catch (problem) {
    viewer.complain(problem);
  }
}
