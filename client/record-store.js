import { Emitter } from './emitter.js';

/**
 * @typedef {string | number} Id
 * @typedef {Record<string, any> & { id: Id }} Item
 * @typedef {{ store: string, id: Id, before: Item | undefined, after: Item | undefined }} ItemChange
 */

/**
 * The ends of links: the store of each end and the names of its field, of which the first present one counts. A link
 * that loses one of its ends is removed.
 * @type {Record<string, { store: string, fields: string[] }[]>}
 */
const ENDS = {
  dependencies: [
    { store: 'tasks', fields: ['from', 'fromEvent', 'fromTask'] },
    { store: 'tasks', fields: ['to', 'toEvent', 'toTask'] }
  ],
  assignments: [
    { store: 'tasks', fields: ['event', 'eventId'] },
    { store: 'resources', fields: ['resource', 'resourceId'] }
  ]
};

/**
 * The records of a project: the state confirmed by the server (the base) and, on top of it, this page's unacknowledged
 * changes. Revisions of other clients go into the base, so that pending edits stay visible until the server's order
 * decides. That order is the one in which all clients end.
 *
 * It applies the *results* of a revision: only a client with a scheduling engine can start from `$input`.
 *
 * Records of a store are identified by the string form of their ids, as in Bryntum: 1 and "1" are one record, which
 * keeps the id that it arrived with. Parents are looked up in the same way.
 *
 * Events: `load`; `change` {changes: ItemChange[], renamed: {store, from, to}[], project: boolean, origin}.
 */
export class RecordStore extends Emitter {
  /** @type {Map<string, Map<string, Item>>} by store and string form */
  #base = new Map();
  /** @type {Map<string, Map<string, Item>>} */
  #view = new Map();
  #baseProject = {};
  /** @type {{ key: string, changes: object, index: Map<string, Map<string, object[]>> }[]} */
  #pending = [];

  /** Project fields, pending edits included. */
  project = {};

  /**
   * @param {string} store
   * @param {Id} id
   * @returns {Item | undefined} the caller must not modify it
   */
  get(store, id) {
    return this.#view.get(store)?.get(formOf(id));
  }

