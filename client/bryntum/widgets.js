/**
 * The widgets of the specification, built on the page's own library.
 * @param {{ Container: any, Toast?: any, DataGenerator?: any, StringHelper: any }} library
 */
export function createWidgets({ Container, Toast, DataGenerator, StringHelper }) {
  const encode = text => StringHelper.encodeHtml(String(text));

  /** Tracks whether this page is logged in to a project. */
  const ProjectWebSocketSubscriberMixin = Target =>
    class ProjectWebSocketSubscriber extends Target {
      static $name = 'ProjectWebSocketSubscriber';

      static configurable = {
        loggedIn: false,
        project: null
      };

      updateProject(project) {
        this.detachListeners('projectListeners');

        project?.ion({
          name: 'projectListeners',
          wsMessage: 'handleWebSocketMessage',
          wsClose: 'handleWebSocketClose',
          thisObj: this
        });
      }

      handleWebSocketMessage({ data: { command, data, error } }) {
        if (command === 'login' && !this.loggedIn && error === undefined) {
          this.handleLogin(data ?? {});
        } else if (command === 'logout' && !data?.userName && this.loggedIn && error === undefined) {
          this.handleLogout();
        }
      }

      handleWebSocketClose() {}

      handleLogin({ userName } = {}) {
        this.loggedInAs = userName;
        this.loggedIn = true;
        this.trigger('login', { userName });
      }

      handleLogout() {
        this.loggedIn = false;
        this.trigger('logout');
      }
    };

  class LoginWidget extends ProjectWebSocketSubscriberMixin(Container) {
    static $name = 'LoginWidget';
    static type = 'loginwidget';

    static configurable = {
      /** The server's address, or a function that returns one for every connection; the user then need not enter it. */
      host: '',
      /** The project to open after the login. */
      projectId: 1,
      /** Shows a password field. */
      askPassword: false,
      layout: 'hbox',
      items: {
        loginLabel: { type: 'widget', hidden: true },
        userName: { type: 'textfield', label: 'Username', flex: 1, minWidth: '20em' },
        password: { type: 'textfield', label: 'Password', inputType: 'password', flex: 1, minWidth: '20em', hidden: true },
        serverAddress: { type: 'textfield', label: 'Server address', flex: 1, minWidth: '25em' },
        loginButton: { type: 'button', text: 'Login', onClick: 'up.login' },
        logoutButton: { type: 'button', text: 'Logout', hidden: true, onClick: 'up.logout' }
      }
    };

    updateHost(host) {
      const { serverAddress, userName } = this.widgetMap;

      serverAddress.value = typeof host === 'function' ? '' : host;
      userName.value = DataGenerator?.generateName?.() ?? userName.value;
      this.showFields();
    }

    updateAskPassword() {
      this.showFields();
    }

    updateLoggedIn(loggedIn) {
      this.widgetMap.loginLabel.html = loggedIn
        ? `Logged in as ${encode(this.loggedInAs ?? this.widgetMap.userName.value)}`
        : '';
      this.showFields();
    }

    showFields() {
      const { loginLabel, userName, password, serverAddress, loginButton, logoutButton } = this.widgetMap;
      const { loggedIn } = this;

      loginLabel.hidden = logoutButton.hidden = !loggedIn;
      userName.hidden = loginButton.hidden = loggedIn;
      password.hidden = loggedIn || !this.askPassword;
      serverAddress.hidden = loggedIn || typeof this.host === 'function';
    }

    async login() {
      const { project, projectId, host, widgetMap } = this;

      project.wsAddress = typeof host === 'function' ? host : widgetMap.serverAddress.value;

      await project.wsSend('login', {
        login: widgetMap.userName.value,
        password: this.askPassword ? (widgetMap.password.value ?? '') : ''
      });
      await project.wsSend('projects');
      project.wsProjectId = projectId;
    }

    /** Edits stored here would be sent in this user's name by the next page, so the user has to decide. */
    logout() {
      const { project } = this;

      if (project.wsPersist && project.wsPendingCount > 0) {
        if (!this.confirmLogout(project.wsPendingCount)) {
          return;
        }
        project.wsDiscardEdits();
      }
      project.wsSend('logout');
      project.wsProjectId = null;
    }

    /** @param {number} count the number of edits that a logout discards */
    confirmLogout(count) {
      return globalThis.confirm?.(`${count} of your edits have not been sent yet. Log out and discard them?`) ?? true;
    }
  }

  class UsersContainer extends ProjectWebSocketSubscriberMixin(Container) {
    static $name = 'UsersContainer';
    static type = 'userscontainer';

    static configurable = {
      layout: 'hbox',
      users: [],
      /**
       * The folder of `<first name in lower case>.png`, for names of which the library has pictures; else initials are
       * shown.
       */
      imageFolder: null
    };

    updateUsers(users, previous) {
      // The first list after a connection names users who were already present.
      if (this.listed) {
        const come = users.filter(user => !previous?.includes(user));
        const gone = (previous ?? []).filter(user => !users.includes(user));

        if (come.length > 0) {
          Toast?.show(`${encode(come.join(', '))} just connected`);
        }

        if (gone.length > 0) {
          Toast?.show(`${encode(gone.join(', '))} just disconnected`);
        }
      }
    }

    handleWebSocketMessage(message) {
      const { command, data, error } = message.data;

      super.handleWebSocketMessage(message);

      if (command === 'users' && error === undefined) {
        this.users = (data?.users ?? []).filter(user => typeof user === 'string' && user !== '');
        this.listed = true;
        this.removeAll();
        this.users.forEach(user => this.add(this.badgeOf(user)));
      }
    }

    handleWebSocketClose() {
      this.listed = false;
      this.users = [];
      this.removeAll();
    }

    badgeOf(user) {
      const [name] = user.split(' ');
      const hasPicture = this.imageFolder && DataGenerator?.namesWithAvatars?.includes(name);
      const picture = hasPicture
        ? `<img class="b-resource-avatar" alt="" src="${encode(`${this.imageFolder}${name.toLowerCase()}.png`)}">`
        : `<span class="b-resource-avatar b-resource-initials" aria-hidden="true">${encode(initialsOf(user))}</span>`;

      return {
        type: 'widget',
        cls: 'ws-online-user',
        html: `${picture}<label title="${encode(user)}">${encode(name)}</label>`
      };
    }
  }

  /** Controls when edits are sent: a switch, and a button that sends waiting edits and shows their number. */
  class AutoSyncControl extends Container {
    static $name = 'AutoSyncControl';
    static type = 'autosynccontrol';

    static configurable = {
      project: null,
      layout: 'hbox',
      items: {
        autoSync: { type: 'slidetoggle', text: 'Auto-sync', value: true, onChange: 'up.onToggle' },
        triggerSync: { type: 'button', text: 'Sync', hidden: true, onClick: 'up.sync' }
      }
    };

    updateProject(project) {
      this.detachListeners('projectListeners');

      project?.ion({
        name: 'projectListeners',
        revisionQueued: ({ length }) => (this.widgetMap.triggerSync.badge = length),
        revisionQueueClear: () => (this.widgetMap.triggerSync.badge = null),
        thisObj: this
      });
    }

    onToggle({ checked }) {
      const { project } = this;

      // The library counts suspensions, so never suspend twice.
      if (project && checked === project.isAutoSyncSuspended) {
        project[checked ? 'resumeAutoSync' : 'suspendAutoSync']();
      }
      this.widgetMap.triggerSync.hidden = checked;
    }

    sync() {
      this.project.resumeAutoSync();
      this.project.suspendAutoSync();
    }
  }

  const widgets = { LoginWidget, UsersContainer, AutoSyncControl };

  Object.values(widgets).forEach(widget => widget.initClass());

  return { ProjectWebSocketSubscriberMixin, ...widgets };
}

function initialsOf(user) {
  const words = user.split(' ').filter(Boolean);

  return [words[0], words.length > 1 ? words.at(-1) : undefined].map(word => [...(word ?? '')][0] ?? '').join('');
}
