/** Web Locks of one browser; a page that dies lets go of its own. */
export class FakeLocks {
  #held = new Map();

  /** @returns {{ request: Function, die: () => void }} the locks as one page sees them */
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

/** As much of IndexedDB as the queue uses: one store whose keys are arrays, requests that answer later. */
export class FakeIndexedDB {
  records = new Map();
  /** Set by a test: no write succeeds any more. */
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
