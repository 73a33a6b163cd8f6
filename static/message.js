/** What somebody in the audience said, as it stands on the paper. Loaded when somebody did. */

import { make } from './dom.js';
import { isolated } from './wording.js';

/** @import {Message} from './types.js' */

/**
 * @param {HTMLElement} card empty, in its place
 * @param {Message} message
 */
export function fill(card, { id, to, content }) {
  const speaker = make('p', 'speaker', '');
  speaker.id = `m-${id}`;
  const addressee = make('span', 'side', to ? `to ${isolated(to)}` : 'to all');
  speaker.append(make('span', 'name', 'From the audience'), ' ', addressee);
  const said = make('p', 'said', content);
  said.dir = 'auto';
  const article = make('article', '', '');
  article.setAttribute('aria-labelledby', speaker.id);
  article.append(speaker, said);
  card.append(article);
}
