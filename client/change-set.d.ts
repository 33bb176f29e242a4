export type Id = string | number;

/** The changes of one store, as they are on the wire. */
export interface StoreChanges {
  added?: Record<string, unknown>[];
  updated?: (Record<string, unknown> & { id: Id })[];
  removed?: { id: Id }[];
  /** What the user did; the rest follows from it. */
  $input?: Omit<StoreChanges, '$input'>;
}

/** Changes by store, such as `tasks`, `dependencies`, `resources`, `assignments`, `calendars`, and `project`. */
export type Changes = { [store: string]: StoreChanges };

/**
 * A temporary id for a new record; the server replaces it, everywhere it is used, by a real one.
 * @param kind the class name that the id shows
 */
export function phantomId(kind?: string): string;

/** Builds one revision's changes. */
export class ChangeSet {
  readonly isEmpty: boolean;
  /**
   * @param fields without `id`
   * @param id the phantom id, when others of this change set refer to it
   * @returns the phantom id
   */
  add(store: string, fields: object, id?: string): string;
  /** @param fields only those that changed */
  update(store: string, id: Id, fields: object): this;
  /** A value that follows from the user's edit, such as the span of a parent. */
  derive(store: string, id: Id, fields: object): this;
  remove(store: string, id: Id): this;
  /** The form that goes over the wire. */
  toChanges(): Changes;
}
