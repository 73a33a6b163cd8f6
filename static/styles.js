/**
 * The style sheets of the parts that are loaded when asked for.
 */

import { make } from './dom.js';

/**
 * @param {string} name
 * @returns {Promise<void>} when it is there, or cannot be had: the part works without
 */
export const loadStyle = (name) =>
  new Promise((resolve) => {
    const href = `/static/css/${name}.css`;
    if (document.querySelector(`link[href="${href}"]`)) return resolve();
    const link = make('link', '', '');
    link.rel = 'stylesheet';
    link.href = href;
    link.onload = link.onerror = () => resolve();
    document.head.append(link);
  });
