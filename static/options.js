/**
 * What is behind the start's disclosure: the format, the rounds, and a model for each agent.
 *
 * Knows how they are chosen, asked for by the address, remembered by this browser and refused. Does not know the topic, nor
 * when a debate starts.
 */

import { make, say, style } from './dom.js';
import { recall, remember } from './memory.js';
import { estimate, formats } from './net-more.js';
import { sideOf } from './wording.js';

/** @import {Problem} from './net.js' */
/** @import {Choice, Format, Models} from './types.js' */

/** The format of a debate that names none. */
const USUAL = 'classic';

/** How many rounds can be asked for. */
export const MOST_ROUNDS = 10;

/**
 * @param {HTMLDetailsElement} details where they are put
 * @param {URLSearchParams} query what the address asks for
 * @param {Promise<Models>} models
 * @returns {Promise<Options>}
 * @throws {Problem}
 */
export async function openOptions(details, query, models) {
  const [known, found] = await Promise.all([formats(), models, style('asked')]);
  return new Options(details, known, found, wantedChoice(query));
}

export class Options {
  #details;
  #formats;
  #models;
  #chosen = make('span', 'hint');
  #notice = make('p', 'notice');
  #problem = make('p', 'problem');
  #format = make('select');
  #about = make('p', 'hint');
  #rounds = make('select');
  #length = field('Rounds', this.#rounds);
  #usd = numberInput('0.01');
  #tokens = numberInput('1');
  #most = make('p', 'hint');

  /** Counts what was asked for: an answer that was overtaken is not shown. */
  #asked = 0;
  #group = make('fieldset');

  /** @type {HTMLSelectElement[]} by their agents' names */
  #seats = [];

