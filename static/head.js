/**
 * The head of the paper: the topic, who speaks and with what, and what that has cost so far.
 *
 * Those who only vote stand apart from those who speak.
 */

import { copyOf, find, make, say, style } from './dom.js';
import { benchOf, isOver } from './events.js';
import { Meter } from './meter.js';
import { facts, GLYPHS, sharedModel, sideOf } from './wording.js';

/** @import {Agent, Debate} from './types.js' */

/** Characters up to which a topic is set as large as a headline. */
const HEADLINE = 160;

/** The seats that need no style sheet but the usual one. */
const USUAL = 'against,chair,for';

export class Head {
  #root;

  /** @type {{agent: Agent, card: HTMLElement, line: HTMLElement, meter: Meter}[]} */
  #benches = [];

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
  }

  /** @param {Debate} debate whose first event is there */
  begin(debate) {
    const headline = find(this.#root, 'h1', HTMLElement);
    const list = find(this.#root, '.benches', HTMLElement);
    say(headline, debate.topic);
    headline.classList.toggle('long', debate.topic.length > HEADLINE);
    say(find(this.#root, '.facts', HTMLElement), facts(debate).join(' · '));
    this.#benches = debate.agents.map((agent) => bench(debate, agent));
    const cards = this.#benches.map(({ card }) => card);
    const voters = cards.filter(({ dataset }) => dataset.bench === 'voter');
    list.append(...cards.filter((card) => !voters.includes(card)));
    if (debate.warnings.length || debate.agents.map(({ side }) => side).sort().join() !== USUAL) style('lanes');
    if (voters.length) list.after(votersList(voters));
    headline.after(...debate.warnings.map((warning) => make('p', 'warning', warning)));
  }

  /** @param {Debate} debate as the reader sees it */
  light({ turns }) {
    for (const { agent, card } of this.#benches) {
      card.classList.toggle('lit', turns.some((turn) => turn.agent === agent.name && !isOver(turn)));
    }
  }

  /**
   * @param {Debate} received
   * @param {number} now in seconds
   */
  measure({ turns, ballots }, now) {
    for (const { agent, line, meter } of this.#benches) {
      const spoken = turns.filter((turn) => turn.agent === agent.name);
      const cast = ballots.filter(({ judge }) => judge === agent.name);
      say(line, meter.read(spoken, cast, agent.price, now));
    }
  }
}

/** @param {HTMLElement[]} cards */
function votersList(cards) {
  const list = make('ul', 'benches voters', ...cards);
  list.ariaLabel = 'Who votes';
  return list;
}

/**
 * @param {Debate} debate
 * @param {Agent} agent
 */
function bench(debate, agent) {
  const { name, side, model } = agent;
  const card = copyOf('bench-card');
  const place = benchOf(debate, name);
  card.dataset.bench = place;
  say(find(card, '.glyph', HTMLElement), GLYPHS[place]);
  say(find(card, '.name', HTMLElement), name);
  say(find(card, '.side', HTMLElement), sideOf(name, side));
  const modelLine = find(card, '.model', HTMLElement);
  modelLine.hidden = sharedModel(debate) !== '';
  say(modelLine, model);
  return { agent, card, line: find(card, '.meter', HTMLElement), meter: new Meter() };
}
