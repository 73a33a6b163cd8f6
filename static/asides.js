/**
 * What stands between the speeches: what a person said or did, and votes.
 *
 * Knows before which turn each belongs, and the looks of all but votes (verdict.js). Loaded when there is one.
 */

import { make, style } from './dom.js';
import { isolated } from './wording.js';

/** @import {Places} from './places.js' */
/** @import {Aside, Debate, Turn} from './types.js' */

const ACTS = {
  paused: 'Put on hold here',
  resumed: 'Resumed here',
  fork: 'From here on it is a debate of its own',
};

export class Asides {
  #places;

  /** How many are placed. */
  #asides = 0;
  #ballots = 0;

  /** @type {Map<string, {card: HTMLElement, shown: string}>} by title and round */
  #votes = new Map();

  /** @param {Places} places */
  constructor(places) {
    this.#places = places;
    style('lanes');
  }

  /**
   * Places what there was before a turn; left out: all there is.
   *
   * @param {Debate} debate
   * @param {Turn} [turn]
   */
  placeBefore(debate, turn) {
    const { asides, ballots } = debate;
    for (const ballot of ballots.slice(this.#ballots)) {
      if (turn && ballot.round >= turn.round) break;
      this.#ballots += 1;
      if (!this.#votes.has(keyOf(ballot))) this.#votes.set(keyOf(ballot), { card: this.#card('vote'), shown: '' });
    }
    for (const aside of asides.slice(this.#asides)) {
      if (turn && aside.after >= turn.turn) break;
      this.#asides += 1;
      const content = aside.kind === 'message' ? message(aside) : make('p', 'mark', ACTS[aside.kind]);
      this.#card(aside.kind).append(content);
      if (aside.kind === 'fork') import('./family.js').then(async ({ changesOf }) => content.append(await changesOf(debate)));
    }
  }

  /**
   * Votes grow, and are closed by what follows them.
   *
   * @param {Debate} debate
   */
  update(debate) {
    for (const [key, vote] of this.#votes) {
      const ballots = debate.ballots.filter((ballot) => keyOf(ballot) === key);
      if (!ballots.length) continue;
      const [{ round, seq }] = ballots;
      const isOver = debate.verdict || debate.reason || debate.turns.some((turn) => turn.round > round)
        || debate.ballots.some((ballot) => ballot.seq > seq && keyOf(ballot) !== key);
      const shown = `${ballots.length} ${!isOver}`;
      if (shown === vote.shown) continue;
      vote.shown = shown;
      import('./verdict.js').then(({ showVote }) => showVote(vote.card, debate, ballots, !isOver));
    }
  }

  /** @param {string} kind */
  #card(kind) {
    const card = make('li', `turn ${kind}`);
    card.dataset.bench = 'chair';
    this.#places.across(card);
    return card;
  }
}

/** @param {{title: string, round: number}} ballot */
const keyOf = ({ title, round }) => `${round} ${title}`;

/** @param {Aside} aside */
function message({ id, to, content }) {
  const addressee = make('span', 'side', to ? `to ${isolated(to)}` : 'to all');
  const speaker = make('p', 'speaker', make('span', 'name', 'From the audience'), ' ', addressee);
  speaker.id = `m-${id}`;
  const said = make('p', 'said', content);
  said.dir = 'auto';
  const article = make('article', '', speaker, said);
  article.setAttribute('aria-labelledby', speaker.id);
  return article;
}
