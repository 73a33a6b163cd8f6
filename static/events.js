/**
 * The wire's events, and the one fold that makes a debate's state of them.
 *
 * Pure: knows the vocabulary of the wire, not where events come from, what time it is, or how a debate looks. To show
 * a new event, add its line to the table. Events of an unknown type change nothing but the seq.
 */

/** @import {Aside, Bench, Debate, Turn, WireEvent} from './types.js' */

/** @type {Debate} */
export const NO_DEBATE = Object.freeze({
  seq: 0, id: '', parent: '', parentSeq: 0, topic: '', format: '', rounds: 0, created: '', agents: [], warnings: [],
  turns: [], asides: [], ballots: [], verdict: null, isHeld: false, fault: '', reason: '', remark: '', usage: null,
});

/**
 * Changes an event's turn. Who polls is not told that one begins: it does with what is heard of it first, which for
 * turns at the same time may be in any order.
 *
 * @param {Debate} debate
 * @param {WireEvent} event
 * @param {(turn: Turn) => Partial<Turn>} change
 * @returns {Debate}
 */
function changeTurn(debate, event, change) {
  const isKnown = debate.turns.some(({ turn }) => turn === event.turn);
  const turns = isKnown ? debate.turns : [...debate.turns, begun(event)].sort((one, other) => one.turn - other.turn);
  return { ...debate, turns: turns.map((turn) => (turn.turn === event.turn ? { ...turn, ...change(turn) } : turn)) };
}

/**
 * @param {WireEvent} event
 * @returns {Turn}
 */
const begun = ({ agent, turn, round, attempt = 1, group = 0 }) => ({
  turn, agent, round, attempt, group, phase: 'preparing', text: '', tokens: 0, finish: '', usage: null, ms: 0, fault: '',
});

/**
 * Adds what stands between the speeches, after the last turn that has begun.
 *
 * @param {Debate} debate
 * @param {Partial<Aside> & {kind: Aside['kind']}} aside
 * @returns {Debate}
 */
const withAside = (debate, aside) => ({
  ...debate,
  asides: [...debate.asides, { id: '', content: '', to: null, after: debate.turns.at(-1)?.turn ?? 0, ...aside }],
});

/** @type {Record<string, (debate: Debate, event: WireEvent) => Debate>} */
export const EVENTS = {
  debate_start: (debate, event) => {
    const { debate: id, parent = '', parent_seq: parentSeq = 0, topic, format, rounds, created, agents, warnings = [] } = event;
    return { ...debate, id, parent, parentSeq, topic, format, rounds, created, agents, warnings };
  },

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

  message: (debate, { message_id: id, content, to, turn: after }) =>
    withAside(debate, { kind: 'message', id, content, to, after }),

  // What a fork was copied with does not hold it.
  paused: (debate, { seq = 0 }) => ({ ...withAside(debate, { kind: 'paused' }), isHeld: seq > debate.parentSeq }),

  resumed: (debate) => ({ ...withAside(debate, { kind: 'resumed' }), isHeld: false }),

  ballot: (debate, event) => ({ ...debate, ballots: [...debate.ballots, /** @type {any} */ (event)] }),

  verdict: (debate, event) => ({ ...debate, verdict: /** @type {any} */ (event) }),

  error: (debate, { message }) => ({ ...debate, fault: message }),

  done: (debate, { reason, message, usage }) => ({ ...debate, reason, usage, remark: message ?? '' }),
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
  const leavesParent = debate.seq <= debate.parentSeq && event.seq > debate.parentSeq && debate.parent;
  const before = leavesParent ? withAside(debate, { kind: 'fork' }) : debate;
  return { ...(change ? change(before, event) : before), seq: event.seq };
}

/**
 * Whether nothing more will be said in the turn.
 *
 * @param {Turn} turn
 */
export const isOver = (turn) => turn.phase === 'ended' || turn.phase === 'failed';

/** Sides that vote and never speak. */
const VOTERS = /^(judge|jury|audience|voter)$/;

/**
 * Where an agent sits: on one of the two benches, in the chair, among those who vote, or elsewhere.
 *
 * @param {Debate} debate
 * @param {string} name
 * @returns {Bench}
 */
export function benchOf(debate, name) {
  const side = debate.agents.find((agent) => agent.name === name)?.side ?? 'chair';
  if (side === 'for' || side === 'against' || side === 'chair') return side;
  return VOTERS.test(side) ? 'voter' : 'other';
}

/**
 * Whether a turn is the decision: the chair's, after all counted rounds.
 *
 * @param {Debate} debate
 * @param {Turn} turn
 */
export const isDecision = (debate, turn) => turn.round > debate.rounds && benchOf(debate, turn.agent) === 'chair';

/**
 * The number of a turn's round as a reader counts: rounds that were left out have none, and the chair's are none.
 *
 * @param {Debate} debate
 * @param {Turn} turn
 */
export function roundOf(debate, { round: last }) {
  const rounds = debate.turns.flatMap(({ agent, round }) => (benchOf(debate, agent) === 'chair' ? [] : round));
  return new Set(rounds.filter((round) => round <= last)).size;
}
