/**
 * The feed: one stream over any number of debates, opened anew after a cut and when other debates are wanted.
 *
 * Knows how a stream is read, and when one is cut or does not get through. Does not know who wants a debate, nor what
 * its events mean, but that `done` is the last.
 */

import { refusal } from './net.js';

/** @import {Link, WireEvent} from './types.js' */

/** Milliseconds within which a stream that gets through brings its first event. */
const FIRST_EVENT = 5000;

/** So many streams without one are enough. */
const SILENCES = 2;

/** Milliseconds without even a heartbeat after which an open stream counts as cut. */
const QUIET = 45_000;

/** Milliseconds until the next try. */
const PAUSES = { cut: 1000, refused: 3000, polling: 30_000 };

export class Feed {
  /** @type {Link | ''} '' while no stream has come to anything */
  link = '';

  /** Why it is refused. */
  detail = '';

  /** @type {Map<string, number>} the last seq read of each debate */
  #cursors = new Map();
  #stream = new AbortController();
  #silences = 0;
  #timer = 0;
  #due = Infinity;
  #onEvents;
  #onLink;

  /**
   * @param {(id: string, events: WireEvent[]) => void} onEvents some may have come before; one without a seq says why no
   *   more of the debate comes
   * @param {() => void} onLink
   */
  constructor(onEvents, onLink) {
    this.#onEvents = onEvents;
    this.#onLink = onLink;
  }

  /**
   * Follows a debate from `seq` on, or goes back there. What is due is tried again, as a hidden tab's timers run late.
   *
   * @param {string} id
   * @param {number} seq
   */
  want(id, seq) {
    const isNew = seq < (this.#cursors.get(id) ?? Infinity);
    if (isNew) this.#cursors.set(id, seq);
    if (isNew || Date.now() > this.#due) this.#open();
  }

  /** @param {string} id */
  drop(id) {
    if (this.#cursors.delete(id)) this.#open();
  }

  leave() {
    this.#cursors.clear();
    this.#open();
  }

  async #open() {
    this.#stream.abort();
    const stream = (this.#stream = new AbortController());
    clearTimeout(this.#timer);
    this.#due = Infinity;
    if (!this.#cursors.size) return;
    let isLate = false;
    this.#timer = window.setTimeout(() => {
      isLate = true;
      stream.abort();
    }, FIRST_EVENT);
    // From one event before, so that a stream that gets through says so at once.
    const after = [...this.#cursors].map(([id, seq]) => `after=${encodeURIComponent(id)}.${Math.max(0, seq - 1)}`);
    const answer = await fetch(`/api/events?${after.join('&')}`, { signal: stream.signal }).catch(() => null);
    const problem = answer && !answer.ok ? await refusal(answer) : null;
    if (answer && !problem) await this.#read(answer, stream);
    if (this.#stream !== stream || !this.#cursors.size) return;
    if (problem?.isOurs) return this.#retry('refused', problem.message);
    if (isLate) this.#silences += 1;
    if (this.#silences >= SILENCES) this.#retry('polling');
    else if (isLate) this.#open();
    else this.#retry('cut');
  }

  /**
   * @param {Response} answer
   * @param {AbortController} stream
   */
  async #read(answer, stream) {
    let isHeard = false;
    for await (const events of eventsOf(answer)) {
      if (this.#stream !== stream) return;
      isHeard ||= events.length > 0;
      if (!isHeard) continue;
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => stream.abort(), QUIET);
      this.#silences = 0;
      if (this.link !== 'open') this.#tell('open');
      this.#pass(events);
    }
  }

  /** @param {WireEvent[]} all */
  #pass(all) {
    for (const [id, events] of Map.groupBy(all, ({ debate }) => debate)) {
      const { type, seq } = events[events.length - 1];
      if (!this.#cursors.has(id)) continue;
      if (!seq || type === 'done') this.#cursors.delete(id);
      else this.#cursors.set(id, seq);
      this.#onEvents(id, events);
    }
  }

  /**
   * @param {keyof typeof PAUSES} link
   * @param {string} [detail]
   */
  #retry(link, detail) {
    this.#timer = window.setTimeout(() => this.#open(), PAUSES[link]);
    this.#due = Date.now() + PAUSES[link];
    this.#tell(link, detail);
  }

  /**
   * @param {Link} link
   * @param {string} detail
   */
  #tell(link, detail = '') {
    this.link = link;
    this.detail = detail;
    this.#onLink();
  }
}

/**
 * @param {Response} answer
 * @returns {AsyncGenerator<WireEvent[]>} what each read brings, until the stream ends or breaks
 */
async function* eventsOf(answer) {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  while (true) {
    const read = await reader?.read().catch(() => null);
    if (!read || read.done) return;
    const lines = (rest + read.value).split('\n');
    rest = lines.pop() ?? '';
    try {
      yield lines.filter((line) => line.startsWith('data: {')).map((line) => JSON.parse(line.slice(6)));
    } catch {
      // Something on the way has had its hands in it.
      return;
    }
  }
}
