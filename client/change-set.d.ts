export type Id = string | number;

/** The changes of one store, in wire form. */
export interface StoreChanges {
  added?: Record<string, unknown>[];
  updated?: (Record<string, unknown> & { id: Id })[];
  removed?: { id: Id }[];
  /** The user's input; all other values follow from it. */
  $input?: Omit<StoreChanges, '$input'>;
}

/** Changes by store, such as `tasks`, `dependencies`, `resources`, `assignments`, `calendars`, and `project`. */
export type Changes = { [store: string]: StoreChanges };

/**
 * A temporary id for a new record; the server replaces it by a permanent one wherever it is used.
 * @param kind the class name at the start of the id
 */
export function phantomId(kind?: string): string;

/** Builds the changes of one revision. */
export class ChangeSet {
  readonly isEmpty: boolean;
  /**
   * @param fields without `id`
   * @param id the phantom id, when other changes of this set refer to it
   * @returns the phantom id
   */
  add(store: string, fields: object, id?: string): string;
  /** @param fields only the changed ones */
  update(store: string, id: Id, fields: object): this;
  /** Sets a value that follows from the user's edit, such as the span of a parent. */
  derive(store: string, id: Id, fields: object): this;
  remove(store: string, id: Id): this;
  /** The changes in wire form. */
  toChanges(): Changes;
}
