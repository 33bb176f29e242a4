import { Emitter } from './emitter.js';
import { RecordStore } from './record-store.js';
import { SyncClient } from './sync-client.js';

/**
 * A project that is edited together with other users: combines the connection and the records. This is what a page
 * uses.
 *
 * Passes on the events of {@link SyncClient} except `dataset` and `changes`, and adds `load` {revision, asked, dropped,
 * lost} (all records are new) and `change` {changes, renamed, project, origin}, where `origin` is {local, own, client,
 * userName, revision, changes}, with the change set in wire form.
 */
export class SharedProject extends Emitter {
  /** @param {import('./sync-client.js').SyncClientOptions} options */
  constructor(options) {
    super();
    this.client = new SyncClient(options);
    this.store = new RecordStore();

    for (const type of ['state', 'users', 'join', 'leave', 'projects', 'access', 'stored', 'error', 'pending']) {
      this.client.on(type, payload => this.emit(type, payload));
    }

    this.client.on('dataset', event => this.#load(event));
    this.client.on('changes', ({ revisions }) => revisions.forEach(revision => this.#apply(revision)));
    this.client.on('answered', event => this.#answered(event));
    this.client.on('reset', event => {
      event.dropped.forEach(key => this.store.dropPending(key));
      this.emit('reset', event);
    });
    this.store.on('change', event => this.emit('change', event));
  }

  /** Connects and stays connected. Returns itself, so that `new SharedProject(…).connect()` suffices. */
  connect() {
    this.client.connect();
    return this;
  }

  /** Goes offline; edits are kept for the next {@link connect}. */
  disconnect(reason) {
    this.client.disconnect(reason);
  }

  /** Resets the project to its initial state, for all users. @returns {boolean} false while offline */
  reset() {
    return this.client.reset();
  }

  /** Closes the project permanently, for example when its component is removed from the page. */
  destroy() {
    this.client.destroy();
    this.clear();
  }

  /**
   * Makes an edit: shown at once, sent as soon as possible.
   * @param {import('./change-set.js').ChangeSet} changeSet
   * @returns {boolean} false when it is empty or was refused
   */
  edit(changeSet) {
    if (changeSet.isEmpty) {
      return false;
    }

    const changes = changeSet.toChanges();
    const localRevision = this.client.submit(changes);

    if (localRevision === null) {
      return false;
    }

    this.store.addPending(localRevision, changes, { local: true, own: true, changes });
    return true;
  }

  #load({ dataset, revision, asked, dropped, lost }) {
    // Each pending edit is checked against the state that its predecessors leave, as the server will do.
    this.store.load(dataset);

    for (const { localRevision, changes } of [...this.client.pending]) {
      const pruned = this.store.prune(changes);

      this.client.amend(localRevision, pruned);

      if (pruned) {
        this.store.addPending(localRevision, pruned, { local: true, own: true });
      } else {
        dropped++;
        lost = [...lost, { localRevision, changes }];
      }
    }
    this.emit('load', { revision, asked, dropped, lost });
  }

  #apply({ revision, own, known, localRevision, client, userName, changes }) {
    this.store.applyRevision(changes, {
      settles: own ? localRevision : undefined,
      known,
      origin: { local: false, own, client, userName, revision, changes }
    });
    this.#tellIds(changes, own);
  }

  #answered({ changes }) {
    this.store.learnIds(changes);
    this.#tellIds(changes, true);
  }

  /** Edits that are sent again use the record ids known by then. */
  #tellIds(changes, own) {
    if (own && Object.values(changes).some(part => part.added?.length > 0)) {
      for (const { localRevision } of [...this.client.pending]) {
        const current = this.store.pendingChanges(localRevision);

        if (current) {
          this.client.amend(localRevision, current);
        }
      }
    }
  }
}