  /**
   * @param {string} store
   * @returns {Item[]}
   */
  all(store) {
    return [...(this.#view.get(store)?.values() ?? [])];
  }

  /**
   * The ids of the records that a dependency or assignment links, whatever the names and types of its fields.
   * @param {string} store
   * @param {Item} link
   * @returns {(Id | undefined)[]} both ends; undefined for an end that does not exist
   */
  endsOf(store, link) {
    return ENDS[store].map(end => this.get(end.store, endOf(link, end))?.id);
  }

  /**
   * The tasks in tree order. Tasks without an existing parent are omitted. @returns {{ task: Item, level: number }[]}
   */
  tree() {
    /** @type {Map<Id | null, Item[]>} */
    const children = new Map();

    for (const task of this.#view.get('tasks')?.values() ?? []) {
      const parent = task.parentId ?? null;

      children.set(parent, [...(children.get(parent) ?? []), task]);
    }

    const rows = [];
    const walk = (parent, level) => {
      const tasks = children.get(parent) ?? [];

      // Each parent is visited once, so that two moves that form a cycle cannot hang the page.
      children.delete(parent);
      tasks.sort(byOrder);

      for (const task of tasks) {
        rows.push({ task, level });
        walk(task.id, level + 1);
      }
    };

    walk(null, 0);
    return rows;
  }

  /** The keys of pending revisions, oldest first. */
  get pendingKeys() {
    return this.#pending.map(({ key }) => key);
  }

  /**
   * Starts over from a dataset.
   * @param {object} dataset
   * @param {{ localRevision: string, changes: object }[]} [pending] the edits to apply on top of it
   */
  load(dataset, pending = []) {
    this.#base = new Map();
    this.#baseProject = {};

    for (const [key, value] of Object.entries(dataset)) {
      if (key === 'project') {
        const { id: _, ...fields } = value ?? {};

        this.#baseProject = fields;
      } else if (key === 'tasksData' || key === 'tasks' || key === 'eventsData') {
        this.#loadTree(inOrder(value ?? []), null);
      } else if (Array.isArray(value)) {
        const store = key.replace(/Data$/, '');

        value.forEach(item => this.#records(this.#base, store).set(keyOf(item), item));
      }
    }

    this.#pending = [];
    this.#rebuildView();
    pending.forEach(({ localRevision, changes }) => this.#push(localRevision, changes));
    this.#rebuildView();
    this.emit('load');
  }

  /**
   * Shows an edit before the server confirms it.
   * @param {string} key the local revision
   * @param {object} changes
   * @param {object} [origin] passed on to listeners
   */
  addPending(key, changes, origin = {}) {
    this.#push(key, changes);
    this.#refresh(this.#touchedBy(changes), [], 'project' in changes, origin);
  }

  /**
   * Withdraws an edit.
   * @param {string} key
   */
  dropPending(key, origin = {}) {
    const pending = this.#pending.find(candidate => candidate.key === key);

    if (pending) {
      this.#pending = this.#pending.filter(candidate => candidate !== pending);
      this.#refresh(this.#touchedBy(pending.changes), [], 'project' in pending.changes, origin);
    }
  }

  /**
   * Applies a revision in the server's order.
   * @param {object} changes
   * @param {{ settles?: string, known?: boolean, origin?: object }} [options] `settles`: the pending revision that it
   * acknowledges; `known`: the base already includes it
   */
  applyRevision(changes, { settles, known = false, origin = {} } = {}) {
    const touched = new Touched();
    const settled = this.#pending.find(({ key }) => key === settles);
    let renamed = [];

    if (settled) {
      this.#pending = this.#pending.filter(candidate => candidate !== settled);
      touched.addAll(this.#touchedBy(settled.changes));
      renamed = this.#rename(changes, touched);
    }

    if (!known) {
      this.#applyToBase(changes, touched);
    }

    this.#refresh(touched, renamed, 'project' in changes || (settled && 'project' in settled.changes), origin);
  }

  /**
   * Learns the permanent ids of records that this page added, without applying anything: the answer arrived before the
   * dataset that will include them.
   * @param {object} changes
   */
  learnIds(changes) {
    const touched = new Touched();
    const renamed = this.#rename(changes, touched);

    this.#refresh(touched, renamed, false, {});
  }

  /** The changes of a pending revision, with the ids known by now. */
  pendingChanges(key) {
    return this.#pending.find(candidate => candidate.key === key)?.changes;
  }

  /**
   * The part of older changes that still applies to this dataset. Edits of removed records and additions below a
   * removed parent no longer mean anything.
   * @param {object} changes
   * @returns {object | null} null when nothing is left
   */
  prune(changes) {
    const pruned = {};
    const added = new Map();

    for (const [store, part] of Object.entries(changes)) {
      added.set(store, new Map((part.added ?? []).map(item => [keyOf(item), idOf(item)])));
    }

    const find = (store, id) => this.get(store, id)?.id ?? added.get(store)?.get(formOf(id));
    const exists = (store, id) => find(store, id) !== undefined;
    const isParent = id => find('tasks', id) === id;
    // Parents precede their children, so one pass finds whole branches without a root.
    const keepAdded = (store, item) => {
      const keeps =
        (store !== 'tasks' || item.parentId == null || isParent(item.parentId)) &&
        (ENDS[store] ?? []).every(end => endOf(item, end) == null || exists(end.store, endOf(item, end)));

      if (!keeps) {
        added.get(store).delete(keyOf(item));
      }
      return keeps;
    };

    for (const [store, part] of Object.entries(changes)) {
      if (store === 'project') {
        pruned.project = part;
        continue;
      }

      const kept = this.#prunePart(store, part, { exists, isParent, keepAdded });

      if (kept.added || kept.updated || kept.removed) {
        pruned[store] = part.$input
          ? { ...kept, $input: this.#prunePart(store, part.$input, { exists, isParent, keepAdded }) }
          : kept;
      }
    }
    return Object.keys(pruned).length > 0 ? pruned : null;
  }

  #prunePart(store, part, { exists, isParent, keepAdded }) {
    const kept = {
      added: (part.added ?? []).filter(item => keepAdded(store, item)),
      updated: (part.updated ?? []).filter(
        item => exists(store, item.id) && (item.parentId == null || store !== 'tasks' || isParent(item.parentId))
      ),
      removed: (part.removed ?? []).filter(item => exists(store, item.id))
    };

    return Object.fromEntries(Object.entries(kept).filter(([, items]) => items.length > 0));
  }

  #loadTree(tasks, parentId) {
    tasks.forEach(({ children, ...task }, index) => {
      this.#records(this.#base, 'tasks').set(keyOf(task), { ...task, orderedParentIndex: index, parentId });

      if (Array.isArray(children)) {
        this.#loadTree(children, task.id);
      }
    });
  }

  #applyToBase(changes, touched) {
    for (const [store, part] of Object.entries(changes)) {
      if (store === 'project') {
        const { $input: _, id: __, ...fields } = part;

        this.#baseProject = { ...this.#baseProject, ...fields };
        continue;
      }

      const records = this.#records(this.#base, store);

      for (const item of [...(part.added ?? []), ...(part.updated ?? [])]) {
        const key = keyOf(item);

        if (records.has(key)) {
          records.set(key, merge(records.get(key), item));
        } else if (part.added?.includes(item)) {
          records.set(key, merge(undefined, item));
        }
        touched.add(store, idOf(item));
      }
    }

    // Removals come last, because a record that was just added may be among the removed ones.
    for (const [store, part] of Object.entries(changes)) {
      const gone = (part.removed ?? []).map(item => this.#base.get(store)?.get(keyOf(item))).filter(Boolean);

      if (gone.length > 0) {
        this.#removeFromBase(store, new Set(gone.map(item => item.id)), touched);
      }
    }
  }

  /** Removes records, by their own ids, and everything that cannot exist without them. */
  #removeFromBase(store, gone, touched) {
    const records = this.#records(this.#base, store);

    if (store === 'tasks') {
      for (let before = -1; before !== gone.size; ) {
        before = gone.size;

        for (const task of records.values()) {
          if (gone.has(task.parentId)) {
            gone.add(task.id);
          }
        }
      }
    }

    const keys = new Set([...gone].map(formOf));

    for (const id of gone) {
      records.delete(formOf(id));
      touched.add(store, id);
    }

    for (const [dependent, ends] of Object.entries(ENDS)) {
      for (const [key, item] of this.#records(this.#base, dependent)) {
        if (ends.some(end => end.store === store && keys.has(formOf(endOf(item, end))))) {
          this.#records(this.#base, dependent).delete(key);
          touched.add(dependent, item.id);
        }
      }
    }
  }

  #push(key, changes) {
    const index = new Map();

    for (const [store, part] of Object.entries(changes)) {
      if (store === 'project') {
        continue;
      }

      const operations = new Map();

      for (const kind of ['added', 'updated', 'removed']) {
        for (const item of part[kind] ?? []) {
          const key = keyOf(item);

          operations.set(key, [...(operations.get(key) ?? []), { kind, item }]);
        }
      }
      index.set(store, operations);
    }
    this.#pending.push({ key, changes, index });
  }

  /** Replaces phantom ids by the permanent ones of an answer, in everything that is still pending. */
  #rename(changes, touched) {
    const renamed = [];
    const ids = new Map();

    for (const [store, part] of Object.entries(changes)) {
      for (const item of part.added ?? []) {
        if (item.$PhantomId !== undefined && item.id !== undefined && String(item.id) !== String(item.$PhantomId)) {
          ids.set(item.$PhantomId, item.id);
          renamed.push({ store, from: item.$PhantomId, to: item.id });
          touched.add(store, item.$PhantomId);
          touched.add(store, item.id);
        }
      }
    }

    if (ids.size > 0) {
      const pending = this.#pending;

      this.#pending = [];

      for (const { key, changes: old } of pending) {
        const replaced = replaceIds(old, ids);

        touched.addAll(this.#touchedBy(old));
        touched.addAll(this.#touchedBy(replaced));
        this.#push(key, replaced);
      }
    }
    return renamed;
  }

  #touchedBy(changes) {
    const touched = new Touched();

    for (const [store, part] of Object.entries(changes)) {
      if (store !== 'project') {
        for (const item of [...(part.added ?? []), ...(part.updated ?? []), ...(part.removed ?? [])]) {
          touched.add(store, idOf(item));
        }
      }
    }
    return touched;
  }

  #refresh(touched, renamed, project, origin) {
    /** @type {ItemChange[]} */
    const changes = [];

    for (const [store, ids] of touched.stores) {
      const view = this.#records(this.#view, store);

      for (const [key, id] of ids) {
        const before = view.get(key);
        const after = this.#resolve(store, key);

        if (after === undefined) {
          view.delete(key);
        } else {
          view.set(key, after);
        }

        if (before !== after) {
          changes.push({ store, id: (after ?? before)?.id ?? id, before, after });
        }
      }
    }

    if (project) {
      this.#resolveProject();
    }

    if (changes.length > 0 || renamed.length > 0 || project) {
      this.emit('change', { changes, renamed, project: Boolean(project), origin });
    }
  }

  #rebuildView() {
    const touched = new Touched();

    this.#view = new Map();

    for (const [store, records] of this.#base) {
      this.#view.set(store, new Map(records));
    }

    this.#pending.forEach(({ changes }) => touched.addAll(this.#touchedBy(changes)));

    for (const [store, ids] of touched.stores) {
      for (const key of ids.keys()) {
        const item = this.#resolve(store, key);

        if (item) {
          this.#records(this.#view, store).set(key, item);
        } else {
          this.#records(this.#view, store).delete(key);
        }
      }
    }
    this.#resolveProject();
  }

