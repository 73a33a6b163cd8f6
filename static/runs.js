/**
 * The runs, many debates from a file each: a list of them, and the page of one, which tells live how far it is and lists
 * its debates.
 *
 * Knows a run's numbers, and when there will be no others. Does not know its debates (history.js).
 */

import { button, find, link, make, say, style } from './dom.js';
import { STATES } from './entry.js';
import { History } from './history.js';
import { counted, dollars, told } from './meter.js';
import { ask, Problem, wordsOf } from './net.js';
import { keepAsking } from './poll.js';
import { dateAs, isolated } from './wording.js';

/** @import {Run} from './types.js' */

/** How many runs are shown at a time. One more is asked for, which tells whether there are more. */
const LISTED = 50;

/** What is counted, in words: debates by state, and those that are not begun. */
const COUNTED = [...Object.values(STATES), 'to come'];

/** @param {string} [name] a run's id, as it stands in the address; left out: all of them */
export async function open(name) {
  await Promise.all([style('paper'), style('read')]);
  if (name === undefined) return new RunList();
  const page = new RunPage(name);
  // The first look is waited for: before, there is nothing to show.
  await new Promise((resolve) => keepAsking(() => page.look().finally(() => resolve(null)), page.gone));
  return page.isMissing ? (await import('./missing.js')).open('run') : page;
}

class RunList {
  #list = make('ul');
  #told = make('p', 'hint');
  #more = button('Show more', () => this.#show());
  #last = '';
  element = make(
    'div', 'paper run', make('header', 'head', make('h1', '', 'Runs')),
    make('div', 'recent', this.#list, this.#told, this.#more),
  );

  constructor() {
    document.title = 'Runs — debate-server';
    this.#told.role = 'status';
    this.#show();
  }

  leave() {}

  async #show() {
    try {
      /** @type {{runs: Run[]}} */
      const { runs } = await ask(`/api/runs?limit=${LISTED + 1}&before=${this.#last}`);
      this.#more.hidden = runs.length <= LISTED;
      for (const run of runs.slice(0, LISTED)) {
        const title = link(run.source, `/runs/${run.id}`);
        title.dir = 'auto';
        this.#list.append(make('li', '', title, make('p', 'when', inWords(run)), make('p', 'when', factsOf(run))));
        this.#last = run.id;
      }
      say(this.#told, this.#last ? '' : 'There is none yet. “debate batch FILE” makes one.');
    } catch (problem) {
      say(this.#told, wordsOf(problem));
    }
  }
}

class RunPage {
  isMissing = false;

  #gone = new AbortController();
  #address;
  #title = make('h1', '', 'A run');
  #facts = make('p', 'facts');
  #progress = make('progress');
  #numbers = COUNTED.map(() => make('b'));
  #counts = make('ul', 'counts', ...COUNTED.map((word, at) => make('li', '', this.#numbers[at], ` ${word}`)));
  #spent = make('p', 'total');
  #problem = make('p', 'problem');

  /** The last answer; '' before. */
  #known = '';

  /** @type {History | undefined} */
  #debates;

  element = make(
    'article', 'paper run', make('header', 'head', this.#title, this.#facts),
    this.#progress, this.#counts, this.#spent, this.#problem,
  );

  /** @param {string} name */
  constructor(name) {
    this.#address = `/api/runs/${name}`;
    this.#title.dir = 'auto';
    this.#progress.ariaLabel = 'Debates that are over';
    this.#counts.ariaLabel = 'How far it is';
    this.#problem.role = 'alert';
    this.#problem.after(make('p', 'facts', 'Its report: ', make('code', '', `debate report ${name}`)));
  }

  leave() {
    this.#gone.abort();
    this.#debates?.leave();
  }

  get gone() {
    return this.#gone.signal;
  }

  /** @returns {Promise<boolean | null>} whether there was anything new; null: there will not be */
  async look() {
    if (this.#known) await visible();
    try {
      const run = await ask(this.#address);
      const [known, now] = [this.#known, JSON.stringify(run)];
      if (now !== known && !this.gone.aborted) await this.#show(run);
      this.#known = now;
      say(this.#problem, '');
      if (!isOver(run)) return now !== known;
      if (known) say(find(document, '#announcer', HTMLElement), `The run is over: ${inWords(run)}`);
    } catch (problem) {
      say(this.#problem, wordsOf(problem));
      this.isMissing = !this.#known && problem instanceof Problem && problem.isMissing;
      if (!this.isMissing) return false;
    }
    return null;
  }

  /** @param {Run} run that is not as it was */
  async #show(run) {
    const { source, total, budget_usd: budget, usage } = run;
    document.title = `${source} — debate-server`;
    say(this.#title, source);
    say(this.#facts, factsOf(run));
    Object.assign(this.#progress, { max: Math.max(total, begun(run)), value: begun(run) - live(run) });
    counts(run).forEach((count, at) => {
      say(this.#numbers[at], counted(count));
      this.#counts.children[at].toggleAttribute('hidden', !count);
    });
    const spent = usage.output ? `Said ${told(usage, [`read ${counted(usage.input)}`])}` : 'Nothing is said yet';
    say(this.#spent, spent + (budget ? ` · budget ${dollars(budget)}` : ''));
    this.#debates ??= new History([], run.id);
    this.element.append(this.#debates.element);
    await this.#debates.refresh();
  }
}

/** Until the reader can see the page. */
const visible = () =>
  document.hidden && new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));

/** @param {Run} run */
const begun = ({ debates }) => Object.values(debates).reduce((sum, count) => sum + count, 0);

/** @param {Run} run */
const live = ({ debates: { queued = 0, running = 0, paused = 0 } }) => queued + running + paused;

/** @param {Run} run */
const isOver = (run) => !live(run) && begun(run) >= run.total;

/**
 * @param {Run} run
 * @returns {number[]} as COUNTED names them
 */
const counts = (run) =>
  [...Object.keys(STATES).map((state) => run.debates[state] ?? 0), Math.max(0, run.total - begun(run))];

/** @param {Run} run */
const inWords = (run) =>
  counts(run).flatMap((count, at) => (count ? `${counted(count)} ${COUNTED[at]}` : [])).join(', ');

/**
 * @param {Run} run
 * @returns {string} what was asked for
 */
function factsOf({ created, kind, total, formats, rounds, models, addresses, repeat, swap_sides: isSwapped, seed, score }) {
  const named = models.length ? models : [addresses['']?.split('@http')[0] || 'the default model'];
  return [
    dateAs(created, 'long'),
    `${kind === 'tournament' ? 'a tournament of ' : ''}${counted(total)} ${total === 1 ? 'debate' : 'debates'}`,
    `${formats.map(isolated).join(', ')} × ${named.map(isolated).join(', ')}`,
    rounds && `rounds ${rounds}`,
    repeat > 1 && `${repeat} times each`,
    isSwapped && 'sides swapped',
    seed !== null && `seed ${seed}`,
    score && `scored by ${score}`,
  ].filter(Boolean).join('\u00a0· ');
}
