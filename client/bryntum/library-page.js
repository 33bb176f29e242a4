/**
 * The project of the page, seen from the network. It takes one step at a time: a dataset that meets a project which is
 * still applying revisions would stop it, and revisions that overtake a dataset would be wiped out by it.
 */
export class LibraryPage {
  #project;
  #steps = Promise.resolve();
  #loads = 0;
  #closed = false;

  /** @param {any} project a ProjectModel with `stm.revisionsEnabled` */
  constructor(project) {
    this.#project = project;
  }

  /** Whether a dataset waits or is being loaded: what the library records until then, it forgets. */
  get isLoading() {
    return this.#loads > 0;
  }

  close() {
    this.#closed = true;
  }

  /**
   * @param {object} dataset
   * @param {() => unknown} clientId read when the revisions start anew
   * @returns {Promise<boolean>} whether it was loaded before the page was closed; rejects when the library refuses it
   */
  load(dataset, clientId) {
    this.#loads++;

    return this.#next(() =>
      this.#project.queue(async () => {
        const project = this.#project;

        await this.#finishRecording();
        project.stm.disable();
        project.stm.resetQueue();

        try {
          await project.loadInlineData(dataset);
        } finally {
          project.stm.enable();
          project.initRevisions(clientId(), 'base');
          this.#loads--;
        }
        return !this.#closed;
      })
    );
  }

  /**
   * @param {import('./revision-exchange.js').LibraryRevision[]} revisions
   * @param {{ before: () => void, after: () => void }} notify
   */
  apply(revisions, { before, after }) {
    return this.#next(async () => {
      before();
      await this.#project.applyRevisions(revisions);

      if (!this.#closed) {
        after();
      }
    });
  }

  /** The library records an edit some 100 ms after it was made; what is still being recorded would be gone unnoticed. */
  async #finishRecording() {
    const { stm } = this.#project;

    try {
      await this.#project.commitAsync();

      if (stm.isRecording) {
        stm.stopTransaction();
      }
    } catch {
      // A page that cannot calculate any more may recover with the dataset.
    }
  }

  #next(step) {
    const done = this.#steps.then(() => (this.#closed ? false : step()));

    // The next step waits for this one whether it succeeds or not.
    this.#steps = done.catch(() => {});
    return done;
  }
}
