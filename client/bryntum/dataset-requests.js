/**
 * Keeps account of the datasets that a page asked for, so that one which comes unasked is known for what it is: a reset,
 * a restore, or the answer to a change that was not taken.
 */
export class DatasetRequests {
  #project;
  #clocks;
  #handlers;
  #awaited = 0;
  /** Whether the last message was a dataset taken for the one asked for; a notice behind it says that it was a reset's. */
  #tookForAnswer = false;
  /** @type {((loaded: boolean) => void)[]} */
  #waiting = [];

  /**
   * @param {any} project
   * @param {import('../clocks.js').Clocks} clocks
   * @param {{ send: (command: string, data: object) => boolean, drop: (reason: string) => void }} handlers
   */
  constructor(project, clocks, handlers) {
    this.#project = project;
    this.#clocks = clocks;
    this.#handlers = handlers;
  }

  get isAwaiting() {
    return this.#awaited > 0;
  }

  request() {
    if (this.#awaited === 0) {
      this.#handlers.send('dataset', { project: this.#project.wsProjectId });
    }
  }

  /** A request went out. */
  sent() {
    this.#awaited++;
    this.#clocks.set('dataset', this.#project.wsConnectionTimeout, () =>
      this.#handlers.drop('the server did not send the project')
    );
  }

  /** A dataset came. @returns {boolean} whether it was asked for */
  received() {
    this.#tookForAnswer = this.#awaited > 0;
    this.#answered();
    return this.#tookForAnswer;
  }

  refused() {
    this.#answered();
    this.settle(false);
  }

  /** Revisions came: what follows is no notice of the last dataset. */
  passed() {
    this.#tookForAnswer = false;
  }

  /** The last dataset was a reset's own, so the one asked for is still on its way. */
  wasReset() {
    if (this.#tookForAnswer) {
      this.sent();
    }
    this.#tookForAnswer = false;
  }

  /** The connection is gone, and the answers with it. */
  forget() {
    this.#awaited = 0;
    this.#tookForAnswer = false;
    this.#clocks.clear('dataset');
  }

  /** @returns {Promise<boolean>} whether the page shows the project within the time that it has */
  wait() {
    this.#clocks.set('load', this.#project.wsConnectionTimeout, () => this.settle(false));
    return new Promise(resolve => this.#waiting.push(resolve));
  }

  settle(loaded) {
    this.#clocks.clear('load');
    this.#waiting.splice(0).forEach(resolve => resolve(loaded));
  }

  #answered() {
    this.#awaited = Math.max(0, this.#awaited - 1);
    this.#clocks.clear('dataset');
  }
}
