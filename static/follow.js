/**
 * Following a debate: its events in order, none missing and none twice, by whatever way gets through.
 *
 * The ways: one feed for all tabs; one of this tab's own, where the page is no secure context; polling, where streams do
 * not get through. Knows seqs, and nothing of what events mean but that nothing follows `done`.
 */

import { Feed } from './feed.js';
import { GONE } from './net.js';
import { shared } from './shared.js';

/** @import {Link, News, Source, WireEvent} from './types.js' */

/** Milliseconds without news after which the source is asked whether it is still at it. */
const QUIET = 3000;

/**
 * @param {string} id
 * @param {number} since the last seq already seen; 0 for all
 * @param {(event: WireEvent, isPolled: boolean) => void} onEvent polled events leave others out; those come when a stream
 *   gets through again, which goes on where the last one ended, so that all but the polled ones have no gap
 * @param {(link: Link, detail?: string) => void} onLink `detail`: why it is refused, and what to do next
 * @returns {() => void} leaves it
 */
export function follow(id, since, onEvent, onLink) {
  let seq = since;
  let isQuiet = false;
  let isLeft = false;

  /** @type {(() => void) | null} ends the polling, if there is any */
  let endPolling = null;

  /** @param {News} news */
  function hear({ events = [], link, detail }) {
    if (isLeft) return;
    isQuiet = false;
    if (link) heed(link, detail);
    for (const event of events) {
      if (isLeft) return;
      if (!event.seq) refuse(event);
      else if (event.seq > seq + 1) return source.want();
      else if (event.seq > seq) pass(event);
    }
  }

  /** @param {WireEvent} event */
  function pass(event) {
    seq = event.seq ?? seq;
    onEvent(event, false);
    if (event.type === 'done') leave();
  }

  /** @param {WireEvent} error */
  function refuse({ code, message }) {
    const isGone = code === 'unknown_cursor';
    if (isGone) leave();
    onLink('refused', isGone ? GONE : message);
  }

  /**
   * While it polls, the polling tells how it fares.
   *
   * @param {Link} link
   * @param {string} [detail]
   */
  function heed(link, detail) {
    if (link === 'polling') endPolling ??= poll();
    else if (link === 'open') endPolling = endPolling?.() ?? null;
    if (!endPolling) onLink(link, detail);
  }

  function poll() {
    const polling = new AbortController();
    const take = (/** @type {WireEvent} */ event) => {
      onEvent(event, true);
      if (event.type === 'done') leave();
    };
    import('./poll.js').then(
      (way) => way.poll(id, seq, take, onLink, polling.signal),
      () => (endPolling = null),
    );
    return () => polling.abort();
  }

  function leave() {
    isLeft = true;
    clearInterval(timer);
    endPolling?.();
    source.leave();
  }

  /** @returns {Source} */
  function alone() {
    const feed = new Feed((_, events) => hear({ events }), () => hear(feed));
    const want = () => feed.want(id, seq);
    want();
    return { want, leave: () => feed.leave() };
  }

  /** @type {Source} */
  let source = navigator.locks ? shared(id, () => seq, hear, () => (source = alone())) : alone();
  const timer = setInterval(() => {
    if (isQuiet) source.want();
    isQuiet = true;
  }, QUIET);
  return leave;
}
