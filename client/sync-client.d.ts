import type { Changes, Id } from './change-set.js';
import { Emitter } from './emitter.js';
import type { Address } from './negotiate.js';

export type ConnectionState = 'idle' | 'connecting' | 'online' | 'offline';

export interface SyncClientOptions {
  address: Address;
  userName: string;
  password?: string;
  /** Compared strictly with the server's value: `1` is not `'1'`. */
  project: Id;
  /** Identifies this page to the server, so that a revision that is sent again is accepted once. New for every page. */
  session?: string;
  /** Limit of unacknowledged revisions. Default 1,000. */
  pendingMax?: number;
  /** Stores unacknowledged revisions in the browser (IndexedDB, Web Locks), so that they outlive the page. */
  persist?: boolean;
  /** Whether the browser asks before a page with unacknowledged revisions is left. Default true. */
  confirmLeave?: boolean;
  /** Replaces the platform's implementation. */
  WebSocket?: new (url: string) => any;
  timers?: { setTimeout(callback: () => void, delay: number): unknown; clearTimeout(id: any): void; now(): number };
  random?: () => number;
  storage?: { indexedDB?: any; locks?: any; now?: () => number };
  /** The target whose `online`, `offline`, `visibilitychange` and `beforeunload` events are observed; null for none. */
  environment?: object | null;
}

export interface PendingRevision {
  readonly localRevision: string;
  readonly changes: Changes;
  readonly characters: number;
  /** On the current connection. */
  readonly sent: boolean;
  readonly answeredAt: number | null;
}

export interface ReceivedRevision {
  revision: Id;
  /** Whether it acknowledges a pending revision of this page. */
  own: boolean;
  /** Whether the dataset already includes it: it acknowledges a pending revision and changes nothing else. */
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

/** Edits of closed pages that can no longer be sent. They stay stored until they are discarded. */
export interface StoredEdits {
  /** `restored`: the project was replaced by a restore. `other-user`: the changes of another user are not revealed. */
  reason: 'too-old' | 'other-user' | 'reset' | 'restored' | 'refused' | 'readOnly';
  edits: { localRevision: string; madeAt: number; user: string; changes?: Changes }[];
  discard(): Promise<unknown>;
}

export interface SyncClientEvents {
  /** `final`: there are no further attempts until `connect` is called. */
  state: { state: ConnectionState; reason?: string; retryInMs?: number; final?: boolean };
  /** One entry per connection. */
  users: { users: string[] };
  join: { userName: string };
  leave: { userName: string };
  projects: { projects: { id: Id; name: string; role?: string }[] };
  /** `asked`: it answers a request of this page. `lost`: own edits that it voids. */
  dataset: { dataset: Record<string, any>; revision: number | null; asked: boolean; dropped: number; lost: LostRevision[] };
  changes: { revisions: ReceivedRevision[] };
  /** An answer that arrived before an awaited dataset. */
  answered: { localRevision: string; changes: Changes };
  reset: { userName: string | undefined; dropped: string[] };
  access: { readOnly: boolean };
  /** `final`: the client has stopped, because a retry would be refused again. */
  error: { command: string; message: string; final?: boolean };
  stored: StoredEdits;
  /** Own revisions that the server has not acknowledged. */
  pending: { count: number };
}

/**
 * The connection of one page to one project: keeps the order, detects gaps, reconnects, resends unacknowledged
 * revisions.
 */
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
  /** The revision of the dataset that this page is based on. */
  readonly datasetRevision: number | null;
  readonly pending: readonly PendingRevision[];
  /** Connects and stays connected. While a reconnect is pending, connects at once. Throws after {@link destroy}. */
  connect(): void;
  /** Closes the connection and stays offline; pending revisions are kept for the next {@link connect}. */
  disconnect(reason?: string): void;
  /**
   * Ends the session; other users see this user leave. With `persist`, unacknowledged revisions are discarded: ask the
   * user first when {@link pending} is not empty.
   */
  logout(): void;
  /** Closes the connection permanently. */
  destroy(): void;
  /** @returns false while offline, as the two below */
  requestProjects(): boolean;
  requestDataset(): boolean;
  /** Resets the project to its initial state, for all users. */
  reset(): boolean;
  /** @returns the local revision; null when the change was refused, for the reason in `error` */
  submit(changes: Changes): string | null;
  /** Replaces the content of a pending revision before it is sent again, or drops it. */
  amend(localRevision: string, changes: Changes | null): void;
}
