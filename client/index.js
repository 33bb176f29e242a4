export { SyncClient } from './sync-client.js';
export { RecordStore } from './record-store.js';
export { SharedProject } from './shared-project.js';
export { ChangeSet, phantomId } from './change-set.js';
