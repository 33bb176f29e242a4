/**
 * @param {{ Toast?: any, StringHelper: any }} library
 */
export function createWebSocketHelper({ Toast, StringHelper }) {
  /**
   * Shows the connection state on a Gantt or Scheduler, and makes it read-only for users without edit rights. Several
   * views of one project have one helper each.
   */
  return class WebSocketHelper {
    #detach = null;
    #project;
    #connected = null;
    #wasReadOnly = null;
    #mask;

    /**
     * @param {any} client the view, such as a Gantt
     * @param {string | (() => string | Promise<string>)} [host] the project's address, unless it has one
     * @param {{ mask?: boolean }} [options] `mask: false` leaves the view usable while offline; edits are sent later
     */
    constructor(client, host, { mask = true } = {}) {
      this.client = client;
      this.host = host;
      this.#mask = mask;
      this.project = client.project;

      if (host && !this.project.wsAddress) {
        this.project.wsAddress = host;
      }
      this.setConnectedState(this.project.wsState === 'online');
    }

    get project() {
      return this.#project;
    }

    set project(project) {
      this.#detach?.();
      this.#project = project;
      this.#detach = project.ion({
        wsError: () => this.showMask('Error connecting to server'),
        wsMessage: ({ data }) => this.wsReceive(data),
        wsOpen: () => this.setConnectedState(true),
        wsClose: () => this.setConnectedState(false),
        wsReadOnlyChange: ({ readOnly }) => this.setReadOnly(readOnly),
        thisObj: this
      });
      this.setReadOnly(project.wsReadOnly === true);
    }

    /** The project itself shows errors. */
    wsReceive({ command, data, error }) {
      if (command === 'reset' && error === undefined) {
        Toast?.show(`${StringHelper.encodeHtml(String(data?.userName ?? 'The server'))} reset the data`);
      }
    }

    setConnectedState(connected) {
      this.#connected = connected;

      if (!connected) {
        this.showMask('OFFLINE');
      } else if (this.client.unmaskBody) {
        this.client.unmaskBody();
      } else {
        this.client.unmask();
      }
    }

    showMask(text) {
      if (this.#mask && !(this.#connected && text !== 'OFFLINE' && this.project.wsState === 'online')) {
        this.client.maskBody(`<div style="text-align: center">${text}</div>`);
      }
    }

    /** A view that the application made read-only stays read-only. */
    setReadOnly(readOnly) {
      if (readOnly && this.#wasReadOnly === null) {
        this.#wasReadOnly = this.client.readOnly === true;
        this.client.readOnly = true;
      } else if (!readOnly && this.#wasReadOnly !== null) {
        this.client.readOnly = this.#wasReadOnly;
        this.#wasReadOnly = null;
      }
    }

    destroy() {
      this.#detach?.();
      this.#detach = null;
    }
  };
}