  /**
   * @param {HTMLDetailsElement} details
   * @param {Format[]} known
   * @param {Models} models
   * @param {Choice} wanted
   */
  constructor(details, known, models, wanted) {
    this.#details = details;
    this.#formats = known;
    this.#models = models;
    this.#problem.id = 'choice-problem';
    this.#problem.role = 'alert';
    this.#notice.role = 'status';
    this.#format.append(...known.map(({ name, title }) => new Option(title, name)));
    const budgets = [field('Budget, USD', this.#usd), field('Budget, tokens', this.#tokens), this.#most];
    this.#most.role = 'status';
    details.append(
      make('div', 'choices', field('Format', this.#format), this.#about, this.#length, this.#group, ...budgets),
    );
    details.firstElementChild?.append(this.#chosen);
    details.after(this.#notice);
    details.addEventListener('change', ({ target }) => this.#change(target));
    this.#take(wanted);
  }

  /** What a start asks for: only what was chosen. */
  choice() {
    const { format, rounds, models } = this.#choice();
    return {
      format,
      ...(rounds && { rounds }),
      agents: Object.entries(models).map(([name, model]) => ({ name, model })),
      ...(this.#usd.value && { budget_usd: Number(this.#usd.value) }),
      ...(this.#tokens.value && { budget_tokens: Number(this.#tokens.value) }),
    };
  }

  /**
   * Tells what is wrong where it is.
   *
   * @param {Problem} problem
   * @returns {boolean} false where it is none of these
   */
  complain({ field, message }) {
    this.#forgive();
    const control = this.#controls[field];
    if (!control) return false;
    this.#details.open = true;
    control.setAttribute('aria-invalid', 'true');
    control.setAttribute('aria-describedby', this.#problem.id);
    (control.closest('label') ?? control).after(this.#problem);
    say(this.#problem, message);
    return true;
  }

  #forgive() {
    this.#problem.remove();
    say(this.#problem, '');
    for (const control of Object.values(this.#controls)) control.removeAttribute('aria-invalid');
  }

  /**
   * By what a start calls them.
   *
   * @returns {Record<string, HTMLElement>}
   */
  get #controls() {
    const [format, rounds, agents] = [this.#format, this.#rounds, this.#group];
    return { format, rounds, agents, budget_usd: this.#usd, budget_tokens: this.#tokens };
  }

  /** @returns {Format | undefined} */
  get #shape() {
    return this.#formats.find(({ name }) => name === this.#format.value);
  }

  /** @param {Choice} wanted what of it there is no more is told, with what is done instead */
  #take({ format, rounds, models }) {
    this.#format.value = this.#formats.some(({ name }) => name === format) ? format : USUAL;
    this.#showFormat(rounds, models);
    const gone = this.#seats.filter(({ name, value }) => models[name] && !value);
    const told = gone.map(({ name }) => `There is no model ${models[name]} now: the ${name} has the default.`);
    if (format && format !== this.#format.value) told.unshift(`There is no format ${format} now: it is ${USUAL}.`);
    say(this.#notice, told.join(' '));
  }

  /**
   * @param {number} rounds 0: the format's own
   * @param {Record<string, string>} models by agent
   */
  #showFormat(rounds, models) {
    const shape = this.#shape;
    if (!shape) return;
    say(this.#about, shape.about.split(/(?<=\.)\s/)[0]);
    const least = shape.rounds.filter(({ speakers, repeat, counts }) => speakers.length && counts && !repeat).length || 1;
    this.#rounds.replaceChildren();
    for (let number = least; number <= MOST_ROUNDS; number += 1) this.#rounds.add(new Option(String(number)));
    this.#rounds.value = String(Math.max(least, rounds || shape.default_rounds));
    this.#length.hidden = !shape.rounds.some(({ repeat }) => repeat);
    this.#seats = shape.agents.map(({ name }) => seat(name, this.#models, models[name]));
    const fields = shape.agents.map(({ name, side }, at) => {
      const told = sideOf(name, side);
      return field(told ? `${name}, ${told}` : name, this.#seats[at]);
    });
    this.#group.replaceChildren(make('legend', 'hint', 'Models'), ...fields);
    this.#showChosen();
  }

  /** @returns {Choice} */
  #choice() {
    const rounds = Number(this.#rounds.value);
    return {
      format: this.#format.value,
      rounds: rounds === this.#shape?.default_rounds ? 0 : rounds,
      models: Object.fromEntries(this.#seats.filter(({ value }) => value).map(({ name, value }) => [name, value])),
    };
  }

  /** @param {EventTarget | null} target */
  #change(target) {
    this.#forgive();
    say(this.#notice, '');
    if (target === this.#format) this.#showFormat(0, this.#choice().models);
    this.#showChosen();
    remember('choice', JSON.stringify(this.#choice()));
  }

  /** What was chosen is told on the outside too: it may be from long ago. */
  #showChosen() {
    const { format, rounds } = this.#choice();
    const words = this.#seats.filter(({ value }) => value).map((seat) => `${seat.name}: ${seat.selectedOptions[0].text}`);
    if (rounds) words.unshift(rounds === 1 ? '1 round' : `${rounds} rounds`);
    if (format !== USUAL) words.unshift(this.#shape?.title ?? '');
    say(this.#chosen, words.join(' · '));
    this.#estimate();
  }

  /** Where the server has no estimate, there is nothing to say. */
  async #estimate() {
    const asked = (this.#asked += 1);
    const told = await estimate(this.choice()).catch(() => null);
    if (asked !== this.#asked) return;
    const { calls = 0, input = 0, output = 0, cost_usd: cost = null } = told ?? {};
    const price = cost === null ? 'what that costs is not known' : cost ? `$${cost.toFixed(cost < 0.1 ? 4 : 2)}` : '$0';
    say(this.#most, told ? `At most ${calls} calls and ${input + output} tokens: ${price}.` : '');
  }
}

/**
 * @param {string} text
 * @param {HTMLElement} control
 */
export function field(text, control) {
  return make('label', 'field', make('bdi', '', text), control);
}

/**
 * @param {string} name the agent's
 * @param {Models} models
 * @param {string | undefined} wanted a model's address or name; the default where there is none of it
 */
export function seat(name, { default: usual, models }, wanted) {
  const select = make('select');
  select.name = name;
  select.append(new Option(usual ? `Default (${usual.name})` : 'Default', ''));
  for (const [endpoint, own] of Map.groupBy(models, (model) => (model.demo ? 'Built in' : model.endpoint))) {
    const group = make('optgroup');
    group.label = endpoint;
    group.append(...own.map((model) => new Option(model.name, model.address)));
    select.append(group);
  }
  const known = models.find(({ address }) => address === wanted) ?? models.find((model) => model.name === wanted);
  select.value = known?.address ?? '';
  return select;
}

/** @param {string} step */
function numberInput(step) {
  const input = make('input');
  input.type = 'number';
  input.min = input.step = step;
  input.placeholder = 'no limit';
  return input;
}

/**
 * @param {URLSearchParams} query with `agents` as `Name=model`, repeated; counts more than what is remembered
 * @returns {Choice}
 */
function wantedChoice(query) {
  const pairs = query.getAll('agents').map((pair) => pair.split(/=(.*)/s));
  if (!pairs.length && !query.has('format') && !query.has('rounds')) return checked(kept());
  return checked({ format: query.get('format'), rounds: Number(query.get('rounds')), models: Object.fromEntries(pairs) });
}

/** @returns {any} */
function kept() {
  try {
    return JSON.parse(recall('choice'));
  } catch {
    return null;
  }
}

/**
 * Anybody may have written it: what makes no sense is left out.
 *
 * @param {any} choice
 * @returns {Choice}
 */
const checked = (choice) => ({
  format: typeof choice?.format === 'string' ? choice.format : '',
  rounds: Number.isInteger(choice?.rounds) && choice.rounds > 0 && choice.rounds <= MOST_ROUNDS ? choice.rounds : 0,
  models: Object.fromEntries(Object.entries(choice?.models ?? {}).filter(([, model]) => model && typeof model === 'string')),
});
