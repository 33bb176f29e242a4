export { ChangeSet, phantomId } from './change-set.js';
export type { Changes, Id, StoreChanges } from './change-set.js';
export { RefusedError, negotiate } from './negotiate.js';
export type { Address, NegotiateOptions } from './negotiate.js';
export { RecordStore } from './record-store.js';
export type { Item, ItemChange, Origin, RecordStoreEvents } from './record-store.js';
export { SharedProject } from './shared-project.js';
export type { SharedProjectEvents } from './shared-project.js';
export { SyncClient } from './sync-client.js';
export type {
  ConnectionState,
  LostRevision,
  PendingRevision,
  ReceivedRevision,
  StoredEdits,
  SyncClientEvents,
  SyncClientOptions
} from './sync-client.js';
