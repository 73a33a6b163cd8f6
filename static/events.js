/**
 * The wire's events, and the one fold that makes a debate's state of them.
 *
 * Pure: knows the vocabulary of the wire, not where events come from, what time it is, or how a debate looks. To show
 * a new event, add its line to the table. Events of an unknown type change nothing but the seq.
 */

/** @import {Debate, Turn, WireEvent} from './types.js' */

/** @type {Debate} */
export const NO_DEBATE = Object.freeze({
  seq: 0, id: '', topic: '', format: '', rounds: 0, created: '', agents: [], turns: [], messages: [],
  ballots: [], verdict: null, isHeld: false, fault: '', reason: '', remark: '',
});

/**
 * @param {Debate} debate
 * @param {number} number
 * @param {(turn: Turn) => Partial<Turn>} change
 * @returns {Debate}
 */
const changeTurn = (debate, number, change) => ({
  ...debate,
  turns: debate.turns.map((turn) => (turn.turn === number ? { ...turn, ...change(turn) } : turn)),
});

/**
 * @param {WireEvent} event
 * @returns {Turn}
 */
const freshTurn = ({ agent, turn, round, attempt = 1 }) => ({
  turn, agent, round, attempt, phase: 'preparing', text: '', tokens: 0, finish: '', usage: null, ms: 0, fault: '',
});

/**
 * Who polls hears of a turn only when it is over.
 *
 * @param {Debate} debate
 * @param {WireEvent} event
 */
const withTurn = (debate, event) =>
  debate.turns.some(({ turn }) => turn === event.turn)
    ? debate
    : { ...debate, turns: [...debate.turns, freshTurn(event)] };

/** @type {Record<string, (debate: Debate, event: WireEvent) => Debate>} */
export const EVENTS = {
  debate_start: (debate, { debate: id, topic, format, rounds, created, agents }) => ({
    ...debate, id, topic, format, rounds, created, agents,
  }),

  // The turn may be there from a void attempt; the new attempt takes its place.
  agent_start: (debate, event) => changeTurn(withTurn(debate, event), event.turn, () => freshTurn(event)),

  thinking: (debate, { turn }) => changeTurn(debate, turn, () => ({ phase: 'thinking' })),

  token: (debate, { turn, content }) =>
    changeTurn(debate, turn, ({ text, tokens }) => ({
      phase: 'speaking', text: text + content, tokens: tokens + 1,
    })),

  // The tokens are the speech already; `content` matters only to a reader who missed some.
  agent_end: (debate, event) =>
    changeTurn(withTurn(debate, event), event.turn, ({ text }) => ({
      phase: 'ended', text: event.content || text, finish: event.finish_reason, usage: event.usage, ms: event.ms,
    })),

  agent_error: (debate, { turn, message, retrying }) =>
    changeTurn(debate, turn, () => ({
      phase: retrying ? 'retrying' : 'failed', text: '', tokens: 0, fault: message,
    })),

  message: (debate, { message_id, content, to }) => ({
    ...debate, messages: [...debate.messages, { id: message_id, content, to, after: debate.turns.length }],
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
