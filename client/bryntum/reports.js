/** The messages about lost edits, by the reason of the loss. */
const LOSS = {
  refused: ['change-refused', 'The server did not take your last edits.'],
  unasked: ['reset', 'Your last edits were made before the project was put back.'],
  readOnly: ['read-only', 'You may look at this project but not edit it.'],
  closed: ['closed', 'The project was closed before these edits were sent.'],
  'too-large': ['too-large', 'The edit is too large to be sent.'],
  'queue-full': ['queue-full', 'Too many edits wait for the server.']
};

/** Reports failures and lost edits to the application, through the project's `error` event. */
export class Reports {
  #project;

  constructor(project) {
    this.#project = project;
  }

  /**
   * @param {string} code
   * @param {string} message
   * @param {object} [detail]
   */
  failure(code, message, detail = {}) {
    this.#project.trigger('error', { code, message, lost: [], ...detail });
  }

  /**
   * @param {keyof typeof LOSS} reason
   * @param {{ localRevision: string, changes: object }[]} entries
   */
  loss(reason, entries) {
    if (entries.length > 0) {
      const [code, message] = LOSS[reason];

      this.failure(code, message, { lost: entries.map(({ localRevision, changes }) => ({ localRevision, changes })) });
      this.#project.wsToast(message);
    }
  }
}
