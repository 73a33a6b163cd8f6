/**
 * What there is to say of models beside the name of one: that there is none, that it is only the demo one and how to get
 * a better, and which others were found.
 */

import { copyText } from './clipboard.js';
import { button, link, make, say } from './dom.js';

/** @import {Model, Models} from './types.js' */

/** Gets a better model for nothing. A running server finds it by itself. */
const BETTER = 'ollama pull qwen3:4b';

/**
 * @param {HTMLElement} place where a model that needs no excuse may be named already
 * @param {Models} found
 * @param {HTMLDetailsElement} options where one can be chosen
 */
export function showModels(place, { default: usual, why, models }, options) {
  const others = models.filter(({ endpoint, demo }) => !demo && endpoint !== usual?.endpoint);
  if (!usual) place.append(line(make('strong', '', 'No model can speak. '), why));
  else if (usual.demo) place.append(line('Speaking: ', make('strong', '', usual.name), excuse(usual, why)));
  if (others.length) place.append(line(`Also found: ${inWords(others)}. `, chooser(options)));
  else if (!usual || usual.demo) place.append(...advice());
}

/**
 * A file of the user's own is embedded too, but no demo.
 *
 * @param {Model} usual
 * @param {string} why
 */
const excuse = ({ name }, why) =>
  name.endsWith('(demo)') ? ', a tiny demo model that speaks English only.' : why.slice(name.length);

/** @returns {HTMLElement[]} */
function advice() {
  const told = make('span');
  told.role = 'status';
  const copy = button('Copy', async () => {
    say(told, (await copyText(BETTER)) ? ' Copied' : ' Not copied. Select it instead.');
  });
  return [
    line('For a better one, with ', link('Ollama', 'https://ollama.com/download'), ' installed, type ', make('code', '', BETTER), ' ', copy, told),
    line(
      'Then load this page again. Or start the server with ', make('code', '', 'OPENAI_API_KEY'), ' or ',
      make('code', '', 'OPENAI_BASE_URL'), ' set.',
    ),
  ];
}

/** @param {HTMLDetailsElement} options */
const chooser = (options) =>
  button('Choose', () => {
    options.open = true;
    options.querySelector('summary')?.focus();
  });

/** @param {Model[]} others */
const inWords = (others) =>
  [...Map.groupBy(others, ({ endpoint }) => endpoint)]
    .map(([endpoint, { length }]) => `${endpoint} with ${length === 1 ? 'one model' : `${length} models`}`)
    .join(', ');

/** @param {(Node | string)[]} parts */
const line = (...parts) => make('p', '', ...parts);
