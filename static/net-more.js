/**
 * The network, of the parts that are loaded when asked for: formats, what is done with a debate, and those that were held.
 */

import { ask, debateAddress, post } from './net.js';

/** @import {Format, Listed} from './types.js' */

/** @returns {Promise<Format[]>} what shapes a debate can have */
export const formats = async () => (await ask('/api/formats')).formats;

/**
 * @param {object} choice a start but for its topic
 * @returns {Promise<{calls: number, input: number, output: number, cost_usd: number | null}>} what it would take at most
 */
export const estimate = (choice) => post('/api/estimate', { topic: '?', ...choice });

/**
 * @param {Record<string, string>} which what is empty counts for nothing, but of `run` it means those of none
 * @returns {Promise<Listed[]>} newest first
 */
export const findDebates = async (which) => (await ask(`/api/debates?${new URLSearchParams(which)}`)).debates;

/**
 * Forgets a debate that is over. This is asked also while the page is being left.
 *
 * @param {string} id
 */
export const deleteDebate = (id) => ask(debateAddress(id), { method: 'DELETE', keepalive: true });

/**
 * Starts a debate that begins with what another said whole.
 *
 * @param {string} id the other
 * @param {string} key the same for a start that is tried again
 * @returns {Promise<{id: string}>}
 */
export const retryDebate = (id, key) => post(`${debateAddress(id)}/retry`, { detached: false }, key);

/**
 * A new debate that begins with what another said before a turn; without one, it goes on after its end.
 *
 * @param {string} id the other
 * @param {object} wanted
 * @param {string} key the same for a fork that is tried again
 * @returns {Promise<{id: string}>}
 */
export const forkDebate = (id, wanted, key) => post(`${debateAddress(id)}/fork`, { ...wanted, detached: false }, key);

/**
 * A person speaks to the agents.
 *
 * @param {string} id
 * @param {{content: string, to: string | null}} message
 * @param {string} key the same for every try, so that it is said once
 */
export const sendMessage = (id, message, key) =>
  post(`${debateAddress(id)}/messages`, message, key);

/**
 * Nothing more is generated when the open turns are over; answered then.
 *
 * @param {string} id
 */
export const holdDebate = (id) => post(`${debateAddress(id)}/pause`, {});

/** @param {string} id */
export const resumeDebate = (id) => post(`${debateAddress(id)}/resume`, {});

/**
 * @param {string} id
 * @returns {[string, string][]} the names of what a debate can be kept as, each with its address
 */
export const exportsOf = (id) => [
  ['Markdown', `${debateAddress(id)}/export.md`],
  ['JSON', `${debateAddress(id)}/export.json`],
  ['HTML', `${debateAddress(id)}/export.html`],
];
