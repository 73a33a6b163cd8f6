/**
 * Where a debate comes from and where it goes on: the run that it is one of; and its parent, the other forks of that, and
 * its own, as a small tree.
 *
 * Knows what else the server has of these. Loaded for a debate that has a parent, or was there before its reader.
 */

import { link, make, style } from './dom.js';
import { ask, debateAddress } from './net.js';
import { dateAs, isolated } from './wording.js';

/** @import {Agent, Debate, Relative} from './types.js' */
/** @import {Viewer} from './viewer.js' */

/**
 * @param {string} id of a debate that may be deleted
 * @returns {Promise<(Relative & {forks: Relative[], agents: Agent[], run: string | null}) | null>}
 */
const look = (id) => ask(debateAddress(id)).catch(() => null);

/** @param {Viewer} viewer */
export async function showFamily({ element, received: { id, parent } }) {
  const [self, above] = await Promise.all([look(id), parent ? look(parent) : null]);
  if (self?.run) {
    element.prepend(make('p', 'family', link('Part of a run', `/runs/${encodeURIComponent(self.run)}`)));
  }
  if (!self || !(parent || self.forks?.length)) return;
  const own = item(above?.forks.find((fork) => fork.id === id) ?? self, self, id);
  own.append(tree(self.forks.map((fork) => item(fork, self, id))));
  const siblings = (above?.forks ?? [self]).map((fork) => (fork.id === id ? own : item(fork, self, id)));
  const top = above ? item(above, self, id) : make('li', '', parent ? 'A debate that is deleted' : '');
  top.append(tree(siblings));
  const nav = make('nav', 'family', tree([parent ? top : own]));
  nav.ariaLabel = 'Forks';
  element.prepend(nav);
}

/**
 * @param {Debate} debate that is a fork
 * @returns {Promise<string>} what is other than in its parent, '' where nothing is
 */
export async function changesOf({ parent, topic, agents }) {
  const above = await look(parent);
  if (!above) return '';
  const models = agents.flatMap(({ name, model }) => {
    const before = above.agents.find((agent) => agent.name === name)?.model;
    return before && before !== model ? `${isolated(name)} is ${isolated(model)} instead of ${isolated(before)}` : [];
  });
  return [...(topic === above.topic ? [] : ['another topic']), ...models].map((change) => `, ${change}`).join('');
}

/** @param {HTMLElement[]} items */
function tree(items) {
  return make('ul', '', ...items);
}

/**
 * @param {Relative} debate
 * @param {Relative} self
 * @param {string} shown the one that is on the page
 */
function item({ id, topic, created, turn, status }, self, shown) {
  const text = [
    topic === self.topic && id !== shown ? '' : topic,
    turn ? `from turn ${turn}` : '',
    dateAs(created, 'medium'),
    status === 'done' ? '' : status,
  ].filter(Boolean).join(' · ');
  const place = link(text, `/d/${encodeURIComponent(id)}`);
  place.dir = 'auto';
  if (id === shown) place.setAttribute('aria-current', 'page');
  return make('li', '', place);
}