  #resolve(store, key) {
    let item = this.#base.get(store)?.get(key);

    for (const { index } of this.#pending) {
      for (const operation of index.get(store)?.get(key) ?? []) {
        if (operation.kind === 'removed') {
          item = undefined;
        } else if (operation.kind === 'added' || item !== undefined) {
          item = merge(item, operation.item);
        }
      }
    }
    return item;
  }

  #resolveProject() {
    this.project = { ...this.#baseProject };

    for (const { changes } of this.#pending) {
      const { $input: _, id: __, ...fields } = changes.project ?? {};

      Object.assign(this.project, fields);
    }
  }

  /** @returns {Map<string, Item>} */
  #records(stores, store) {
    let records = stores.get(store);

    if (!records) {
      stores.set(store, (records = new Map()));
    }
    return records;
  }
}

/** Ids by store and string form, without duplicates. */
class Touched {
  /** @type {Map<string, Map<string, Id>>} */
  stores = new Map();

  add(store, id) {
    this.stores.set(store, (this.stores.get(store) ?? new Map()).set(formOf(id), id));
  }

  addAll(other) {
    for (const [store, ids] of other.stores) {
      ids.forEach(id => this.add(store, id));
    }
  }
}

/** The id of a record, or its phantom id while it has no other. */
function idOf(item) {
  return item.id ?? item.$PhantomId;
}

