import type { Changes, Id } from './change-set.js';
import { Emitter } from './emitter.js';
import type { Address } from './negotiate.js';

export type ConnectionState = 'idle' | 'connecting' | 'online' | 'offline';

export interface SyncClientOptions {
  address: Address;
  userName: string;
  password?: string;
  /** Compared strictly with what the server sends: `1` is not `'1'`. */
  project: Id;
  /** Names this page towards the server, so that a revision sent again is accepted once. New for every page. */
  session?: string;
  /** Unacknowledged revisions kept; 1,000 by default. */
  pendingMax?: number;
  /** Keeps unacknowledged revisions in the browser (IndexedDB, Web Locks), so that they survive the page. */
  persist?: boolean;
  /** Whether the browser asks before a page with unacknowledged revisions is left; true by default. */
  confirmLeave?: boolean;
  /** Replaces the platform's. */
  WebSocket?: new (url: string) => any;
  timers?: { setTimeout(callback: () => void, delay: number): unknown; clearTimeout(id: any): void; now(): number };
  random?: () => number;
  storage?: { indexedDB?: any; locks?: any; now?: () => number };
  /** Where `online`, `offline`, `visibilitychange` and `beforeunload` are listened for; null for nowhere. */
  environment?: object | null;
}

export interface PendingRevision {
  readonly localRevision: string;
  readonly changes: Changes;
  readonly characters: number;
  /** On the present connection. */
  readonly sent: boolean;
  readonly answeredAt: number | null;
}

export interface ReceivedRevision {
  revision: Id;
  /** Whether it answers a pending revision of this page. */
  own: boolean;
  /** Whether the dataset already holds it: it settles a pending revision and changes nothing else. */
  known: boolean;
  localRevision: string | undefined;
  client: string | undefined;
  /** The author's name, from servers that send it. */
  userName: string | undefined;
  changes: Changes;
}

export interface LostRevision {
  localRevision: string;
  changes: Changes;
}

/** Edits of closed pages that are not sent any more. They stay stored until they are discarded. */
export interface StoredEdits {
  /** `restored`: the project was replaced since. `other-user`: what was changed is not stated. */
  reason: 'too-old' | 'other-user' | 'reset' | 'restored' | 'refused' | 'readOnly';
  edits: { localRevision: string; madeAt: number; user: string; changes?: Changes }[];
  discard(): Promise<unknown>;
}

export interface SyncClientEvents {
  /** `final`: no further attempt is made until `connect` is called. */
  state: { state: ConnectionState; reason?: string; retryInMs?: number; final?: boolean };
  /** One entry per connection. */
  users: { users: string[] };
  join: { userName: string };
  leave: { userName: string };
  projects: { projects: { id: Id; name: string; role?: string }[] };
  /** `asked`: it answers a request of this page. `lost`: own edits that it voids. */
  dataset: { dataset: Record<string, any>; revision: number | null; asked: boolean; dropped: number; lost: LostRevision[] };
  changes: { revisions: ReceivedRevision[] };
  /** An answer that came before an awaited dataset. */
  answered: { localRevision: string; changes: Changes };
  reset: { userName: string | undefined; dropped: string[] };
  access: { readOnly: boolean };
  /** `final`: the client has stopped, since the same would be refused again. */
  error: { command: string; message: string; final?: boolean };
  stored: StoredEdits;
  /** Own revisions that the server has not answered. */
  pending: { count: number };
}

/** One page's connection to one project: keeps order, notices gaps, reconnects, sends again what was not answered. */
export class SyncClient extends Emitter<SyncClientEvents> {
  constructor(options: SyncClientOptions);
  readonly project: Id;
  readonly userName: string;
  readonly session: string;
  readonly state: ConnectionState;
  readonly readOnly: boolean;
  readonly users: string[];
  readonly clientId: string | undefined;
  /** The last revision applied; null before the first dataset, or when the server does not number. */
  readonly revision: number | null;
  /** The revision of the dataset that this page works on. */
  readonly datasetRevision: number | null;
  readonly pending: readonly PendingRevision[];
  /** Connects and stays connected. Called while waiting, tries at once. Throws after {@link destroy}. */
  connect(): void;
  /** Closes the connection and stays offline; pending revisions are kept for the next {@link connect}. */
  disconnect(reason?: string): void;
  /**
   * Ends the session; the others see this user leave. With `persist`, what is not acknowledged is given up: ask before,
   * when {@link pending} is not empty.
   */
  logout(): void;
  /** Closes the connection for good. */
  destroy(): void;
  /** @returns false while offline, like the two below */
  requestProjects(): boolean;
  requestDataset(): boolean;
  /** Puts the project back to its first state, for all users. */
  reset(): boolean;
  /** @returns the local revision; null when the change was not taken, for the reason that `error` says */
  submit(changes: Changes): string | null;
  /** Replaces the content of a pending revision before it is sent again, or drops it. */
  amend(localRevision: string, changes: Changes | null): void;
}
