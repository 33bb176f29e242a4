/**
 * @typedef {{ added?: object[], updated?: object[], removed?: { id: string | number }[], $input?: object }} StoreChanges
 * @typedef {Record<string, StoreChanges>} Changes
 */

/**
 * A temporary id for a new record; the server replaces it by a permanent one wherever it is used.
 * @param {string} [kind] the class name at the start of the id, as in Bryntum's own phantom ids
 */
export function phantomId(kind = 'Record') {
  return `_generated${kind}_${uuid()}`;
}

/** A random UUID. Also works on pages served over plain HTTP, which lack `crypto.randomUUID`. */
export function uuid() {
  if (globalThis.crypto.randomUUID) {
    return globalThis.crypto.randomUUID();
  }

  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));

  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;

  const hex = [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('');

  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * Builds the changes of one revision. The user's edits go into the results and into `$input`, because a Bryntum client
 * applies only `$input`. Derived values go only into the results, because that client derives its own.
 */
export class ChangeSet {
  /** @type {Map<string, { added: Map<any, object>, updated: Map<any, object>, removed: Map<any, object> }>} */
  #results = new Map();
  /** @type {typeof this.#results} */
  #input = new Map();

  get isEmpty() {
    return [...this.#results.values()].every(
      ({ added, updated, removed }) => added.size + updated.size + removed.size === 0
    );
  }

  /**
   * @param {string} store
   * @param {object} fields without `id`
   * @param {string} [id] the phantom id, when other changes of this set refer to it
   * @returns {string} the phantom id
   */
  add(store, fields, id = phantomId()) {
    for (const part of [this.#part(this.#results, store), this.#part(this.#input, store)]) {
      part.added.set(String(id), { ...fields, $PhantomId: id });
    }
    return id;
  }

  /**
   * @param {string} store
   * @param {string | number} id
   * @param {object} fields only the changed ones
   */
  update(store, id, fields) {
    ChangeSet.#merge(this.#part(this.#results, store), id, fields);
    ChangeSet.#merge(this.#part(this.#input, store), id, fields);
    return this;
  }

  /**
   * Sets a value that follows from the user's edit, such as the span of a parent.
   * @param {string} store
   * @param {string | number} id
   * @param {object} fields
   */
  derive(store, id, fields) {
    ChangeSet.#merge(this.#part(this.#results, store), id, fields);
    this.#part(this.#input, store);
    return this;
  }

  /**
   * @param {string} store
   * @param {string | number} id
   */
  remove(store, id) {
    for (const part of [this.#part(this.#results, store), this.#part(this.#input, store)]) {
      part.updated.delete(String(id));
      part.removed.set(String(id), { id });
    }
    return this;
  }

  /** @returns {Changes} the changes in wire form */
  toChanges() {
    /** @type {Changes} */
    const changes = {};

    for (const [store, results] of this.#results) {
      const input = this.#input.get(store);

      changes[store] = { ...ChangeSet.#wire(results), $input: input ? ChangeSet.#wire(input) : {} };
    }
    return changes;
  }

  #part(parts, store) {
    if (!parts.has(store)) {
      parts.set(store, { added: new Map(), updated: new Map(), removed: new Map() });
    }
    return parts.get(store);
  }

  static #merge(part, id, fields) {
    // 1 and "1" are the same record of a store.
    const key = String(id);

    if (part.added.has(key)) {
      Object.assign(part.added.get(key), fields);
    } else if (!part.removed.has(key)) {
      part.updated.set(key, { id, ...part.updated.get(key), ...fields });
    }
  }

  static #wire(part) {
    const wire = {};

    for (const kind of ['added', 'updated', 'removed']) {
      if (part[kind].size > 0) {
        wire[kind] = [...part[kind].values()].map(record => ({ ...record }));
      }
    }
    return wire;
  }
}
