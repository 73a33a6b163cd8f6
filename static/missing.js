/**
 * The page of a debate that is not there.
 */

import { link, make, style } from './dom.js';

export async function open() {
  await style('aside');
  document.title = 'No such debate — debate-server';
  const element = make(
    'div', 'missing',
    make('h1', '', 'There is no such debate'),
    make('p', '', 'It may have been deleted, or its address may have lost a letter on the way.'),
    link('Back to the start', '/', 'primary'),
  );
  return { element, leave() {} };
}
