import { OfflineQueue } from './offline-queue.js';
import { RecoveredEdits } from './recovered-edits.js';

/** Stores a page's unacknowledged edits so that they outlive it, and sends those of pages that are gone. */
export class Persistence {
  #session;
  #queue;
  #recovered;
  #handlers;

  /**
   * @param {string} session of the page
   * @param {{ indexedDB?: any, locks?: any, now?: () => number }} storage
   * @param {{ place: () => import('./offline-queue.js').Place, offer: (event: object) => void,
   *   unavailable: (reason: string) => void, canSend: () => boolean, send: (message: object) => void }} handlers
   */
  constructor(session, storage, handlers) {
    this.#session = session;
    this.#handlers = handlers;
    this.#queue = new OfflineQueue(session, storage, handlers.unavailable);
    this.#recovered = new RecoveredEdits(this.#queue);
  }

  /** Whether edits of closed pages are being sent. */
  get isSending() {
    return this.#recovered.count > 0;
  }

  /**
   * Stores an edit before it is sent: a page that dies after sending must not leave an untraceable edit behind.
   * @param {Parameters<OfflineQueue['save']>[1]} edit
   */
  save(edit) {
    return this.#queue.save(this.#handlers.place(), edit);
  }

  /** @param {string[]} localRevisions of this page that were acknowledged or discarded */
  forget(localRevisions) {
    if (localRevisions.length > 0) {
      this.#queue.forget(this.#session, localRevisions);
    }
  }

  /** @see RecoveredEdits.settle */
  settle(revisions) {
    return this.#recovered.settle(revisions);
  }

  /**
   * A dataset arrived. Edits of closed pages are claimed after the first, and sent again after each dataset that voids
   * nothing.
   * @param {string | null} reason why earlier edits are void
   */
  async loaded(reason) {
    const { place, offer, canSend, send } = this.#handlers;

    if (reason !== null) {
      this.#recovered.giveUp(reason, offer);
    }

    await this.#recovered.claim(place(), offer);

    if (reason === 'readOnly') {
      this.#recovered.giveUp(reason, offer);
    } else if (canSend()) {
      const { project, revision } = place();

      this.#recovered.messages(project, revision).forEach(send);
    }
  }

  close() {
    this.#queue.close();
  }
}
