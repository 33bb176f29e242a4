import type { Changes, Id } from './change-set.js';
import { Emitter } from './emitter.js';

/** A record. The application must not modify it. */
export type Item = { readonly id: Id; readonly [field: string]: any };

/** `before` is missing for a new record, `after` for a removed one. */
export interface ItemChange {
  store: string;
  id: Id;
  before: Item | undefined;
  after: Item | undefined;
}

/** The origin of a change. */
export interface Origin {
  /** Made by this page and not yet acknowledged. */
  local?: boolean;
  /** Made by this page. */
  own?: boolean;
  client?: string;
  userName?: string;
  revision?: Id;
  changes?: Changes;
}

export interface RecordStoreEvents {
  load: undefined;
  change: {
    changes: ItemChange[];
    /** Records that received their permanent id. */
    renamed: { store: string; from: Id; to: Id }[];
    /** Whether fields of the project itself changed. */
    project: boolean;
    origin: Origin;
  };
}

/**
 * The records of a project: the state confirmed by the server and, on top of it, this page's unacknowledged changes.
 */
export class RecordStore extends Emitter<RecordStoreEvents> {
  /** Project fields, pending edits included. */
  readonly project: Record<string, any>;
  /** The keys of pending revisions, oldest first. */
  readonly pendingKeys: string[];
  get(store: string, id: Id): Item | undefined;
  all(store: string): Item[];
  /** The tasks in tree order. Tasks without an existing parent are omitted. */
  tree(): { task: Item; level: number }[];
}
