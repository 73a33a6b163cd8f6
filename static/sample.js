/**
 * The sample: a short debate written for this page, shown by the same viewer as any.
 *
 * Stands in for the network: each speech of the file comes over the time that its `ms` says.
 */

import { link, make, style } from './dom.js';
import { ask } from './net.js';
import { Viewer } from './viewer.js';

/** @import {Follow, WireEvent} from './types.js' */

/** Milliseconds for which a speaker draws breath. */
const BREATH = 900;

export async function open() {
  await Promise.all([style('paper'), style('aside')]);
  const viewer = new Viewer('sample', { source: follow });
  viewer.element.classList.add('sample');
  viewer.element.prepend(make(
    'p', 'sample-line', 'A sample, written by hand for this page: no model speaks here. ',
    link('Start a debate of your own', '/'),
  ));
  return viewer;
}

/** @type {Follow} */
function follow(_, next, onEvent, onLink) {
  let timer = 0;
  let isLeft = false;
  ask('/static/sample.json').then(
    (/** @type {WireEvent[]} */ events) => {
      const steps = spoken(events, matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 1);
      const begun = performance.now();
      const play = () => {
        // A hidden tab's timers are slow: all that is due by now is given.
        for (; next < steps.length && steps[next].at <= performance.now() - begun; next += 1) {
          onEvent({ ...steps[next].event, seq: next + 1 });
        }
        if (next < steps.length) timer = window.setTimeout(play, Math.ceil(steps[next].at - (performance.now() - begun)));
      };
      if (!isLeft) play();
    },
    (problem) => onLink('refused', problem.message),
  );
  return () => {
    isLeft = true;
    clearTimeout(timer);
  };
}

/**
 * @param {WireEvent[]} events with the speeches whole
 * @param {number} pace 0: all at once
 * @returns {{at: number, event: WireEvent}[]} with the speeches in words, each `at` its milliseconds from the beginning
 */
function spoken(events, pace) {
  let at = 0;
  return events.flatMap((event) => {
    if (event.type !== 'agent_end') return { at, event };
    const { agent, turn, content, ms } = event;
    const begun = at + BREATH * pace;
    at = begun + ms * pace;
    const words = [...content.matchAll(/\s*\S+/g)].map(({ 0: word, index }) => ({
      at: begun + (ms * pace * index) / content.length,
      event: { type: 'token', agent, turn, content: word },
    }));
    return [...words, { at, event }];
  });
}
