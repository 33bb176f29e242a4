import { takeMessage } from './connection-policy.js';

/**
 * Edits of closed pages on their way to the server, under the session, client id and number that they had: each is
 * accepted once, however often it is sent. Their echoes are revisions of somebody else for this page.
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
   * Claims what is there, once for this page.
   * @param {import('./offline-queue.js').Place} place
   * @param {(offer: object) => void} offer
   * @returns {Promise<boolean>} whether there is something to send
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

  /** The messages that send all that is unanswered; one session a message. */
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
   * Notes which of them a message of the server answers.
   * @template {{ client?: any, localRevision?: any }} T
   * @param {T[]} revisions
   * @returns {T[]} the same, with the answers named so that the page cannot take them for its own
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

  /** They cannot be sent any more. */
  giveUp(reason, offer) {
    const edits = this.#edits;

    this.#edits = [];
    this.#offer(reason, edits, offer);
  }

  /** What is not sent is shown to the user, who decides; until then it stays where it is. */
  #offer(reason, edits, offer) {
    if (edits.length > 0) {
      offer({
        reason,
        // What another user did is not shown to this one.
        edits: edits.map(({ localRevision, changes, madeAt, user }) =>
          reason === 'other-user' ? { localRevision, madeAt, user } : { localRevision, madeAt, user, changes }
        ),
        discard: () =>
          Promise.all(edits.map(({ session, localRevision }) => this.#queue.forget(session, [localRevision])))
      });
    }
  }
}

/** An answer to what was accepted before may carry the id of the connection that sent it first. */
function isAnswer(edit, { client, localRevision }) {
  return (
    edit.localRevision === localRevision &&
    (client === clientOf(edit) || (client !== undefined && edit.clients.includes(client)))
  );
}

/** A page without a client id needs one here, since the numbers of the present page are the same. */
function clientOf({ clientId, session }) {
  return clientId ?? `page-${session}`;
}
