/** The database that stores the edits of closed pages. */
const DATABASE = 'serverless-sync';
const STORE = 'edits';
/** The server remembers a page's session for 7 days; one day is reserved for inaccurate clocks and for sending. */
const AGE_MAX_MS = 6 * 24 * 60 * 60 * 1000;

/**
 * @typedef {object} StoredEdit
 * @property {string} session of the page that made it
 * @property {number} order position among the page's edits
 * @property {string} user
 * @property {string} project as JSON, because `1` and `'1'` are different projects
 * @property {string} server
 * @property {string | undefined} epoch the project's lineage, from servers that state one
 * @property {number | null} base the revision of the dataset that it is based on
 * @property {number} madeAt milliseconds since 1970
 * @property {string} localRevision
 * @property {string | number | undefined} clientId
 * @property {(string | number)[]} clients client ids that an answer may carry
 * @property {string | number | undefined} conflictResolutionFor
 * @property {Record<string, any>} changes
 *
 * @typedef {{ user: string, project: string | number, server: string, epoch?: string, revision: number | null, resetRevision?: number }} Place
 */

/**
 * Unacknowledged edits that outlive the page that made them. A page holds a lock on its own edits while it is open.
 * Once the lock is free, another page of the same user may claim them, so that exactly one page sends them.
 *
 * Without IndexedDB or Web Locks it does nothing, and calls `unavailable` once with the reason.
 */
export class OfflineQueue {
  #session;
  #platform;
  #unavailable;
  #database = null;
  #steps = Promise.resolve();
  #order = 0;
  #broken = false;
  /** @type {(() => void)[]} functions that release the locks */
  #releases = [];

  /**
   * @param {string} session of this page
   * @param {{ indexedDB?: IDBFactory, locks?: LockManager, now?: () => number }} platform
   * @param {(reason: string) => void} unavailable
   */
  constructor(session, { indexedDB, locks, now = Date.now }, unavailable) {
    this.#session = session;
    this.#platform = { indexedDB, locks, now };
    this.#unavailable = unavailable;
  }

  /**
   * Stores an edit. Called before the edit is sent: a page that dies in between must not send it again under another
   * name.
   * @param {Place} place
   * @param {Pick<StoredEdit, 'localRevision' | 'clientId' | 'clients' | 'conflictResolutionFor' | 'changes'>} edit
   */
  save(place, edit) {
    const stored = {
      session: this.#session,
      order: this.#order++,
      ...keyOf(place),
      epoch: place.epoch,
      base: place.revision,
      madeAt: this.#platform.now(),
      ...edit
    };

    return this.#next(() => this.#write(store => store.put(stored)));
  }

  /**
   * Removes edits that were acknowledged or discarded.
   * @param {string} session
   * @param {string[]} localRevisions
   */
  forget(session, localRevisions) {
    return this.#next(async () => {
      const gone = new Set(localRevisions);
      const edits = (await this.#all()).filter(edit => edit.session === session && gone.has(edit.localRevision));

      await this.#write(store => edits.forEach(edit => store.delete([edit.session, edit.order])));
    });
  }

  /**
   * Claims the edits of closed pages, to send them or to offer them to the user.
   * @param {Place} place
   * @returns {Promise<{ sendable: StoredEdit[], offered: { reason: string, edits: StoredEdit[] }[] }>}
   */
  async claim(place) {
    const claimed = { sendable: [], offered: [] };

    await this.#next(async () => {
      const edits = (await this.#all()).filter(edit => edit.session !== this.#session && isFor(edit, place));
      const reasons = new Map();

      for (const session of new Set(edits.map(edit => edit.session))) {
        if (await this.#lock(session)) {
          for (const edit of edits.filter(candidate => candidate.session === session)) {
            const reason = this.#reasonAgainst(edit, place);

            reasons.set(reason, [...(reasons.get(reason) ?? []), edit]);
          }
        }
      }

      claimed.sendable = reasons.get(null) ?? [];
      reasons.delete(null);
      claimed.offered = [...reasons].map(([reason, offered]) => ({ reason, edits: offered }));
    });
    return claimed;
  }

  /** Releases the locks once everything is written; the next page may then claim the rest. */
  close() {
    this.#steps = this.#steps.then(() => {
      this.#broken = true;
      this.#releases.splice(0).forEach(release => release());
      this.#database?.close();
    });
    return this.#steps;
  }

  /** @returns {string | null} why an edit can no longer be sent */
  #reasonAgainst(edit, { user, epoch, resetRevision }) {
    if (edit.user !== user) {
      return 'other-user';
    }

    if (this.#platform.now() - edit.madeAt > AGE_MAX_MS) {
      return 'too-old';
    }

    if (epoch !== undefined && edit.epoch !== undefined && edit.epoch !== epoch) {
      return 'restored';
    }
    return resetRevision !== undefined && (edit.base ?? 0) < resetRevision ? 'reset' : null;
  }

  /** Runs the steps in sequence. The first failure ends all, because half a queue is worse than none. */
  #next(step) {
    const done = this.#steps.then(async () => {
      if (this.#broken) {
        return;
      }

      try {
        await this.#open();
        await step();
      } catch (error) {
        if (!this.#broken) {
          this.#broken = true;
          this.#unavailable(error.message);
        }
      }
    });

    this.#steps = done;
    return done;
  }

  async #open() {
    if (this.#database) {
      return;
    }

    const { indexedDB, locks } = this.#platform;

    if (!indexedDB || !locks) {
      throw new Error(`The browser has no ${indexedDB ? 'Web Locks' : 'IndexedDB'}`);
    }

    const request = indexedDB.open(DATABASE, 1);

    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: ['session', 'order'] });
    this.#database = await answerOf(request);

    if (!(await this.#lock(this.#session))) {
      throw new Error('Another page has the session of this one');
    }
  }

  /** @returns {Promise<boolean>} whether this page holds the lock, which it keeps until it is closed or crashes */
  #lock(session) {
    return new Promise((resolve, reject) => {
      this.#platform.locks
        .request(`${DATABASE}:${session}`, { ifAvailable: true }, lock => {
          resolve(lock !== null);
          return lock === null ? undefined : new Promise(release => this.#releases.push(release));
        })
        .catch(reject);
    });
  }

  #all() {
    return answerOf(this.#database.transaction(STORE, 'readonly').objectStore(STORE).getAll());
  }

  #write(change) {
    return new Promise((resolve, reject) => {
      const transaction = this.#database.transaction(STORE, 'readwrite');

      transaction.oncomplete = () => resolve();
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error('The browser stores nothing'));
      change(transaction.objectStore(STORE));
    });
  }
}

/** The parts of the platform that an offline queue needs; a page in a frame may be denied access to them. */
export function storageOf(environment) {
  try {
    return { indexedDB: environment?.indexedDB, locks: environment?.navigator?.locks };
  } catch {
    return {};
  }
}

/** The server of a fixed address; negotiated addresses change with every connection. */
export function serverOf(address) {
  return typeof address === 'string' ? address.split('?')[0] : '';
}

function keyOf({ user, project, server }) {
  return { user, project: JSON.stringify(project), server };
}

function isFor(edit, place) {
  const { project, server } = keyOf(place);

  return edit.project === project && edit.server === server;
}

function answerOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
