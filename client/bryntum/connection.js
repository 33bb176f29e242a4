import { Clocks } from '../clocks.js';
import { OPEN_TIMEOUT_MS, PROBE_AFTER_HIDDEN_MS, PROBE_TIMEOUT_MS, retryDelay } from '../connection-policy.js';
import { listenToPage } from '../page-signals.js';

/**
 * Keeps one socket open while a connection is wanted: reconnects after a random, growing delay, and probes the socket
 * after the machine was asleep.
 */
export class Connection {
  #manager = null;
  #handlers;
  #clocks;
  #environment;
  #random;
  #failures = 0;
  #wanted = false;
  #wasOpen = false;
  /** Whether the last reported state announced another attempt. */
  #retries = false;
  /** Milliseconds for which the server asked not to be contacted. */
  #pause = 0;
  /** Why the socket is being closed by this side. @type {string | null} */
  #reason = null;
  #stopListening = () => {};

  /** @type {'idle' | 'connecting' | 'online' | 'offline'} */
  state = 'idle';

  /**
   * @param {{ opened: () => void, closed: (detail: object) => void, message: (message: any) => void,
   *   failed: (error: any) => void, state: (detail: object) => void, unsaved: () => boolean, reconnects: () => boolean }} handlers
   * @param {{ timers?: any, random?: () => number, environment?: any }} platform
   */
  constructor(handlers, { timers, random = Math.random, environment = globalThis }) {
    this.#handlers = handlers;
    this.#clocks = new Clocks(timers);
    this.#random = random;
    this.#environment = environment;
  }

  get manager() {
    return this.#manager;
  }

  get isOpened() {
    return this.#manager?.isOpened === true;
  }

  /** Replaces the socket manager, or removes it. The old one closes its socket. */
  use(manager) {
    if (this.#manager) {
      this.close('the address changed');
      this.#manager.destroy();
    }

    this.#manager = manager;
    this.#failures = 0;

    manager?.ion({
      open: () => this.#opened(),
      close: ({ event }) => this.#lost(event),
      error: ({ error }) => this.#failed(error),
      message: ({ data }) => {
        this.#clocks.clear('probe');
        this.#handlers.message(data);
      },
      thisObj: this
    });
  }

  /** @returns {Promise<boolean>} */
  async open() {
    const manager = this.#manager;

    if (!manager) {
      return false;
    }

    this.#wanted = true;
    this.#listen();

    if (!manager.isOpened) {
      this.#clocks.clear('retry');
      this.#setState('connecting');

      if (!this.#clocks.has('open')) {
        this.#clocks.set('open', OPEN_TIMEOUT_MS, () => this.drop('the server does not answer'));
      }
      await manager.open();
    }
    return manager.isOpened;
  }

  /** Closes the connection and keeps it closed. */
  close(reason = 'closed by the user') {
    this.leave();
    this.drop(reason);
  }

  /** The server is about to close the socket, which then stays closed. */
  leave() {
    this.#wanted = false;
    this.#stopListening();
  }

  /** Discards the socket. Opens a new one while a connection is wanted. */
  drop(reason) {
    const manager = this.#manager;

    if (manager?.connector || manager?.opening) {
      this.#reason = reason;
      // The close event of the socket continues from here.
      manager.close();
    } else {
      this.#retryLater(reason);
    }
  }

  send(command, data) {
    if (!this.isOpened) {
      return false;
    }
    this.#manager.send(command, data);
    return true;
  }

  /** The server closes the socket, or will not answer on it, before this many milliseconds have passed. */
  pause(milliseconds) {
    this.#pause = milliseconds;
  }

  /** The server accepted this page: the next loss counts as the first again. */
  succeeded() {
    this.#failures = 0;
  }

  destroy() {
    this.#wanted = false;
    this.#stopListening();
    this.#clocks.clearAll();
    this.#manager?.destroy();
    this.#manager = null;
  }

  #opened() {
    this.#clocks.clear('open');
    this.#wasOpen = true;
    this.#setState('online');
    this.#handlers.opened();
  }

  #lost(event) {
    const reason = this.#reason ?? (event?.reason || 'connection lost');
    const wasOpen = this.#wasOpen;

    this.#reason = null;
    this.#wasOpen = false;
    this.#clocks.clearAll();

    if (wasOpen) {
      this.#handlers.closed({ reason, event });
    }
    this.#retryLater(reason);
  }

  #failed(error) {
    this.#handlers.failed(error);

    if (error?.fatal) {
      this.#wanted = false;
      this.#stopListening();
      this.#clocks.clearAll();
      this.#setState('offline', { reason: error.message });
    } else if (this.#manager && !this.#manager.isOpened && this.#wanted) {
      this.#retryLater(error?.message ?? 'the server cannot be reached');
    }
  }

  #retryLater(reason) {
    this.#clocks.clearAll();

    if (!this.#wanted || !this.#handlers.reconnects()) {
      this.#setState('offline', { reason });
      return;
    }

    const hasNetwork = this.#environment?.navigator?.onLine !== false;
    const delay = Math.max(this.#pause, retryDelay(this.#failures++, this.#random, hasNetwork));

    this.#pause = 0;
    this.#setState('offline', { reason, retryInMs: delay });
    this.#clocks.set('retry', delay, () => this.open());
  }

  #listen() {
    this.#stopListening();

    const stop = listenToPage(
      this.#environment,
      {
        online: () => this.#wake(0, true),
        offline: () => this.isOpened && this.drop('no network'),
        visible: hiddenMs => this.#wake(hiddenMs, false),
        unsaved: this.#handlers.unsaved
      },
      () => this.#clocks.now()
    );

    this.#stopListening = () => {
      stop();
      this.#stopListening = () => {};
    };
  }

  #wake(hiddenMs, always) {
    if (this.#clocks.has('retry')) {
      this.open();
    } else if ((always || hiddenMs > PROBE_AFTER_HIDDEN_MS) && this.send('version', {})) {
      this.#clocks.set('probe', PROBE_TIMEOUT_MS, () => this.drop('the connection was dead'));
    }
  }

  #setState(state, detail = {}) {
    const retries = detail.retryInMs !== undefined;

    if (this.state !== state || retries || this.#retries) {
      this.state = state;
      this.#retries = retries;
      this.#handlers.state({ state, ...detail });
    }
  }
}
