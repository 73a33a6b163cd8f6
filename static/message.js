/**
 * What somebody in the audience said, as it stands on the paper.
 */

import { copyOf, find, say } from './dom.js';
import { addressee } from './wording.js';

/** @import {Message} from './types.js' */

/** @param {Message} message */
export function messageCard(message) {
  const card = copyOf('message-card');
  const id = `m-${message.id}`;
  find(card, 'article', HTMLElement).setAttribute('aria-labelledby', id);
  find(card, '.speaker', HTMLElement).id = id;
  say(find(card, '.side', HTMLElement), addressee(message));
  say(find(card, '.said', HTMLElement), message.content);
  return card;
}
