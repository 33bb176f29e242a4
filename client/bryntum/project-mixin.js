import { ProjectSession } from './project-session.js';

/** The library configures an instance before the fields of a subclass exist, so these are kept here. */
const sessions = new WeakMap();

/** Whether two addresses name the same server. Tokens in the query change, but waiting edits are still meant for it. */
function sameServer(left, right) {
  const place = address => (typeof address === 'string' ? address.split('?')[0] : address);

  return place(left) === place(right);
}

/**
 * @param {{ Base: any, Toast?: any, StringHelper: any }} library
 * @param {any} WebSocketManager
 * @param {object} platform
 */
export function createProjectMixin({ Base, Toast, StringHelper }, WebSocketManager, platform) {
  const sessionOf = project => {
    let session = sessions.get(project);

    if (!session) {
      sessions.set(project, (session = new ProjectSession(project, platform)));
    }
    return session;
  };

  return Target =>
    class ProjectWebSocketHandler extends (Target || Base) {
      static $name = 'ProjectWebSocketHandler';

      static configurable = {
        /** URL, or a function that returns one for every connection. */
        wsAddress: null,
        /** With a name, the project logs in by itself on every connection. */
        wsUserName: '',
        wsPassword: '',
        wsAutoLoad: true,
        /** Milliseconds to wait for a dataset. */
        wsConnectionTimeout: 60000,
        wsProjectId: null,
        wsReconnect: true,
        /** Whether the browser asks before a page with unacknowledged edits is left. */
        wsConfirmLeave: true,
        wsShowToasts: true,
        /** Stores unacknowledged edits in the browser, so that they outlive the page. */
        wsPersist: false
      };

      doDestroy() {
        sessionOf(this).destroy();
        super.doDestroy();
      }

      updateWsAddress(address, previous) {
        const session = sessionOf(this);

        this.detachListeners('websocket-listeners');

        if (previous && !sameServer(address, previous)) {
          session.changeProject();
        }

        if (address) {
          this.ion({
            name: 'websocket-listeners',
            revisionNotification: 'handleRevisionNotification',
            thisObj: this
          });
        }

        session.useManager(
          address ? new WebSocketManager({ address, userName: this.wsUserName, autoConnect: false }) : null
        );
      }

      updateWsProjectId(value, previous) {
        const session = sessionOf(this);

        if (previous !== null && previous !== undefined) {
          session.changeProject();
        }

        if (value !== null && value !== undefined && this.wsAutoLoad && session.manager) {
          this.wsLoad();
        }
      }

      get websocketManager() {
        return sessionOf(this).manager;
      }

      /** `idle`, `connecting`, `online` or `offline`. */
      get wsState() {
        return sessionOf(this).state;
      }

      /** The last revision that the page received; null before the first dataset. */
      get wsRevision() {
        return sessionOf(this).revision;
      }

      /** Revisions that the server has not acknowledged, including those held back. */
      get wsPendingCount() {
        return sessionOf(this).unanswered;
      }

      get wsReadOnly() {
        return sessionOf(this).readOnly;
      }

      wsSend(command, data = {}, silent = false) {
        return sessionOf(this).send(command, data, silent);
      }

      wsOpen() {
        return sessionOf(this).open();
      }

      wsClose() {
        sessionOf(this).close();
      }

      wsLoad() {
        return sessionOf(this).load();
      }

      wsReset() {
        return this.wsSend('reset', { project: this.wsProjectId });
      }

      /** Discards unacknowledged edits. The page shows them until it reloads the project. */
      wsDiscardEdits() {
        sessionOf(this).discard();
      }

      handleRevisionNotification({ localRevisionId, conflictResolutionFor, clientId, changes }) {
        sessionOf(this).record({ localRevisionId, conflictResolutionFor, clientId, changes });
      }

      resumeAutoSync(...options) {
        super.resumeAutoSync(...options);

        if (!this.isAutoSyncSuspended) {
          sessionOf(this).resume();
        }
      }

      /** Text from the server or other users is never interpreted as markup. */
      wsToast(text) {
        if (this.wsShowToasts) {
          Toast?.show(StringHelper.encodeHtml(text));
        }
      }
    };
}
