/**
 * The wire's events, and the one fold that makes a debate's state of them.
 *
 * Pure: knows the vocabulary of the wire, not where events come from, what time it is, or how a debate looks. To show
 * a new event, add its line to the table. Events of an unknown type change nothing but the seq.
 */

/** @import {Debate, Turn, WireEvent} from './types.js' */

/** @type {Debate} */
export const NO_DEBATE = Object.freeze({
  seq: 0, id: '', parent: '', topic: '', format: '', rounds: 0, created: '', agents: [], turns: [], messages: [],
  ballots: [], verdict: null, isHeld: false, fault: '', reason: '', remark: '',
});

/**
 * Changes an event's turn. Who polls is not told that one begins: it does with what is heard of it first.
 *
 * @param {Debate} debate
 * @param {WireEvent} event
 * @param {(turn: Turn) => Partial<Turn>} change
 * @returns {Debate}
 */
function changeTurn(debate, event, change) {
  const isKnown = debate.turns.some(({ turn }) => turn === event.turn);
  const turns = isKnown ? debate.turns : [...debate.turns, begun(event)];
  return { ...debate, turns: turns.map((turn) => (turn.turn === event.turn ? { ...turn, ...change(turn) } : turn)) };
}

/**
 * @param {WireEvent} event
 * @returns {Turn}
 */
const begun = ({ agent, turn, round, attempt = 1 }) => ({
  turn, agent, round, attempt, phase: 'preparing', text: '', tokens: 0, finish: '', usage: null, ms: 0, fault: '',
});

/** @type {Record<string, (debate: Debate, event: WireEvent) => Debate>} */
export const EVENTS = {
  debate_start: (debate, { debate: id, parent = '', topic, format, rounds, created, agents }) => ({
    ...debate, id, parent, topic, format, rounds, created, agents,
  }),

  // The turn may be there from a void attempt; the new attempt takes its place.
  agent_start: (debate, event) => changeTurn(debate, event, () => begun(event)),

  thinking: (debate, event) => changeTurn(debate, event, () => ({ phase: 'thinking' })),

  token: (debate, event) =>
    changeTurn(debate, event, ({ text, tokens }) => ({
      phase: 'speaking', text: text + event.content, tokens: tokens + 1,
    })),

  // The tokens are the speech already; `content` matters to a reader who was not sent all of them.
  agent_end: (debate, event) =>
    changeTurn(debate, event, ({ text, phase, attempt }) => ({
      phase: 'ended', text: event.content || text, attempt: phase === 'retrying' ? attempt + 1 : attempt,
      round: event.round, finish: event.finish_reason, usage: event.usage, ms: event.ms, fault: '',
    })),

  agent_error: (debate, event) =>
    changeTurn(debate, event, () => ({
      phase: event.retrying ? 'retrying' : 'failed', attempt: event.attempt, text: '', tokens: 0, fault: event.message,
    })),

  message: (debate, { message_id, content, to, turn }) => ({
    ...debate, messages: [...debate.messages, { id: message_id, content, to, after: turn }],
  }),

  paused: (debate) => ({ ...debate, isHeld: true }),

  resumed: (debate) => ({ ...debate, isHeld: false }),

  ballot: (debate, event) => ({ ...debate, ballots: [...debate.ballots, /** @type {any} */ (event)] }),

  verdict: (debate, event) => ({ ...debate, verdict: /** @type {any} */ (event) }),

  error: (debate, { message }) => ({ ...debate, fault: message }),

  done: (debate, { reason, message }) => ({ ...debate, reason, remark: message ?? '' }),
};

/**
 * Folds one event in. What was seen before is ignored, and so is what has no seq: it is not in the log.
 *
 * @param {Debate} debate
 * @param {WireEvent} event
 * @returns {Debate}
 */
export function fold(debate, event) {
  if (event.seq === undefined || event.seq <= debate.seq) return debate;
  const change = Object.hasOwn(EVENTS, event.type) ? EVENTS[event.type] : undefined;
  return { ...(change ? change(debate, event) : debate), seq: event.seq };
}

/**
 * Whether nothing more will be said in the turn.
 *
 * @param {Turn} turn
 */
export const isOver = (turn) => turn.phase === 'ended' || turn.phase === 'failed';

/**
 * Where an agent sits: any side but the two benches is the chair.
 *
 * @param {Debate} debate
 * @param {string} name
 * @returns {'for' | 'against' | 'chair'}
 */
export function benchOf(debate, name) {
  const side = debate.agents.find((agent) => agent.name === name)?.side;
  return side === 'for' || side === 'against' ? side : 'chair';
}

/**
 * Whether a turn is the decision: the chair's, after all counted rounds.
 *
 * @param {Debate} debate
 * @param {Turn} turn
 */
export const isDecision = (debate, turn) => turn.round > debate.rounds && benchOf(debate, turn.agent) === 'chair';
