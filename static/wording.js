/**
 * What the page says about a debate: every sentence that depends on its state.
 *
 * Pure: a debate in, English out. Does not know where a sentence is put.
 */

import { benchOf, isDecision, isOver, roundOf } from './events.js';

/** @import {Debate, Outlook, Turn} from './types.js' */

/** Seconds without news after which more is said: before the first turn, and before its first word. */
const IN_LINE = 1;
const SLOW = 3;

/** How many who speak at the same time are named. */
const MOST_NAMED = 2;

/** @type {Record<string, string>} */
const PHASES = { preparing: 'preparing', thinking: 'thinking', speaking: 'speaking', retrying: 'trying again' };

/** @type {Record<string, string>} */
const OUTCOMES = {
  completed: 'The debate is finished',
  stopped: 'The debate was stopped',
  failed: 'The debate failed',
  budget: 'The debate ended: its budget is spent',
  interrupted: 'The debate was interrupted',
};

/** @type {Record<string, string>} */
const CUTS = {
  cut_off: 'cut off here',
  stopped: 'stopped here',
  length: 'ended at the length limit',
  content_filter: 'withheld from here on by the model’s content filter',
};

/** A place's sign, so that it is never told by colour alone. */
export const GLYPHS = { for: '+', against: '−', chair: '§', voter: '×', other: '¶' };

/**
 * @param {string} name an agent's
 * @param {string} side
 * @returns {string} '' where the name says it already
 */
export const sideOf = (name, side) => (name.toLowerCase().startsWith(side.toLowerCase()) ? '' : isolated(side));

/** @param {string} name among other words, which it shall not turn around */
export const isolated = (name) =>
  /^[ -~]*$/.test(name) ? name : `\u2068${name.replace(/[\u202a-\u202e\u2066-\u2069]/g, '')}\u2069`;

/** @param {number} count */
const turns = (count) => (count === 1 ? '1 turn' : `${count} turns`);

/**
 * @param {Debate} debate as the reader sees it
 * @param {Outlook} outlook
 * @returns {string} what is going on right now
 */
export function standing(debate, { link, isPaused, isReplay, ready, waited }) {
  if (link === 'cut' && debate.seq > 0) return 'Reconnecting, nothing lost';
  if (debate.seq === 0) return 'Connecting';
  if (debate.reason) return outcome(debate);
  if (isPaused) return ready ? `Paused, ${turns(ready)} waiting` : 'Paused';
  if (isReplay) return `Replay: ${doing(debate, 0)}`;
  if (debate.isHeld) return 'On hold: nothing is generated';
  if (link === 'refused') return 'Not connected';
  if (link === 'polling') return 'Speeches come whole: no stream gets through';
  return doing(debate, waited) + (ready ? ` · ${turns(ready)} ready` : '');
}

/** @param {Debate} debate */
const outcome = (debate) => OUTCOMES[debate.reason] ?? 'The debate has ended';

/**
 * @param {Debate} debate
 * @param {number} waited
 */
function doing(debate, waited) {
  const open = debate.turns.filter((turn) => !isOver(turn));
  const doings = open.length > MOST_NAMED
    ? `${open.length} are speaking at the same time`
    : open.map((turn) => `${isolated(turn.agent)} is ${PHASES[turn.phase]}`).join(', ');
  if (open.some(({ phase }) => phase === 'preparing') && waited > SLOW) {
    return `${doings}; the model may be loading or busy`;
  }
  if (open.length) return doings;
  const next = debate.agents.some(({ name }) => benchOf(debate, name) === 'voter') ? 'ballots or the next speaker' : 'next speaker';
  if (debate.turns.length || debate.ballots.length) return `Waiting for the ${next}`;
  return waited > IN_LINE ? 'Waiting in line: other debates come first' : 'Waiting for the first speaker';
}

/**
 * @param {Turn} turn
 * @returns {string} what a reader must know about a speech beside its words, '' mostly
 */
export function note(turn) {
  if (turn.phase === 'retrying') return `The attempt failed: ${turn.fault} Trying again.`;
  // Why is told where the debate ends.
  if (turn.phase === 'failed') return 'Could not speak';
  return CUTS[turn.finish] ?? '';
}

/**
 * What changed between two states that a listener wants to be told: who begins, and how it ended.
 *
 * @param {Debate} before
 * @param {Debate} after
 * @returns {string} '' for nothing
 */
export function boundary(before, after) {
  if (after.reason) return before.reason ? '' : outcome(after);
  const known = new Set(before.turns.map(({ turn }) => turn));
  const begun = after.turns.filter(({ turn }) => !known.has(turn));
  const last = begun.at(-1);
  if (!last) return '';
  const names = begun.map(({ agent }) => isolated(agent)).join(', ');
  return `${names}, ${isDecision(after, last) ? 'closing' : `round ${roundOf(after, last)}`}`;
}

/**
 * @param {Debate} debate
 * @returns {string[]} format, date and model, as far as they are the same for all
 */
export function facts(debate) {
  const format = debate.format.charAt(0).toUpperCase() + debate.format.slice(1);
  const model = sharedModel(debate);
  return [format, dateAs(debate.created, 'long'), ...(model ? [isolated(model)] : [])];
}

/**
 * @param {Debate} debate
 * @returns {string} the model that all agents speak with, '' when they differ
 */
export function sharedModel(debate) {
  const names = new Set(debate.agents.map((agent) => agent.model));
  return names.size === 1 ? [...names].join() : '';
}

/**
 * @param {string} created ISO 8601
 * @param {'medium' | 'long'} style
 * @returns {string} with the time of day
 */
export function dateAs(created, style) {
  const date = new Date(created);
  const shown = new Intl.DateTimeFormat('en-GB', { dateStyle: style, timeStyle: 'short' });
  return Number.isNaN(date.valueOf()) ? '' : shown.format(date);
}

/**
 * @param {number} number from 1; rounds are few
 * @returns {string} as a roman numeral
 */
export const roman = (number) =>
  'X'.repeat(Math.floor(number / 10)) + ['', 'I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX'][number % 10];
