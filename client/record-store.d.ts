import type { Changes, Id } from './change-set.js';
import { Emitter } from './emitter.js';

/** A record. It is never to be changed by the application. */
export type Item = { readonly id: Id; readonly [field: string]: any };

/** `before` is missing for a new record, `after` for one that is gone. */
export interface ItemChange {
  store: string;
  id: Id;
  before: Item | undefined;
  after: Item | undefined;
}

/** Where a change comes from. */
export interface Origin {
  /** Made by this page just now, not yet answered. */
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
    /** Records that got their real id. */
    renamed: { store: string; from: Id; to: Id }[];
    /** Whether fields of the project itself changed. */
    project: boolean;
    origin: Origin;
  };
}

/** The records of a project: what the server confirmed and, on top, what this page changed and is not answered yet. */
export class RecordStore extends Emitter<RecordStoreEvents> {
  /** Project fields, pending edits included. */
  readonly project: Record<string, any>;
  /** The keys of pending revisions, oldest first. */
  readonly pendingKeys: string[];
  get(store: string, id: Id): Item | undefined;
  all(store: string): Item[];
  /** The tasks in tree order. Tasks whose parent is gone are left out. */
  tree(): { task: Item; level: number }[];
}
