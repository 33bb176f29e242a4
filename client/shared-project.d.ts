import type { ChangeSet } from './change-set.js';
import { Emitter } from './emitter.js';
import type { RecordStore, RecordStoreEvents } from './record-store.js';
import type { LostRevision, SyncClient, SyncClientEvents, SyncClientOptions } from './sync-client.js';

export interface SharedProjectEvents
  extends Pick<
    SyncClientEvents,
    'state' | 'users' | 'join' | 'leave' | 'projects' | 'access' | 'stored' | 'error' | 'pending' | 'reset'
  > {
  /** All records are new. `lost`: own edits that could not be kept. */
  load: { revision: number | null; asked: boolean; dropped: number; lost: LostRevision[] };
  change: RecordStoreEvents['change'];
}

/** A project that others edit too: the connection and the records, working together. */
export class SharedProject extends Emitter<SharedProjectEvents> {
  constructor(options: SyncClientOptions);
  readonly client: SyncClient;
  readonly store: RecordStore;
  /** Connects and stays connected. */
  connect(): this;
  /** Goes offline; edits are kept for the next {@link connect}. */
  disconnect(reason?: string): void;
  /** Puts the project back to its first state, for all users. @returns false while offline */
  reset(): boolean;
  /** Makes an edit: shown at once, sent as soon as possible. @returns false when it was empty or could not be taken */
  edit(changeSet: ChangeSet): boolean;
  /** Closes the project for good, such as when its component leaves the page. */
  destroy(): void;
}
