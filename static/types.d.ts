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

/** In US dollars per million tokens. */
export interface Price {
  input: number;
  output: number;
}

export interface Agent {
  name: string;
  side: string;
  model: string;
  /** Null or absent: unknown. */
  price?: Price | null;
}

/** Where an agent sits. */
export type Bench = 'for' | 'against' | 'chair' | 'voter' | 'other';

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
  /** The first of the turns that are spoken at the same time; 0: it is spoken alone. */
  group: number;
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

/** What stands between the speeches: a person's words or act, or the place where a fork leaves its parent. */
export interface Aside {
  kind: 'message' | 'paused' | 'resumed' | 'fork';
  /** Of a message. */
  id: string;
  content: string;
  /** The agent it is for; null: all. */
  to: string | null;
  /** The last turn that had begun by then; 0: none. */
  after: number;
}

export interface Ballot {
  seq: number;
  judge: string;
  model: string;
  /** The vote's name. */
  title: string;
  /** The one after which it was cast; 0: before the first. */
  round: number;
  /** The agents, as they were shown to the judge. */
  order: string[];
  /** An agent or 'tie'; null: it counts as none. */
  winner: string | null;
  /** From 0 to 1. */
  margin: number | null;
  reason: string;
  /** `turn` null: nobody said that. */
  quotes: { text: string; turn: number | null }[];
  usage: Usage;
  /** Best first; only where they were ranked. */
  ranking?: string[];
  /** Why it counts as none. */
  problem?: string;
}

export interface Verdict {
  /** An agent or 'tie'; null: none. */
  winner: string | null;
  answer: string | null;
  /** From 0 to 1. */
  confidence: number | null;
  /** By agent. */
  best: Record<string, string>;
  /** Their seqs. */
  ballots: number[];
  /** Whether the judges said the same with the sides swapped. */
  consistent: boolean;
  summary: string;
}

export interface Debate {
  /** The last event that is folded in; 0: none yet. */
  seq: number;
  id: string;
  /** The debate whose words this one begins with, '' where there is none. */
  parent: string;
  /** The last event that both have. */
  parentSeq: number;
  topic: string;
  format: string;
  /** Without the synthesis. */
  rounds: number;
  /** ISO 8601. */
  created: string;
  agents: readonly Agent[];
  /** What is to be borne in mind of it, in sentences. */
  warnings: readonly string[];
  /** By their numbers, which may have gaps. */
  turns: readonly Turn[];
  /** In the order in which they came. */
  asides: readonly Aside[];
  ballots: readonly Ballot[];
  verdict: Verdict | null;
  /** Whether the generation is on hold. */
  isHeld: boolean;
  /** Why the debate as a whole failed, '' when it did not. */
  fault: string;
  /** Why it is done, '' while it is not. */
  reason: string;
  /** What more there is to say of the reason, '' mostly. */
  remark: string;
  /** Of all of it, once it is done. */
  usage: Usage | null;
}

/** What beside the debate decides on what the bar says and offers. */
export interface Outlook {
  /** `cut` only where it is long enough to say so. */
  link: Link;
  isStopping: boolean;
  /** A hold is asked for, and waits for the open turns. */
  isHolding: boolean;
  /** The reader is not where the newest words are. */
  isBehind: boolean;
  isPaused: boolean;
  isReplay: boolean;
  /** Words are shown as they come, so there is nothing to pause. */
  isStill: boolean;
  /** How many turns wait to be shown, where that is worth telling. */
  ready: number;
  /** Seconds since the last event. */
  waited: number;
}

/** A model as it can be asked for. */
export interface Model {
  name: string;
  /** What a start calls it. */
  address: string;
  /** Where it is, by name. */
  endpoint: string;
  /** It is the embedded one. */
  demo: boolean;
}

export interface Models {
  /** The one that speaks unless told otherwise. */
  default: Model | null;
  /** Where the default comes from, or why there is none. */
  why: string;
  /** All that can be used now. */
  models: Model[];
}

/** A shape that a debate can have. */
export interface Format {
  name: string;
  title: string;
  about: string;
  default_rounds: number;
  agents: { name: string; side: string }[];
  rounds: { speakers: string[]; repeat: boolean; counts: boolean }[];
}

/** What a reader wants of a debate beside its topic. */
export interface Choice {
  /** '': the usual one. */
  format: string;
  /** 0: as many as the format has by itself. */
  rounds: number;
  /** By agent, a model's address or name. */
  models: Record<string, string>;
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
  /** In words. */
  verdict: string | null;
  /** How many are finished. */
  speeches: number;
  words: number;
  /** Its name in the run that it is one of. */
  entry: string | null;
}

/** A run, and how far it is. */
export interface Run {
  id: string;
  /** ISO 8601. */
  created: string;
  /** A file's name. */
  source: string;
  kind: 'batch' | 'tournament';
  formats: string[];
  rounds: number | null;
  models: string[];
  /** By name which models these are, with their endpoints; '' is the one that is taken where none is named. */
  addresses: Record<string, string | undefined>;
  repeat: number;
  swap_sides: boolean;
  seed: number | null;
  score: string | null;
  /** In US dollars. */
  budget_usd: number | null;
  /** How many debates it shall have; there are more where failed ones are held again. */
  total: number;
  /** How many were begun, by state: their reason, once they are done. */
  debates: Record<string, number>;
  usage: Usage;
}

/** A debate in a family. */
export interface Relative {
  id: string;
  topic: string;
  status: Listed['status'];
  /** ISO 8601. */
  created: string;
  /** A fork's first own one. */
  turn?: number | null;
}

/** A source of a debate's events: see follow.js. */
export type Follow = (
  id: string,
  since: number,
  onEvent: (event: WireEvent, isPolled?: boolean) => void,
  onLink: (link: Link, detail?: string) => void,
) => () => void;
