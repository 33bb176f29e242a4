export { ChangeSet, phantomId } from './change-set.js';
export { RefusedError, negotiate } from './negotiate.js';
export { RecordStore } from './record-store.js';
export { SharedProject } from './shared-project.js';
export { SyncClient } from './sync-client.js';
