/**
 * Turns an `<a>` of a speech into a link that can be trusted to go where it says, or back into the text it was.
 *
 * Knows addresses. Nothing is fetched before the reader follows one, and whoever is visited learns nothing of this page.
 */

import { make } from './dom.js';

const SCHEMES = ['http:', 'https:', 'mailto:'];

/**
 * @param {HTMLElement} link
 * @param {string} opening what stood before its text: `[`, `![`, or nothing for a bare address
 * @param {string | null} address null: none was given
 */
export function linkTo(link, opening, address) {
  const url = urlOf(address ?? '');
  if (!(link instanceof HTMLAnchorElement) || !url) {
    if (opening) link.before(opening);
    if (opening) link.after(address === null ? ']' : `](${address})`);
    return;
  }
  const text = link.textContent ?? '';
  link.href = url.href;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  const host = url.host || url.pathname;
  if (hostIn(text) !== host) link.append(' ', make('bdi', 'host', `(${host})`));
}

/**
 * @param {string} address as it was written, perhaps with a title after it
 * @returns {URL | null} null where it is no address that a speech may lead to
 */
function urlOf(address) {
  const [bare] = address.trim().replace(/^</, '').split(/[\s>]/);
  const clean = bare.replace(bare.includes('(') ? /[.,;:!?'"*]+$/ : /[.,;:!?'"*)]+$/, '');
  const url = URL.canParse(clean) ? new URL(clean) : null;
  return url && SCHEMES.includes(url.protocol) ? url : null;
}

/**
 * @param {string} text
 * @returns {string} the host that a text is the address of
 */
const hostIn = (text) => /^(?:https?:\/\/|mailto:)?([^/?#]*)/i.exec(text.trim())?.[1].toLowerCase() ?? '';
