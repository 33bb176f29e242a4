import { takeMessage } from './connection-policy.js';

/**
 * Edits of closed pages on their way to the server, under their original session, client id and number, so that each is
 * accepted once however often it is sent. To this page, their echoes are revisions of another client.
 */
export class RecoveredEdits {
  /** @type {import('./offline-queue.js').StoredEdit[]} */
  #edits = [];
  #queue;
  #claimed = false;

  /** @param {import('./offline-queue.js').OfflineQueue} queue */
  constructor(queue) {
    this.#queue = queue;
  }

  get count() {
    return this.#edits.length;
  }

  /**
   * Claims the stored edits, once per page.
   * @param {import('./offline-queue.js').Place} place
   * @param {(offer: object) => void} offer
   * @returns {Promise<boolean>} whether there are edits to send
   */
  async claim(place, offer) {
    if (this.#claimed) {
      return false;
    }

    this.#claimed = true;

    const { sendable, offered } = await this.#queue.claim(place);

    this.#edits = sendable;
    offered.forEach(({ reason, edits }) => this.#offer(reason, edits, offer));
    return sendable.length > 0;
  }

  /** The messages that send all unacknowledged edits; one session per message. */
  messages(project, datasetRevision) {
    const messages = [];

    for (const session of new Set(this.#edits.map(edit => edit.session))) {
      const waiting = this.#edits
        .filter(edit => edit.session === session)
        .map(edit => ({ ...edit, characters: JSON.stringify(edit.changes).length }));

      while (waiting.length > 0) {
        const batch = takeMessage(waiting);

        messages.push({
          project,
          session,
          client: clientOf(batch[0]),
          datasetRevision: datasetRevision ?? undefined,
          revisions: batch.map(edit => ({
            revision: edit.localRevision,
            clientId: clientOf(edit),
            ...(edit.conflictResolutionFor ? { conflictResolutionFor: edit.conflictResolutionFor } : {}),
            changes: edit.changes
          }))
        });
      }
    }
    return messages;
  }

  /**
   * Records which of them a server message acknowledges.
   * @template {{ client?: any, localRevision?: any }} T
   * @param {T[]} revisions
   * @returns {T[]} the same revisions, with the acknowledged ones marked as not belonging to this page
   */
  settle(revisions) {
    return revisions.map(revision => {
      const edit = this.#edits.find(candidate => isAnswer(candidate, revision));

      if (!edit) {
        return revision;
      }

      this.#edits = this.#edits.filter(candidate => candidate !== edit);
      this.#queue.forget(edit.session, [edit.localRevision]);
      return { ...revision, client: `page-${edit.session}` };
    });
  }

  /** The edits can no longer be sent. */
  giveUp(reason, offer) {
    const edits = this.#edits;

    this.#edits = [];
    this.#offer(reason, edits, offer);
  }

  /** Offers unsendable edits to the user, who decides; until then they stay stored. */
  #offer(reason, edits, offer) {
    if (edits.length > 0) {
      offer({
        reason,
        // The changes of another user are not revealed.
        edits: edits.map(({ localRevision, changes, madeAt, user }) =>
          reason === 'other-user' ? { localRevision, madeAt, user } : { localRevision, madeAt, user, changes }
        ),
        discard: () =>
          Promise.all(edits.map(({ session, localRevision }) => this.#queue.forget(session, [localRevision])))
      });
    }
  }
}

/** The answer to an edit that was accepted earlier may carry the id of the connection that sent it first. */
function isAnswer(edit, { client, localRevision }) {
  return (
    edit.localRevision === localRevision &&
    (client === clientOf(edit) || (client !== undefined && edit.clients.includes(client)))
  );
}

/** An edit of a page without a client id gets one here, because the current page uses the same numbers. */
function clientOf({ clientId, session }) {
  return clientId ?? `page-${session}`;
}
