/**
 * Playback: how much of what was received the reader is shown.
 *
 * A model can outrun a reader's eye, so received text is revealed word by word at a reading pace; never more than about
 * `LAG` behind, then it speeds up. What the reader has been shown is itself a debate, only shorter, so those who draw
 * it need to know nothing of playback. Knows no clock (time is told to it), no network and no DOM.
 */

import { isOver } from './events.js';

/** @import {Debate, Turn} from './types.js' */

/** Characters per second where nothing presses: a brisk reader's pace. */
const PACE = 90;

/** Seconds within which the unshown text of an open speech is shown. */
const LAG = 2;

/** The same once the speech is over: the next speaker should not be kept waiting. */
const LAST_LAG = 0.4;

/** Characters to look back for the end of a word; in scripts without spaces any character will do. */
const LONGEST_WORD = 24;

/** @typedef {{attempt: number, at: number, shown: number}} Place `at` moves evenly, `shown` from word to word */

export class Playback {
  /** Show everything as it is received. */
  instant = false;

  isPaused = false;

  /** Times the usual pace; 0: as received. */
  speed = 1;

  /** Each speech takes the time that it took. */
  isReplay = false;

  /** Seconds of speech that are received and not shown. */
  lag = 0;

  /** Turns with words of which none is shown. */
  ready = 0;

  /** @type {Map<number, Place>} by turn */
  #places = new Map();

  /**
   * Moves on and gives the debate as the reader now sees it. A turn begins when those that ended before it are shown,
   * but for those that were spoken at the same time.
   *
   * @param {Debate} debate
   * @param {number} seconds since the last call
   * @returns {Debate}
   */
  reveal(debate, seconds) {
    /** @type {Turn[]} */
    const turns = [];
    let only = 0;
    for (const turn of debate.turns) {
      if ((only && turn.group !== only) || (this.isHeld && !this.#places.has(turn.turn))) break;
      const shown = this.#advance(turn, seconds);
      const isShown = shown >= turn.text.length;
      turns.push(isShown ? turn : partOf(turn, shown));
      if (isOver(turn) && !isShown) only = turn.group || -1;
    }
    this.lag = this.#unshown(debate) / PACE;
    const later = debate.turns.slice(turns.length);
    this.ready = debate.turns.filter(({ turn, text }) => text && !this.#places.get(turn)?.shown).length;
    const open = turns.find((turn) => turn.phase === 'speaking') ?? later[0];
    if (!open) return debate;
    const asides = debate.asides.filter(({ after }) => !later.length || after < (turns.at(-1)?.turn ?? 0));
    const ballots = debate.ballots.filter(({ round }) => round < open.round);
    return { ...debate, turns, asides, ballots, verdict: null, fault: '', reason: '' };
  }

  /**
   * Shows all that has been received so far at once.
   *
   * @param {Debate} debate
   */
  skip(debate) {
    this.isPaused = false;
    for (const { turn, attempt, text } of debate.turns) {
      this.#places.set(turn, { attempt, at: text.length, shown: text.length });
    }
  }

  /**
   * @param {Turn} turn
   * @param {number} seconds
   * @returns {number} how many characters of the turn are shown
   */
  #advance(turn, seconds) {
    const place = this.#placeOf(turn);
    const end = turn.text.length;
    const isInstant = this.instant || !(this.isReplay || this.speed);
    if (!this.isHeld) place.at = isInstant ? end : Math.min(end, place.at + this.#pace(turn, place.at) * seconds);
    const isWhole = place.at === end && (isOver(turn) || isInstant);
    place.shown = isWhole ? end : Math.max(place.shown, wordEnd(turn.text, Math.floor(place.at)));
    return place.shown;
  }

  /**
   * @param {Turn} turn
   * @param {number} at
   * @returns {number} characters per second
   */
  #pace(turn, at) {
    const { text, ms } = turn;
    const times = this.speed || 1;
    if (this.isReplay) return (ms ? (text.length / ms) * 1000 : PACE) * times;
    return Math.max(PACE * times, (text.length - at) / (isOver(turn) ? LAST_LAG : LAG));
  }

  /** Whether a pause is kept to. */
  get isHeld() {
    return this.isPaused && !this.instant;
  }

  /**
   * @param {Turn} turn
   * @returns {Place}
   */
  #placeOf(turn) {
    let place = this.#places.get(turn.turn);
    if (place?.attempt !== turn.attempt || place.shown > turn.text.length) {
      place = { attempt: turn.attempt, at: 0, shown: 0 };
      this.#places.set(turn.turn, place);
    }
    return place;
  }

  /**
   * @param {Debate} debate
   * @returns {number} characters, of which those at the same time count once
   */
  #unshown({ turns }) {
    /** @type {Record<number, number>} */
    const left = {};
    for (const { turn, group, text } of turns) {
      const key = group || turn;
      left[key] = Math.max(left[key] ?? 0, text.length - (this.#places.get(turn)?.at ?? 0));
    }
    return Object.values(left).reduce((sum, most) => sum + most, 0);
  }
}

/**
 * @param {Turn} turn
 * @param {number} shown
 * @returns {Turn} the turn while its first `shown` characters have been said
 */
const partOf = (turn, shown) => ({
  ...turn, phase: 'speaking', text: turn.text.slice(0, shown), finish: '', usage: null, ms: 0,
});

/**
 * @param {string} text
 * @param {number} at
 * @returns {number} the end of the last whole word up to `at`
 */
function wordEnd(text, at) {
  for (let end = at; end > Math.max(0, at - LONGEST_WORD); end -= 1) {
    if (/\s/.test(text.charAt(end))) return end;
  }
  const splitsPair = (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
  return splitsPair ? at - 1 : at;
}
