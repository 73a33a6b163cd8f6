/**
 * The wire's events, and the one fold that makes a debate's state of them.
 *
 * Pure: knows the vocabulary of the wire, not where events come from, what time it is, or how a debate looks. To show
 * a new event, add its line to the table. Events of an unknown type change nothing but the seq.
 */

/** @import {Debate, Turn, WireEvent} from './types.js' */

/** @type {Debate} */
export const NO_DEBATE = Object.freeze({
  seq: 0, id: '', topic: '', format: '', rounds: 0, created: '', agents: [], turns: [], fault: '', reason: '',
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

/** @type {Record<string, (debate: Debate, event: WireEvent) => Debate>} */
const EVENTS = {
  debate_start: (debate, { debate: id, topic, format, rounds, created, agents }) => ({
    ...debate, id, topic, format, rounds, created, agents,
  }),

  // The turn may be there from a void attempt; the new attempt takes its place.
  agent_start(debate, { agent, turn, round, attempt }) {
    /** @type {Turn} */
    const fresh = {
      turn, agent, round, attempt, phase: 'preparing', text: '', tokens: 0, finish: '', usage: null, ms: 0, fault: '',
    };
    const known = debate.turns.some((other) => other.turn === turn);
    return known ? changeTurn(debate, turn, () => fresh) : { ...debate, turns: [...debate.turns, fresh] };
  },

  thinking: (debate, { turn }) => changeTurn(debate, turn, () => ({ phase: 'thinking' })),

  token: (debate, { turn, content }) =>
    changeTurn(debate, turn, ({ text, tokens }) => ({
      phase: 'speaking', text: text + content, tokens: tokens + 1,
    })),

  // The tokens are the speech already; `content` matters only to a reader who was sent none.
  agent_end: (debate, { turn, content, finish_reason, usage, ms }) =>
    changeTurn(debate, turn, ({ text }) => ({
      phase: 'ended', text: text || content || '', finish: finish_reason, usage, ms,
    })),

  agent_error: (debate, { turn, message, retrying }) =>
    changeTurn(debate, turn, () => ({
      phase: retrying ? 'retrying' : 'failed', text: '', tokens: 0, fault: message,
    })),

  error: (debate, { message }) => ({ ...debate, fault: message }),

  done: (debate, { reason }) => ({ ...debate, reason }),
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
