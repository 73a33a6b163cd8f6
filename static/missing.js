/**
 * The page of a debate, or a run, that is not there.
 */

import { link, make, style } from './dom.js';

/** @param {string} [what] */
export async function open(what = 'debate') {
  await style('aside');
  document.title = `No such ${what} — debate-server`;
  const element = make(
    'div', 'missing',
    make('h1', '', `There is no such ${what}`),
    make('p', '', 'It may have been deleted, or its address may have lost a letter on the way.'),
    link('Back to the start', '/', 'primary'),
  );
  return { element, leave() {} };
}
