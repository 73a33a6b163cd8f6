/**
 * One feed for all tabs of this browser: a tab leads, by a Web Lock, and passes on what each of the others asks for.
 *
 * Each follower holds a lock of its own, so that the leader learns when it is gone, however it went. Who asks says how
 * far it is, so that a new leader needs nothing from the last one. Does not know what an event means.
 */

import { Feed } from './feed.js';

/** @import {News, Source} from './types.js' */

/** All locks and channels begin with it. A debate's news go over a channel of its own, so that no other tab wakes for it. */
const NAME = 'debates';

/** So many calls without an answer, and the leader is asleep. */
const UNANSWERED = 3;

/**
 * @param {string} id
 * @param {() => number} seq how far the follower is
 * @param {(news: News) => void} onNews
 * @param {() => void} onDenied this browser keeps its locks from this page
 * @returns {Source}
 */
export function shared(id, seq, onNews, onDenied) {
  const name = `${NAME}/${crypto.randomUUID()}`;
  const calls = new BroadcastChannel(NAME);
  const news = new BroadcastChannel(`${NAME}/${id}`);
  const leaving = new AbortController();
  const { signal } = leaving;
  const left = new Promise((resolve) => signal.addEventListener('abort', resolve));
  let unanswered = 0;

  const ask = () => calls.postMessage({ name, id, seq: seq() });

  /** @param {LockOptions} options */
  async function stand(options) {
    let stop = () => {};
    const term = () => {
      stop = lead();
      return left;
    };
    await navigator.locks.request(NAME, options, term).catch(() => {});
    stop();
    if (!signal.aborted) stand({ signal });
  }

  calls.onmessage = ({ data }) => data.id || ask();
  news.onmessage = ({ data }) => {
    unanswered = 0;
    onNews(data);
  };
  const attend = () => {
    ask();
    stand({ signal });
    return left;
  };
  navigator.locks.request(name, { signal }, attend).catch(() => {
    if (signal.aborted) return;
    calls.close();
    news.close();
    onDenied();
  });

  return {
    want() {
      unanswered += 1;
      if (unanswered % UNANSWERED === 0 && !document.hidden) stand({ steal: true });
      else ask();
    },
    leave() {
      leaving.abort();
      calls.close();
      news.close();
    },
  };
}

/** @returns {() => void} ends it */
function lead() {
  const calls = new BroadcastChannel(NAME);
  const ending = new AbortController();

  /** @type {Map<string, string>} lock → debate */
  const followers = new Map();

  /** @type {Map<string, BroadcastChannel>} by debate */
  const channels = new Map();

  /**
   * @param {string} id
   * @param {News} news
   */
  function send(id, news) {
    if (!channels.has(id)) channels.set(id, new BroadcastChannel(`${NAME}/${id}`));
    channels.get(id)?.postMessage(news);
  }

  const feed = new Feed(
    (id, events) => send(id, { events }),
    () => new Set(followers.values()).forEach((id) => send(id, { link: feed.link, detail: feed.detail })),
  );

  /**
   * @param {string} name
   * @param {string} id
   */
  async function watch(name, id) {
    followers.set(name, id);
    const gone = await navigator.locks.request(name, { signal: ending.signal }, () => true).catch(() => false);
    if (!gone) return;
    followers.delete(name);
    if ([...followers.values()].includes(id)) return;
    feed.drop(id);
    channels.get(id)?.close();
    channels.delete(id);
  }

  calls.onmessage = ({ data: { name, id, seq } }) => {
    if (!id) return;
    if (!followers.has(name)) watch(name, id);
    send(id, { link: feed.link, detail: feed.detail });
    feed.want(id, seq);
  };
  calls.postMessage({});
  return () => {
    ending.abort();
    feed.leave();
    for (const channel of [calls, ...channels.values()]) channel.close();
  };
}
