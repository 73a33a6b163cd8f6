/**
 * Polling: when to ask again; and of a debate, for where streams do not get through.
 *
 * What is told of a debate leaves out what only makes sense live; a speech comes whole, when it is over.
 */

import { GONE, newsOf, Problem } from './net.js';

/** @import {Link, WireEvent} from './types.js' */

/** Milliseconds from one question to the next: after news, and at most. */
const [SHORTEST, LONGEST] = [1000, 8000];

/**
 * Asks again and again, soon after something new and then ever later.
 *
 * @param {() => Promise<boolean | null>} look gives whether there was anything new; null: there will not be
 * @param {AbortSignal} signal ends it
 */
export async function keepAsking(look, signal) {
  for (let pause = SHORTEST; !signal.aborted; pause = Math.min(2 * pause, LONGEST)) {
    const isNew = await look();
    if (isNew === null) return;
    if (isNew) pause = SHORTEST;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/**
 * @param {string} id
 * @param {number} since
 * @param {(event: WireEvent) => void} onEvent
 * @param {(link: Link, detail?: string) => void} onLink
 * @param {AbortSignal} signal ends it
 */
export const poll = (id, since, onEvent, onLink, signal) => keepAsking(async () => {
  const news = await newsOf(id, since).catch((problem) => problem);
  if (signal.aborted) return null;
  if (news instanceof Problem) {
    const isGone = news.status === 404;
    onLink(news.isOurs ? 'refused' : 'cut', isGone ? GONE : news.message);
    return isGone ? null : false;
  }
  onLink('polling');
  news.messages.forEach(onEvent);
  const isNew = news.next > since;
  since = news.next;
  return isNew;
}, signal);
