/** Web Locks of one browser; a page that crashes releases its locks. */
export class FakeLocks {
  #held = new Map();

  /** @returns {{ request: Function, die: () => void }} the locks from the view of one page */
  page() {
    const own = new Set();

    return {
      request: async (name, { ifAvailable }, callback) => {
        if (this.#held.has(name) && ifAvailable) {
          return callback(null);
        }

        this.#held.set(name, own);
        own.add(name);

        const result = await callback({ name });

        this.#held.delete(name);
        own.delete(name);
        return result;
      },
      die: () => own.forEach(name => this.#held.delete(name))
    };
  }
}

/** The part of IndexedDB that the queue uses: one store with array keys and asynchronous requests. */
export class FakeIndexedDB {
  records = new Map();
  /** Set by a test: all writes fail. */
  full = false;
  #created = false;

  open() {
    const request = {};

    queueMicrotask(() => {
      request.result = {
        createObjectStore: () => (this.#created = true),
        transaction: () => this.#transaction(),
        close: () => {}
      };

      if (!this.#created) {
        request.onupgradeneeded();
      }
      request.onsuccess();
    });
    return request;
  }

  get edits() {
    return [...this.records.values()];
  }

  #transaction() {
    const transaction = { error: null };
    const changes = [];

    transaction.objectStore = () => ({
      put: record => changes.push(() => this.records.set(JSON.stringify([record.session, record.order]), structuredClone(record))),
      delete: key => changes.push(() => this.records.delete(JSON.stringify(key))),
      getAll: () => {
        const request = {};

        queueMicrotask(() => {
          request.result = structuredClone(this.edits);
          request.onsuccess();
        });
        return request;
      }
    });

    queueMicrotask(() => {
      if (this.full && changes.length > 0) {
        transaction.error = new Error('QuotaExceededError');
        transaction.onabort?.();
      } else {
        changes.forEach(change => change());
        transaction.oncomplete?.();
      }
    });
    return transaction;
  }
}
