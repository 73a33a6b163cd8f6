/**
 * The network: the only module that talks to the server.
 *
 * Knows the addresses and how a refusal looks on the wire. Does not know what events mean (but that nothing follows
 * `done`), and keeps no state of a debate.
 */

/** @import {Listed, Models, WireEvent} from './types.js' */

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
  // A proxy in between may answer with a page of its own, so the body is JSON only perhaps.
  const body = (await answer.json().catch(() => null)) ?? {};
  if (answer.ok) return body;
  throw new Problem(body.detail ?? body.title ?? `The server answered ${answer.status}.`, answer.status, body.field ?? '');
}

/**
 * @param {string} address
 * @param {object} body
 */
const post = (address, body) =>
  ask(address, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

/** @returns {Promise<Models>} */
export const models = () => ask('/api/models');

/** @returns {Promise<Listed[]>} newest first */
export const recentDebates = async () => (await ask('/api/debates?limit=9')).debates;

/**
 * Starts a debate that lives as long as somebody watches it.
 *
 * @param {{topic: string, format?: string, rounds?: number, agents?: object[]}} choice
 * @returns {Promise<{id: string}>}
 */
export const startDebate = (choice) => post('/api/debates', { ...choice, detached: false });

/**
 * @param {string} id
 * @returns {Promise<{status: string, seq: number}>} where the debate stands
 */
export const findDebate = (id) => ask(debateAddress(id));

/**
 * A person speaks to the agents.
 *
 * @param {string} id
 * @param {{content: string, to: string | null}} message
 * @param {string} key the same for every try, so that it is said once
 */
export const sendMessage = (id, message, key) =>
  ask(`${debateAddress(id)}/messages`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify(message),
  });

/** @param {string} id */
export const stopDebate = (id) => post(`${debateAddress(id)}/stop`, {});

/**
 * @param {string} id
 * @param {'md' | 'json' | 'html'} form
 */
export const exportAddress = (id, form) => `${debateAddress(id)}/export.${form}`;

/**
 * Follows a debate's events until `done`. The browser reconnects by itself, from its last event, unless it is refused.
 *
 * @param {string} id
 * @param {number} since the last seq already seen; 0 for all
 * @param {(event: WireEvent) => void} onEvent
 * @param {(link: 'open' | 'cut' | 'refused') => void} onLink `cut`: the browser is trying again; `refused`: it is not
 * @returns {() => void} leaves the stream
 */
export function follow(id, since, onEvent, onLink) {
  const source = new EventSource(`${debateAddress(id)}/events${since ? `?since=${since}` : ''}`);
  source.onopen = () => onLink('open');
  source.onerror = () => onLink(source.readyState === EventSource.CLOSED ? 'refused' : 'cut');
  source.onmessage = ({ data }) => {
    if (!data) return;
    const event = JSON.parse(data);
    if (event.type === 'done') source.close();
    onEvent(event);
  };
  return () => source.close();
}
