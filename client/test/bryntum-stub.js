/**
 * A stub of the library members that the module uses. It reproduces behaviour, not implementation: configuration that runs
 * before a subclass has its fields, events, a project with revisions, containers with children.
 *
 * The project records what would break a real page in `faults`.
 */
export function createLibraryStub() {
  // Local revision numbers are per page, not per project.
  let localRevisions = 0;
  const toasts = [];

  class Base {
    constructor(...options) {
      this.construct(...options);
    }

    construct(config = {}) {
      const values = { ...this.constructor.defaults(), ...config };
      const waiting = new Set(Object.keys(values));
      const initialize = name => {
        if (waiting.delete(name) && values[name] !== undefined) {
          this[name] = values[name];
        }
      };

      for (const name of Object.keys(this.constructor.defaults())) {
        let current;

        Object.defineProperty(this, name, {
          configurable: true,
          get: () => {
            initialize(name);
            return current;
          },
          set: value => {
            waiting.delete(name);

            if (value !== current) {
              const previous = current;

              current = value;
              this[`update${name[0].toUpperCase()}${name.slice(1)}`]?.(value, previous);
            }
          }
        });
      }
      this.beforeConfiguration?.(values);
      Object.keys(values).forEach(initialize);
    }

    static defaults() {
      const parent = Object.getPrototypeOf(this);
      const inherited = parent.defaults?.() ?? {};

      return Object.hasOwn(this, 'configurable') ? { ...inherited, ...this.configurable } : inherited;
    }

    static initClass() {
      return this;
    }

    destroy() {
      if (!this.isDestroyed) {
        this.doDestroy();
        this.isDestroyed = true;
      }
    }

    doDestroy() {}
  }

  const Events = Target =>
    class extends Target {
      ion({ name, thisObj, ...listeners }) {
        const entries = Object.entries(listeners).map(([type, listener]) => ({ type, listener, name, thisObj }));

        this.entries = [...(this.entries ?? []), ...entries];
        return () => (this.entries = this.entries.filter(entry => !entries.includes(entry)));
      }

      on(listeners) {
        return this.ion(listeners);
      }

      detachListeners(name) {
        this.entries = (this.entries ?? []).filter(entry => entry.name !== name);
      }

      trigger(type, event = {}) {
        for (const entry of [...(this.entries ?? [])]) {
          if (entry.type === type) {
            const call = typeof entry.listener === 'string' ? entry.thisObj[entry.listener] : entry.listener;

            call.call(entry.thisObj ?? this, { ...event, type, source: this });
          }
        }
      }
    };

  class ProjectModel extends Events(Base) {
    beforeConfiguration() {
      /** What would break a real page, or leave it out of sync. */
      this.faults = [];
      this.committed = new Map();
      /** Revisions of this page that the server has not acknowledged, oldest first. */
      this.uncommitted = [];
      this.known = new Set();
      this.suspensions = 0;
      this.applying = 0;
      /** An edit that the library has not recorded yet. @type {(() => void) | null} */
      this.recording = null;
      this.stm = {
        disable: () => (this.recording = null),
        enable: () => {},
        resetQueue: () => {},
        isRecording: false,
        stopTransaction: () => {
          const { recording } = this;

          this.stm.isRecording = false;
          this.recording = null;
          recording?.();
        }
      };
      /** Set by a test that needs a slow page. @type {(() => Promise<void>) | null} */
      this.slow = null;
    }

    get isAutoSyncSuspended() {
      return this.suspensions > 0;
    }

    suspendAutoSync() {
      this.suspensions++;
    }

    resumeAutoSync() {
      this.suspensions = Math.max(0, this.suspensions - 1);
    }

    async queue(step) {
      return step();
    }

    async commitAsync() {}

    async loadInlineData({ tasksData = [], broken }) {
      if (this.applying > 0) {
        this.faults.push('a dataset met a page that still applies revisions');
      }

      if (broken) {
        throw new Error('Id collision on 1');
      }
      await this.slow?.();
      this.committed = new Map(tasksData.map(task => [task.id, { ...task }]));
    }

    initRevisions(clientId, revisionId) {
      this.clientId = clientId;
      this.uncommitted = [];
      this.known = new Set([revisionId]);
    }

    /** An edit of the user. */
    edit(changes, extra = {}) {
      const revision = { localRevisionId: `local-${++localRevisions}`, clientId: this.clientId, changes, ...extra };

      this.uncommitted.push(revision);
      this.trigger('revisionNotification', revision);
      return revision.localRevisionId;
    }

    rename(id, name) {
      const updated = [{ id, name }];

      return this.edit({ tasks: { updated, $input: { updated } } });
    }

    /** An edit of the user that is still being recorded when something else happens. */
    renameUnrecorded(id, name) {
      this.stm.isRecording = true;
      this.recording = () => this.rename(id, name);
    }

    async applyRevisions(revisions) {
      this.applying++;

      try {
        for (const revision of revisions) {
          await this.slow?.();
          this.applyRevision(revision);
        }
      } finally {
        this.applying--;
      }
    }

    applyRevision({ revisionId, localRevisionId, clientId, changes }) {
      if (this.known.has(revisionId)) {
        return;
      }

      this.known.add(revisionId);

      if (clientId === this.clientId) {
        const index = this.uncommitted.findIndex(own => own.localRevisionId === localRevisionId);

        if (index < 0) {
          this.faults.push(`own revision ${localRevisionId} is unknown`);
        } else if (index > 0) {
          this.faults.push(`own revision ${localRevisionId} is preceded by an uncommitted one`);
        }
        this.uncommitted.splice(Math.max(index, 0), index < 0 ? 0 : 1);
      }
      applyTo(this.committed, changes);
    }

    /** The state that the user sees: the committed state with the page's own edits on top. */
    get tasks() {
      const tasks = new Map([...this.committed].map(([id, task]) => [id, { ...task }]));

      this.uncommitted.forEach(({ changes }) => applyTo(tasks, changes));
      return tasks;
    }

    name(id) {
      return this.tasks.get(id)?.name;
    }
  }

  class Container extends Events(Base) {
    static configurable = { items: null };

    beforeConfiguration({ items }) {
      this.children = [];
      this.widgetMap = Object.fromEntries(Object.entries(items ?? {}).map(([name, item]) => [name, { ...item }]));
    }

    add(item) {
      this.children.push(item);
    }

    removeAll() {
      this.children = [];
    }
  }

  return {
    Base,
    Events,
    ProjectModel,
    Container,
    Toast: { show: html => toasts.push(html) },
    StringHelper: { encodeHtml: text => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;') },
    DataGenerator: { generateName: () => 'Hugo Beispiel', namesWithAvatars: ['Hugo'] },
    toasts
  };
}

function applyTo(tasks, changes) {
  const { added = [], updated = [], removed = [] } = changes.tasks?.$input ?? {};

  added.forEach(task => tasks.set(task.id ?? task.$PhantomId, { ...task }));
  updated.forEach(task => tasks.has(task.id) && Object.assign(tasks.get(task.id), task));
  removed.forEach(({ id }) => tasks.delete(id));
}