/** The key of a record: the string form of its id. */
function keyOf(item) {
  return formOf(idOf(item));
}

/** The string form of an id; undefined for other values, which the server does not check in links. */
function formOf(id) {
  return typeof id === 'string' ? id : typeof id === 'number' ? String(id) : undefined;
}

/** The records of a list; none for other values, which the server does not check. */
function recordsOf(list) {
  return Array.isArray(list) ? list.filter(item => item !== null && typeof item === 'object') : [];
}

/** A number to sort by; other values come last. */
function rankOf(value) {
  return typeof value === 'number' ? value : Infinity;
}

/** The id at an end of a link: the value itself, or the id of an object. */
function endOf(link, { fields }) {
  const value = fields.map(field => link[field]).find(candidate => candidate != null);

  return value !== null && typeof value === 'object' ? value.id : value;
}

/** Orders roots: by `parentIndex` when all have one, as Bryntum's stores load them; else as in the array. */
function inOrder(roots) {
  return roots.every(({ parentIndex }) => typeof parentIndex === 'number')
    ? roots.toSorted((left, right) => left.parentIndex - right.parentIndex)
    : roots;
}

/** A new record: the old one with the changed fields. */
function merge(old, item) {
  const { $PhantomId, $PhantomParentId: _, ...fields } = item;
  const merged = { ...old, ...fields, id: old?.id ?? item.id ?? $PhantomId };

  // On the wire, the rules of a calendar form a change set of their own.
  if (fields.intervals && !Array.isArray(fields.intervals)) {
    const removed = new Set(recordsOf(fields.intervals.removed).map(keyOf));
    const kept = recordsOf(old?.intervals).filter(interval => !removed.has(keyOf(interval)));

    merged.intervals = [...kept, ...recordsOf(fields.intervals.added).map(({ $PhantomId: __, ...interval }) => interval)];
  }
  return merged;
}

/** Replaces phantom ids at any depth, except where they identify a record to its author. */
function replaceIds(value, ids) {
  if (typeof value === 'string') {
    return ids.get(value) ?? value;
  }

  if (Array.isArray(value)) {
    return value.map(item => replaceIds(item, ids));
  }

  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        key === '$PhantomId' || key === '$PhantomParentId' ? item : replaceIds(item, ids)
      ])
    );
  }
  return value;
}

/**
 * Orders siblings. Equal indexes, left behind by concurrent additions, are ordered by id, which is the same everywhere.
 */
function byOrder(left, right) {
  return (
    rankOf(left.orderedParentIndex) - rankOf(right.orderedParentIndex) ||
    String(left.id).localeCompare(String(right.id), 'en', { numeric: true })
  );
}
