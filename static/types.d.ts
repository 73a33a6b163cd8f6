/** The shapes that the page's modules share. Only the type checker reads this; the page does not load it. */

/** One event as it comes over the wire; see the table of events in the README. */
export interface WireEvent {
  type: string;
  /** Absent where the event is not in the log. */
  seq?: number;
  [field: string]: any;
}

/** What polling tells of a debate. */
export interface Past {
  /** Oldest first; without those that only make sense live. */
  messages: readonly WireEvent[];
  /** The last seq there is. */
  next: number;
  closed: boolean;
}

/** How news come: `cut`: not just now; `polling`: by asking now and then; `refused`: not, and the server says why. */
export type Link = 'open' | 'cut' | 'polling' | 'refused';

/** What one who follows a debate hears. */
export interface News {
  events?: readonly WireEvent[];
  link?: Link | '';
  /** Why the link is refused. */
  detail?: string;
}

/** Where one who follows a debate hears from. */
export interface Source {
  /** Asks again for what comes after the last event. */
  want(): void;
  leave(): void;
}

export interface Agent {
  name: string;
  side: string;
  model: string;
}

export interface Usage {
  input: number;
  output: number;
  /** In US dollars; null where the price is unknown. */
  cost_usd: number | null;
  estimated: boolean;
}

/** One turn, as far as its newest attempt has come. */
export interface Turn {
  /** Counts over the whole debate, from 1. */
  turn: number;
  agent: string;
  round: number;
  attempt: number;
  phase: 'preparing' | 'thinking' | 'speaking' | 'ended' | 'retrying' | 'failed';
  text: string;
  /** How many pieces the text came in. */
  tokens: number;
  /** Why the speech ended, '' before. */
  finish: string;
  usage: Usage | null;
  /** How long the speech took. */
  ms: number;
  /** Why the last attempt failed, '' when it did not. */
  fault: string;
}

export interface Debate {
  /** The last event that is folded in; 0: none yet. */
  seq: number;
  id: string;
  topic: string;
  format: string;
  /** Without the synthesis. */
  rounds: number;
  /** ISO 8601. */
  created: string;
  agents: readonly Agent[];
  /** In the order in which they began. */
  turns: readonly Turn[];
  /** Why the debate as a whole failed, '' when it did not. */
  fault: string;
  /** Why it is done, '' while it is not. */
  reason: string;
}

export interface Models {
  /** The one that speaks unless told otherwise. */
  default: { name: string; endpoint: string; demo: boolean } | null;
  /** Where the default comes from, or why there is none. */
  why: string;
}

/** A debate in a list. */
export interface Listed {
  id: string;
  topic: string;
  status: 'queued' | 'running' | 'paused' | 'done';
  /** Why it is done. */
  reason: string | null;
  /** ISO 8601. */
  created: string;
}
