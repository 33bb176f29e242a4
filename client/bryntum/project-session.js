import { Clocks } from '../clocks.js';
import { isLastingRefusal, retryAfter } from '../connection-policy.js';
import { storageOf } from '../offline-queue.js';
import { Connection } from './connection.js';
import { DatasetRequests } from './dataset-requests.js';
import { EditFlow } from './edit-flow.js';
import { Reports } from './reports.js';

/**
 * The conversation of one project with the server. The mixin forwards the library's calls and events. The state lives
 * here, because the library configures its classes before the fields of a subclass exist.
 */
export class ProjectSession {
  #project;
  #connection;
  #clocks;
  #reports;
  #requests;
  #edits;
  /** The last login, for the next connection. @type {{ login: string, password?: string } | null} */
  #credentials = null;
  /** The login that was sent on this connection. */
  #sentLogin = null;
  #client = undefined;
  /** The project was refused permanently: it is requested again only on demand. */
  #projectRefused = false;
  #load = null;
  #destroyed = false;

  /** @param {any} project @param {object} platform timers, random, environment */
  constructor(project, platform) {
    const send = (command, data) => this.#send(command, data);
    const drop = reason => this.#connection.drop(reason);

    this.#project = project;
    this.#clocks = new Clocks(platform.timers);
    this.#reports = new Reports(project);
    this.#requests = new DatasetRequests(project, this.#clocks, { send, drop });
    this.#edits = new EditFlow(
      project,
      this.#clocks,
      this.#requests,
      this.#reports,
      { send, drop, logIn: () => this.#logIn() },
      platform.storage ?? storageOf(globalThis)
    );
    this.#connection = new Connection(
      {
        opened: () => this.#opened(),
        closed: detail => this.#closed(detail),
        message: message => this.#received(message),
        failed: error => project.trigger('wsError', { error }),
        state: detail => this.#stateChanged(detail),
        unsaved: () => project.wsConfirmLeave && this.unanswered > 0,
        reconnects: () => project.wsReconnect
      },
      platform
    );
  }

  get state() {
    return this.#connection.state;
  }

  get manager() {
    return this.#connection.manager;
  }

  get unanswered() {
    return this.#edits.count;
  }

  get revision() {
    return this.#edits.revision;
  }

  get readOnly() {
    return this.#edits.readOnly;
  }

  useManager(manager) {
    this.#credentials = null;
    this.#connection.use(manager);

    if (manager) {
      this.open();
    }
  }

  open() {
    return this.#connection.open();
  }

  close() {
    this.#connection.close();
  }

  /** The page shows another project from now on, or none. */
  changeProject() {
    this.#edits.changeProject();
    this.#requests.forget();
    this.#requests.settle(false);
    this.#clocks.clearAll();
    this.#projectRefused = false;
  }

  destroy() {
    this.#edits.destroy();
    this.#destroyed = true;
    this.#requests.settle(false);
    this.#clocks.clearAll();
    this.#connection.destroy();
  }

  /** Discards unacknowledged edits. */
  discard() {
    this.#edits.discard();
  }

  /** The library recorded a revision. */
  record(revision) {
    if (this.#hasProject()) {
      this.#edits.record(revision);
    }
  }

  /** Auto-sync was switched on. */
  resume() {
    this.#edits.resume();
  }

  /** @returns {Promise<boolean>} whether the message was sent */
  async send(command, data, silent) {
    if (command === 'login') {
      this.#credentials = data;
      this.#projectRefused = false;
    } else if (command === 'logout') {
      return this.#logOut(data, silent);
    }

    if (!(await this.open()) || this.#destroyed) {
      return false;
    }
    // A login that waited for the connection was sent first.
    return (command === 'login' && this.#sentLogin === data) || this.#send(command, data, silent);
  }

  /** Loads the project. Concurrent calls share one answer. @returns {Promise<boolean>} */
  load() {
    this.#projectRefused = false;
    this.#load ??= this.#loadNow().finally(() => (this.#load = null));
    return this.#load;
  }

  async #loadNow() {
    if (!this.#hasProject()) {
      return false;
    }

    const shown = this.#requests.wait();

    if ((await this.open()) && !this.#destroyed) {
      this.#requests.request();
    }

    if (!(await shown) || this.#destroyed) {
      return false;
    }

    await this.#project.commitAsync();
    this.#project.trigger('wsLoad');
    return true;
  }

  #hasProject() {
    const { wsProjectId } = this.#project;

    return wsProjectId !== null && wsProjectId !== undefined;
  }

  #opened() {
    this.#requests.forget();
    this.#sentLogin = null;
    this.#project.trigger('wsOpen');
    this.#logIn();

    if (this.#sentLogin) {
      // The server answers in order, so there is nothing to wait for.
      this.#loadIfDue();
    }
  }

  #logIn() {
    const { wsUserName, wsPassword } = this.#project;
    const credentials = this.#credentials ?? (wsUserName ? { login: wsUserName, password: wsPassword } : null);

    if (credentials) {
      this.#send('login', credentials);
    }
  }

  #logOut(data, silent) {
    this.#credentials = null;
    this.#connection.leave();

    if (this.#send('logout', data, silent)) {
      return true;
    }
    this.#connection.close('logged out');
    return false;
  }

  #loadIfDue() {
    const due = this.#hasProject() && (this.#project.wsAutoLoad || this.#edits.hasLoaded) && !this.#projectRefused;

    if (due && !this.#edits.isSubscribed && !this.#requests.isAwaiting && this.#edits.reload()) {
      this.load();
    }
  }

  #closed({ reason, event }) {
    this.#edits.disconnect();
    this.#requests.forget();
    this.#project.trigger('wsClose', { event, reason });
  }

  #stateChanged(detail) {
    this.#project.trigger('wsStateChange', detail);

    if (detail.state === 'offline' && detail.retryInMs === undefined) {
      this.#requests.settle(false);
    }
  }

  #send(command, content, silent = false) {
    const data = command === 'project_change' ? { client: this.#project.clientId, ...content } : content;

    if (!this.#connection.send(command, data)) {
      return false;
    }

    if (command === 'login') {
      // Under another name the server removes the project from this connection.
      if (this.#sentLogin?.login !== data.login) {
        this.#edits.unsubscribe();
      }
      this.#sentLogin = data;
    } else if (command === 'dataset' && data.project === this.#project.wsProjectId) {
      this.#requests.sent();
    }

    if (!silent) {
      this.#project.trigger('wsSendMessage', { command, data });
    }
    return true;
  }

  async #received(message) {
    this.#project.trigger('wsMessage', { data: message });

    if (this.#destroyed || message === null || typeof message !== 'object') {
      return;
    }

    const { command } = message;
    const data = message.data ?? {};
    const ours = data.project === this.#project.wsProjectId;

    if (command === 'error' || 'error' in message) {
      this.#failed(command, String(message.error ?? message.message ?? 'Unknown error'), data);
    } else if (command === 'login') {
      this.#loggedIn(data);
    } else if (command === 'logout' && data.userName === undefined) {
      this.#credentials = null;
      this.#connection.close('logged out');
    } else if (command === 'projects') {
      this.#edits.setRole(data.projects?.find(({ id }) => id === this.#project.wsProjectId)?.role);
    } else if (command === 'dataset' && ours) {
      await this.#datasetReceived(data);
    } else if (command === 'project_change' && ours) {
      this.#edits.receive(data.revisions ?? []);
    } else if (command === 'reset' && ours) {
      this.#requests.wasReset();
    }
  }

  /** The request had no effect: repeats it later, on a new connection where that is simpler. */
  #tooMuch(command, message, pause) {
    this.#reports.failure('too-much', message, { command });

    if (command === 'login' || command === 'dataset' || command === 'project_change') {
      this.#connection.pause(pause);
      this.#connection.drop(message);
    }
  }

  #loggedIn({ client, userName }) {
    const project = this.#project;
    const isUnset = project.clientId === undefined || project.clientId === null;

    // An id chosen by the application stays; one from an earlier connection is replaced.
    if (client !== undefined && (isUnset || project.clientId === this.#client)) {
      project.clientId = client;
    }

    this.#client = client;
    this.#edits.own({ client, userName });
    this.#connection.succeeded();
    this.#loadIfDue();
  }

  async #datasetReceived(data) {
    if ((await this.#edits.loadDataset(data)) && !this.#destroyed) {
      this.#project.trigger('wsReceiveDataset');
      this.#requests.settle(true);
    }
  }

  #failed(command, message, data) {
    const pause = retryAfter(message);

    this.#project.wsToast(message);

    if (pause !== null) {
      this.#tooMuch(command, message, pause);
    } else if (command === 'login') {
      this.#credentials = null;
      this.#projectRefused = true;
      this.#requests.settle(false);
      this.#reports.failure('login-refused', message, { command });
    } else if (command === 'dataset') {
      this.#projectRefused = isLastingRefusal(message);
      this.#requests.refused();
      this.#reports.failure(this.#projectRefused ? 'project-refused' : 'dataset-refused', message, { command });
    } else {
      this.#reports.failure('server-error', message, { command });

      // A general error may answer any message of the application; an error about a frame says so.
      if (command === 'project_change' || (command === 'error' && message.startsWith('Message'))) {
        this.#edits.refuse(message, data.project);
      }
    }
  }
}
