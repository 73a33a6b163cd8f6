/**
 * Polling a debate: for where streams do not get through.
 *
 * Knows when to ask. What it is told leaves out what only makes sense live; a speech comes whole, when it is over.
 */

import { GONE, newsOf, Problem } from './net.js';

/** @import {Link, WireEvent} from './types.js' */

/** Milliseconds from one question to the next: after news, and at most. */
const [SHORTEST, LONGEST] = [1000, 8000];

/**
 * @param {string} id
 * @param {number} since
 * @param {(event: WireEvent) => void} onEvent
 * @param {(link: Link, detail?: string) => void} onLink
 * @param {AbortSignal} signal ends it
 */
export async function poll(id, since, onEvent, onLink, signal) {
  for (let pause = SHORTEST; !signal.aborted; pause = Math.min(2 * pause, LONGEST)) {
    const news = await newsOf(id, since).catch((problem) => problem);
    if (signal.aborted) return;
    if (news instanceof Problem) {
      const isGone = news.status === 404;
      onLink(news.isOurs ? 'refused' : 'cut', isGone ? GONE : news.message);
      if (isGone) return;
    } else {
      onLink('polling');
      news.messages.forEach(onEvent);
      if (news.next > since) pause = SHORTEST;
      since = news.next;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
