/**
 * The page of a debate that is not there.
 */

import { make, style } from './dom.js';

export async function open() {
  await style('aside');
  document.title = 'No such debate — debate-server';
  const home = make('a', 'primary', 'Back to the start');
  home.href = '/';
  const element = make('div', 'missing', '');
  element.append(
    make('h1', '', 'There is no such debate'),
    make('p', '', 'It may have been deleted, or its address may have lost a letter on the way.'),
    home,
  );
  return { element, leave() {} };
}
