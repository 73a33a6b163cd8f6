/**
 * The network: what is asked of the server, but for the streams (feed.js).
 *
 * Knows the addresses and how a refusal looks on the wire. Keeps no state of a debate.
 */

/** @import {Listed, Models, Past} from './types.js' */

/** What is said of a debate that was there before. */
export const GONE =
  'The server does not have this debate any more: it may have been deleted. What stands here stays until you leave the page.';

/** What the server refused, or that it could not be reached: `detail` says what to do next. */
export class Problem extends Error {
  /**
   * @param {string} detail
   * @param {number} status the HTTP status; 0 when no answer came
   * @param {string} field what in the request is at fault, if anything
   */
  constructor(detail, status, field) {
    super(detail);
    this.status = status;
    this.field = field;
  }

  /** Whether the server has no such thing, or cannot have one by that name. */
  get isMissing() {
    return [400, 404, 410, 422].includes(this.status);
  }

  /** Whether it is the server's own word, and not that of something on the way to it. */
  get isOurs() {
    return ![0, 502, 504].includes(this.status);
  }
}

/**
 * @param {unknown} problem
 * @returns {string} what to tell of it; what is no problem but a mistake of the page is thrown on
 */
export function wordsOf(problem) {
  if (!(problem instanceof Problem)) throw problem;
  return problem.message;
}

/** @param {string} id */
export const debateAddress = (id) => `/api/debates/${encodeURIComponent(id)}`;

/**
 * @param {string} address
 * @param {RequestInit} [request]
 * @returns {Promise<any>} the answer's JSON
 * @throws {Problem}
 */
export async function ask(address, request) {
  let answer;
  try {
    answer = await fetch(address, request);
  } catch {
    throw new Problem('The server does not answer. Check that it is still running, then try again.', 0, '');
  }
  if (!answer.ok) throw await refusal(answer);
  if (answer.status === 204) return {};
  return answer.json().catch(() => {
    throw new Problem('Something on the way answered instead of the server. Try again.', 0, '');
  });
}

/**
 * A name for what is sent once, however often it is sent. `crypto.randomUUID` is missing over plain HTTP.
 */
export const newKey = () => [...crypto.getRandomValues(new Uint32Array(4))].map((number) => number.toString(36)).join('-');

/**
 * @param {Response} answer that is none
 * @returns {Promise<Problem>}
 */
export async function refusal(answer) {
  // A proxy in between may answer with a page of its own, so the body is JSON only perhaps.
  const { detail, title, field } = (await answer.json().catch(() => null)) ?? {};
  return new Problem(detail ?? title ?? `The server answered ${answer.status}.`, answer.status, field ?? '');
}

/**
 * @param {string} address
 * @param {object} body
 * @param {string} key what the request is known by, so that the same one again does nothing twice
 */
export const post = (address, body, key = newKey()) =>
  ask(address, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify(body),
  });

/** @returns {Promise<Models>} */
export const models = () => ask('/api/models');

/** @returns {Promise<Listed[]>} newest first, those of runs left out */
export const recentDebates = async () => (await ask('/api/debates?limit=9&run=')).debates;

/** @returns {Promise<boolean>} whether there are any runs */
export const hasRuns = async () => (await ask('/api/runs?limit=1')).runs.length > 0;

/**
 * Starts a debate that lives as long as somebody watches it.
 *
 * @param {{topic: string, format?: string, rounds?: number, agents?: object[]}} choice
 * @param {string} key the same for a start that is tried again
 * @returns {Promise<{id: string}>}
 */
export const startDebate = (choice, key) => post('/api/debates', { ...choice, detached: false }, key);

/**
 * @param {string} id
 * @param {number} since a seq
 * @returns {Promise<Past>} what has happened after it
 */
export const newsOf = (id, since) => ask(`${debateAddress(id)}/messages?since=${since}`);

/**
 * @param {string} id
 * @param {number} [turn] the one that is to end, while the debate goes on
 */
export const stopDebate = (id, turn) => post(`${debateAddress(id)}/stop`, { turn });
