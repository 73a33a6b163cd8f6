/**
 * An agent's meter: how many tokens it has spoken, how fast, and what that cost.
 *
 * Knows the turns and ballots of one agent, its price and the time it is told. Counts of speeches that are still open are
 * the pieces received, so they carry the same "≈" as those that the upstream did not count itself.
 */

import { isOver } from './events.js';

/** @import {Ballot, Price, Turn, Usage} from './types.js' */

/** Seconds over which the live rate is taken: long enough to be calm, short enough to be live. */
const WINDOW = 3;

/** Seconds of samples below which no rate is shown. */
const ENOUGH = 0.5;

/** US dollars below which an amount is not told to the digit. */
const LEAST = 0.0001;

/** @param {number} number with commas; `Intl` would take longer to load than all of the page */
export const counted = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ',');

export class Meter {
  /** @type {{time: number, tokens: number}[]} of the open speech, oldest first */
  #samples = [];

  /**
   * @param {Turn[]} turns the agent's own
   * @param {Ballot[]} ballots its own
   * @param {Price | null | undefined} price
   * @param {number} now in seconds
   * @returns {string}
   */
  read(turns, ballots, price, now) {
    const spent = [...turns.map((turn) => spentIn(turn, price)), ...ballots.map(({ usage }) => usage)];
    const { output } = total(spent);
    if (output === 0) return '—';
    const rate = turns.every(isOver) ? averageRate(turns) : this.#liveRate(output, now);
    return told(total(spent), [rate ? `${Math.round(rate)}/s` : '—']);
  }

  /**
   * @param {number} tokens
   * @param {number} now
   */
  #liveRate(tokens, now) {
    this.#samples = this.#samples.filter((sample) => now - sample.time < WINDOW && sample.tokens <= tokens);
    this.#samples.push({ time: now, tokens });
    const { time, tokens: first } = this.#samples[0];
    return now - time < ENOUGH ? 0 : (tokens - first) / (now - time);
  }
}

/**
 * @param {Turn} turn
 * @param {Price | null | undefined} price
 * @returns {string} what it has cost so far, '' where nothing
 */
export function tally(turn, price) {
  const spent = spentIn(turn, price);
  return spent.output ? told(spent, []) : '';
}

/**
 * @param {Usage} usage
 * @param {string[]} between what else is told of it
 */
export function told({ output, cost_usd: cost, estimated }, between) {
  const about = estimated ? '≈\u202f' : '';
  return [`${about}${counted(output)} tokens`, ...between, cost === null ? 'cost —' : cost ? about + dollars(cost) : '$0'].join(' · ');
}

/** @param {number} amount */
export const dollars = (amount) => (amount < LEAST ? `<\u202f$${LEAST}` : `$${amount.toFixed(amount < 1 ? 4 : 2)}`);

/**
 * What a turn has cost; while it is open, what its words so far come to.
 *
 * @param {Turn} turn
 * @param {Price | null | undefined} price
 * @returns {Usage}
 */
const spentIn = ({ usage, tokens }, price) =>
  usage ?? { input: 0, output: tokens, cost_usd: price ? (price.output * tokens) / 1e6 : null, estimated: tokens > 0 };

/**
 * @param {Usage[]} spent
 * @returns {Usage} of which the cost is known where all of it is
 */
const total = (spent) =>
  spent.reduce((sum, { input, output, cost_usd: cost, estimated }) => ({
    input: sum.input + input,
    output: sum.output + output,
    cost_usd: sum.cost_usd === null || (cost === null && output) ? null : sum.cost_usd + (cost ?? 0),
    estimated: sum.estimated || estimated,
  }), /** @type {Usage} */ ({ input: 0, output: 0, cost_usd: 0, estimated: false }));

/** @param {Turn[]} turns */
function averageRate(turns) {
  const seconds = sum(turns, (turn) => turn.ms) / 1000;
  return seconds > 0 ? sum(turns, (turn) => (turn.ms ? turn.usage?.output ?? 0 : 0)) / seconds : 0;
}

/**
 * @param {Turn[]} turns
 * @param {(turn: Turn) => number} value
 */
const sum = (turns, value) => turns.reduce((total, turn) => total + value(turn), 0);
