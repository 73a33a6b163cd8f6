/**
 * What a reader wants of a debate beside its topic, as an address or this browser's memory has it. Anybody may have
 * written either: what makes no sense is left out. Does not know which formats and models there are.
 */

import { recall, remember } from './memory.js';

/** @import {Choice} from './types.js' */

/** How many rounds can be asked for. */
export const MOST_ROUNDS = 10;

/**
 * @param {URLSearchParams} query with `agents` as `Name=model`, repeated; counts more than what is remembered
 * @returns {Choice}
 */
export function wantedChoice(query) {
  const pairs = query.getAll('agents').map((pair) => pair.split(/=(.*)/s));
  if (!pairs.length && !query.has('format') && !query.has('rounds')) return checked(kept());
  return checked({ format: query.get('format'), rounds: Number(query.get('rounds')), models: Object.fromEntries(pairs) });
}

/** @param {Choice} choice */
export const keep = (choice) => remember('choice', JSON.stringify(choice));

/** @returns {any} */
function kept() {
  try {
    return JSON.parse(recall('choice'));
  } catch {
    return null;
  }
}

/**
 * @param {any} choice
 * @returns {Choice}
 */
const checked = (choice) => ({
  format: typeof choice?.format === 'string' ? choice.format : '',
  rounds: Number.isInteger(choice?.rounds) && choice.rounds > 0 && choice.rounds <= MOST_ROUNDS ? choice.rounds : 0,
  models: Object.fromEntries(Object.entries(choice?.models ?? {}).filter(([, model]) => model && typeof model === 'string')),
});
