import { Clocks } from './clocks.js';
import { OPEN_TIMEOUT_MS, PROBE_AFTER_HIDDEN_MS, PROBE_TIMEOUT_MS, retryDelay } from './connection-policy.js';
import { resolveAddress } from './negotiate.js';
import { listenToPage } from './page-signals.js';

/**
 * Keeps one socket open while a connection is wanted: reconnects after a random, growing delay, and probes the socket
 * after the machine was asleep.
 */
export class ClientSocket {
  #options;
  #handlers;
  #clocks;
  #random;
  #environment;
  /** @type {WebSocket | null} */
  #socket = null;
  /** Incremented with every attempt, so that an address that arrives late is ignored. */
  #attempt = 0;
  #failures = 0;
  #wanted = false;
  #stopListening = () => {};

  /**
   * @param {import('./sync-client.js').SyncClientOptions} options
   * @param {{ connecting: () => void, opened: () => void, message: (text: string) => void, ended: () => void,
   *   offline: (detail: { reason: string, retryInMs?: number, final?: boolean }) => void,
   * refused: (message: string) => void, unsaved: () => boolean }} handlers `ended` precedes `offline`
   */
  constructor(options, handlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#clocks = new Clocks(options.timers);
    this.#random = options.random ?? Math.random;
    this.#environment = 'environment' in options ? options.environment : globalThis;
  }

  /** Opens the socket and keeps it open. While a reconnect is pending, connects at once. */
  open() {
    this.#wanted = true;

    if (this.#socket === null) {
      this.#listen();
      this.#failures = 0;
      this.#connect();
    }
  }

  /** Closes the socket and keeps it closed. */
  close(reason) {
    this.leave();
    this.#abandon();
    this.#handlers.offline({ reason, final: true });
  }

  /** The server is about to close the socket, which then stays closed. */
  leave() {
    this.#wanted = false;
    this.#stopListening();
  }

  /** Discards the socket and reconnects after a random delay of at least `pause` milliseconds. */
  drop(reason, pause = 0) {
    this.#abandon();

    if (!this.#wanted) {
      this.#handlers.offline({ reason, final: true });
      return;
    }

    const hasNetwork = this.#environment?.navigator?.onLine !== false;
    const delay = Math.max(pause, retryDelay(this.#failures++, this.#random, hasNetwork));

    this.#handlers.offline({ reason, retryInMs: delay });
    this.#clocks.set('retry', delay, () => this.#connect());
  }

  send(command, data) {
    const socket = this.#socket;

    if (!socket || socket.readyState !== 1) {
      return false;
    }

    socket.send(JSON.stringify({ command, data }));
    return true;
  }

  /** The server accepted this page: the next loss counts as the first again. */
  succeeded() {
    this.#failures = 0;
  }

  async #connect() {
    const attempt = ++this.#attempt;

    this.#clocks.clear('retry');
    this.#handlers.connecting();

    try {
      const address = await resolveAddress(this.#options.address);

      if (attempt === this.#attempt && this.#wanted) {
        this.#use(new (this.#options.WebSocket ?? globalThis.WebSocket)(address));
      }
    } catch (error) {
      if (attempt === this.#attempt && this.#wanted) {
        this.#failed(error);
      }
    }
  }

  #use(socket) {
    const guarded = handler => event => {
      if (socket === this.#socket) {
        handler(event);
      }
    };

    this.#socket = socket;
    socket.addEventListener('open', guarded(() => this.#opened()));
    socket.addEventListener('message', guarded(event => this.#received(event.data)));
    socket.addEventListener('close', guarded(event => this.drop(event?.reason || 'connection lost')));
    // An error is always followed by a close event, which is handled.
    socket.addEventListener('error', () => {});
    this.#clocks.set('open', OPEN_TIMEOUT_MS, () => this.drop('the server does not answer'));
  }

  #opened() {
    this.#clocks.clear('open');
    this.#handlers.opened();
  }

  #received(text) {
    this.#clocks.clear('probe');
    this.#handlers.message(text);
  }

  #failed(error) {
    if (error?.fatal) {
      this.#handlers.refused(error.message);
    } else {
      this.drop(`no address: ${error.message}`);
    }
  }

  #abandon() {
    const socket = this.#socket;

    this.#attempt++;
    this.#socket = null;
    this.#clocks.clearAll();
    this.#handlers.ended();

    try {
      socket?.close();
    } catch {
      // A socket that cannot be closed is already closed.
    }
  }

  /** Probes an old connection: a laptop that was asleep still considers its socket open. */
  #probe() {
    if (this.send('version', {})) {
      this.#clocks.set('probe', PROBE_TIMEOUT_MS, () => this.drop('the connection was dead'));
    }
  }

  #retryNow() {
    if (this.#wanted && this.#socket === null && this.#clocks.has('retry')) {
      this.#connect();
    }
  }

  #listen() {
    this.#stopListening();

    const stop = listenToPage(
      this.#environment,
      {
        online: () => (this.#socket === null ? this.#retryNow() : this.#probe()),
        offline: () => this.#wanted && this.#socket !== null && this.drop('no network'),
        visible: hiddenMs => {
          if (this.#socket === null) {
            this.#retryNow();
          } else if (hiddenMs > PROBE_AFTER_HIDDEN_MS) {
            this.#probe();
          }
        },
        unsaved: this.#handlers.unsaved
      },
      () => this.#clocks.now()
    );

    this.#stopListening = () => {
      stop();
      this.#stopListening = () => {};
    };
  }
}
