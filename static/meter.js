/**
 * An agent's meter: how many tokens it has spoken, how fast, and what that cost.
 *
 * Knows the turns of one agent and the time it is told. Counts of speeches that are still open are the pieces received,
 * so they carry the same "≈" as those that the upstream did not count itself.
 */

import { isOver } from './events.js';

/** @import {Turn} from './types.js' */

/** Seconds over which the live rate is taken: long enough to be calm, short enough to be live. */
const WINDOW = 3;

/** Seconds of samples below which no rate is shown. */
const ENOUGH = 0.5;

/** @param {number} number with commas; `Intl` would take longer to load than all of the page */
const counted = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ',');

export class Meter {
  /** @type {{time: number, tokens: number}[]} of the open speech, oldest first */
  #samples = [];

  /**
   * @param {Turn[]} turns the agent's own
   * @param {number} now in seconds
   * @returns {string}
   */
  read(turns, now) {
    const tokens = sum(turns, (turn) => turn.usage?.output ?? turn.tokens);
    if (tokens === 0) return '—';
    const isEstimate = turns.some((turn) => turn.usage?.estimated ?? turn.tokens > 0);
    const rate = turns.every(isOver) ? averageRate(turns) : this.#liveRate(tokens, now);
    const about = isEstimate ? '≈\u202f' : '';
    const speed = rate ? `${Math.round(rate)}/s` : '—';
    return `${about}${counted(tokens)} tokens · ${speed} · ${costOf(turns)}`;
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

/** @param {Turn[]} turns */
function averageRate(turns) {
  const seconds = sum(turns, (turn) => turn.ms) / 1000;
  return seconds > 0 ? sum(turns, (turn) => (turn.ms ? turn.usage?.output ?? 0 : 0)) / seconds : 0;
}

/**
 * @param {Turn[]} turns
 * @returns {string} of the speeches that are over, as far as their prices are known
 */
function costOf(turns) {
  const costs = turns.flatMap(({ usage }) => usage?.cost_usd ?? []);
  return costs.length ? `$${costs.reduce((total, cost) => total + cost).toFixed(4)}` : 'cost —';
}

/**
 * @param {Turn[]} turns
 * @param {(turn: Turn) => number} value
 */
const sum = (turns, value) => turns.reduce((total, turn) => total + value(turn), 0);
