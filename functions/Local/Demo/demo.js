import { SharedProject } from '/client-js/shared-project.js';
import { Activity, describe } from './activity.js';
import { confirmDialog, nameDialog, taskDialog } from './dialogs.js';
import { Plan } from './plan.js';
import { Planner } from './planning.js';
import { colourOf, initialsOf, randomName } from './people.js';
import { count, element } from './text.js';

const AVATARS_MAX = 6;
const TOAST_MS = 5_000;
const TOASTS_MAX = 4;

const STATE_TEXT = { idle: 'Starting', connecting: 'Connecting', online: 'Online', offline: 'Offline' };

const byId = id => document.getElementById(id);
const parameters = new URLSearchParams(location.search);

/** The server's settings, if it has any. */
async function readConfig() {
  try {
    const response = await fetch('/demo/config.json', { cache: 'no-store' });

    return response.ok ? await response.json() : {};
  } catch {
    return {};
  }
}

/** Project ids are numbers or strings, which the server distinguishes. */
function projectId(configured) {
  const text = parameters.get('project');

  if (text === null) {
    return configured ?? 1;
  }
  return /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}

async function userName() {
  const given = parameters.get('user')?.trim().slice(0, 60);
  const known = sessionStorage.getItem('user-name');
  const name = given || known || (await nameDialog(randomName()));

  sessionStorage.setItem('user-name', name);
  return name;
}

function toast(text, kind = 'info') {
  const toasts = byId('toasts');
  const node = element('div', { class: `toast ${kind}`, 'data-testid': 'toast', text });

  toasts.append(node);

  while (toasts.children.length > TOASTS_MAX) {
    toasts.firstElementChild.remove();
  }

  setTimeout(() => {
    node.classList.add('leaving');
    setTimeout(() => node.remove(), 300);
  }, TOAST_MS);
}

function curtain(text) {
  byId('curtain').hidden = text === null;
  byId('curtain-text').textContent = text ?? '';
}

/** @param {string[]} users one entry per page */
function showUsers(users, self) {
  const pages = new Map();

  users.forEach(user => pages.set(user, (pages.get(user) ?? 0) + 1));

  const names = [...pages.keys()].sort((a, b) => (a === self ? -1 : b === self ? 1 : a.localeCompare(b)));
  const avatars = names.slice(0, AVATARS_MAX).map(name =>
    element('span', {
      class: 'avatar',
      'data-testid': 'user',
      'data-user': name,
      'aria-label': name,
      title: `${name}${name === self ? ' (you)' : ''}${pages.get(name) > 1 ? `, ${pages.get(name)} pages` : ''}`,
      text: initialsOf(name),
      '--avatar': colourOf(name)
    })
  );

  if (names.length > AVATARS_MAX) {
    avatars.push(
      element('span', { class: 'avatar more', title: names.slice(AVATARS_MAX).join(', '), text: `+${names.length - AVATARS_MAX}` })
    );
  }
  byId('users').replaceChildren(...avatars);
}

async function loadChartLibrary() {
  try {
    return (await import('/vendor/dhtmlx-gantt/dhtmlxgantt.es.js')).gantt;
  } catch {
    curtain(
      'The chart library is not installed. Run "npm ci --ignore-scripts" in functions/Local/Demo, start the server again and reload this page.'
    );
    return null;
  }
}

/**
 * The author of a change. The wire names pages, so the user is known only if the server states it or no other user is
 * present.
 */
function authorOf(origin, users, self) {
  if (origin.userName) {
    return origin.userName;
  }

  const others = new Set(users.filter(user => user !== self));

  return others.size === 1 ? [...others][0] : null;
}

/** The part of a change that its author made, without derived values. */
function inputOf({ changes, origin }) {
  const touched = new Set();

  for (const [store, part] of Object.entries(origin.changes ?? {}).filter(([name]) => name !== 'project')) {
    for (const item of ['added', 'updated', 'removed'].flatMap(kind => part.$input?.[kind] ?? [])) {
      touched.add(`${store} ${item.id ?? item.$PhantomId}`);
    }
  }
  return changes.filter(({ store, id }) => touched.has(`${store} ${id}`));
}

async function start() {
  const gantt = await loadChartLibrary();

  if (!gantt) {
    return;
  }

  const { Chart } = await import('./chart.js');
  const config = await readConfig();
  const self = await userName();
  const secure = location.protocol === 'https:' ? 'wss' : 'ws';
  const project = new SharedProject({
    address: config.webSocketUrl ?? `${secure}://${location.host}/client/hubs/sync`,
    userName: self,
    project: projectId(config.project)
  });
  const { client, store } = project;
  const plan = new Plan(store);
  const planner = new Planner(plan);
  const activity = new Activity(byId('activity-list'));
  let loads = 0;
  let users = [];
  let projectName = null;

  const chart = new Chart(gantt, byId('chart'), { store: plan, planner }, {
    move: (id, date) => edit(planner.move(id, date)),
    resize: (id, from, to, keep) => edit(planner.resize(id, from, to, keep)),
    progress: (id, percent) => edit(planner.setProgress(id, percent)),
    place: (id, parent, order) => place(id, parent, () => planner.place(id, parent, order)),
    link: (from, to, type) => link(from, to, type),
    unlink: id => unlink(id),
    open: id => open(id),
    add: id => add({ parentId: id }),
    select: id => updateTools(id)
  });

  function edit(changeSet) {
    const taken = project.edit(changeSet);

    if (!taken) {
      // The chart may have moved something that the records did not.
      chart.load();
    }
    return taken;
  }

  function place(id, parentId, changeSet) {
    const problem = planner.placeProblem(id, parentId);

    if (problem) {
      toast(problem, 'warning');
      chart.load();
    } else {
      edit(changeSet());
    }
  }

  function link(from, to, type) {
    const problem = planner.linkProblem(from, to);

    if (problem) {
      toast(problem, 'warning');
    } else {
      edit(planner.link(from, to, type));
    }
  }

  async function unlink(id) {
    const item = plan.get('dependencies', id);
    const name = task => `“${plan.get('tasks', task)?.name ?? 'a task'}”`;
    const yes = await confirmDialog({
      title: 'Remove this link?',
      text: `${name(item.from)} → ${name(item.to)}`,
      action: 'Remove',
      danger: true,
      testId: 'unlink-dialog'
    });

    if (yes && plan.get('dependencies', id)) {
      edit(planner.unlink(id));
    }
  }

  async function open(id, isNew = false) {
    const task = plan.get('tasks', id);

    if (!task) {
      return;
    }

    let current = id;
    const stop = project.on('change', ({ renamed }) => {
      current = renamed.find(({ from }) => from === current)?.to ?? current;
    });
    const { action, edit: changes } = await taskDialog({
      task,
      days: planner.daysOf(task),
      isParent: planner.isParent(id),
      isNew,
      resources: plan.all('resources'),
      assigned: planner.resourcesOf(id).map(({ resource }) => resource.id)
    });

    stop();

    if (action !== 'cancel' && !plan.get('tasks', current)) {
      toast('Another user has deleted this task.', 'warning');
    } else if (action === 'save') {
      project.edit(planner.edit(current, changes));
    } else if (action === 'delete') {
      await remove(current);
    }
  }

  function add(where) {
    const { changeSet, id } = planner.add({ ...where, name: 'New task' });

    if (edit(changeSet)) {
      requestAnimationFrame(() => chart.select(id));
      open(id, true);
    }
  }

  async function remove(id) {
    const task = plan.get('tasks', id);
    const parent = planner.isParent(id);
    const yes = await confirmDialog({
      title: `Delete “${task.name}”?`,
      text: parent ? 'It and everything below it are deleted for all users.' : 'It is deleted for all users.',
      action: 'Delete',
      danger: true,
      testId: 'delete-dialog'
    });

    if (yes && plan.get('tasks', id)) {
      edit(planner.remove(id));
    }
  }

  const tools = {
    add: () => {
      const selected = plan.get('tasks', chart.selected);

      add(selected ? { parentId: selected.parentId ?? null, after: selected } : {});
    },
    edit: id => open(id),
    delete: id => remove(id),
    indent: id => place(id, planner.siblingAbove(id)?.id, () => planner.indent(id)),
    outdent: id => edit(planner.outdent(id)),
    expand: () => chart.expandAll(true),
    collapse: () => chart.expandAll(false)
  };

  function updateTools(id) {
    document.querySelectorAll('[data-tool]').forEach(button => {
      button.disabled = loads === 0 || (id === null && ['edit', 'delete', 'indent', 'outdent'].includes(button.dataset.tool));
    });
  }

  function showTitle() {
    const tasks = plan.all('tasks');
    const milestones = tasks.filter(task => planner.daysOf(task) === 0).length;
    const name = projectName ?? plan.project.name ?? `Project ${client.project}`;

    byId('project-name').textContent = name;
    document.title = `${name} · Serverless Sync`;
    byId('project-summary').textContent = [
      count(tasks.length - milestones, 'task'),
      count(milestones, 'milestone'),
      count(plan.all('resources').length, 'person').replace('persons', 'people')
    ].join(' · ');
  }

  project.on('state', ({ state, reason, retryInMs }) => {
    const pill = byId('state');

    pill.dataset.state = state;
    pill.title = state === 'offline' ? `${reason ?? 'Not connected'}. Click to connect now.` : `Signed in as ${self}`;
    byId('state-text').textContent = STATE_TEXT[state];
    byId('reset').disabled = state !== 'online';

    if (state === 'offline' && loads === 0) {
      curtain(retryInMs === undefined ? `Not connected: ${reason}` : 'The server cannot be reached. Trying again.');
    }
  });
  project.on('pending', ({ count: pending }) => {
    // An acknowledgement takes a moment; only edits that wait without a connection are worth mentioning.
    const note = byId('unsaved');

    note.hidden = pending === 0 || client.state === 'online';
    note.textContent = `${count(pending, 'change')} not sent yet`;
  });
  project.on('users', event => {
    ({ users } = event);
    showUsers(users, self);
  });
  project.on('join', ({ userName: name }) => toast(`${name} joined`));
  project.on('leave', ({ userName: name }) => toast(`${name} left`));
  project.on('projects', ({ projects }) => {
    projectName = projects.find(({ id }) => id === client.project)?.name ?? null;
    showTitle();
  });
  project.on('error', ({ message }) => toast(message, 'error'));
  project.on('reset', ({ userName: name }) => {
    toast(`${name === self ? 'You' : (name ?? 'The server')} reset the project`, 'warning');
    activity.add(name ?? 'Server', 'reset the project');
  });
  project.on('load', ({ dropped }) => {
    curtain(null);
    chart.load(loads++ === 0);
    showTitle();
    updateTools(chart.selected);
    byId('unsaved').hidden = true;

    if (dropped > 0) {
      toast(`${count(dropped, 'change')} of yours could not be kept`, 'warning');
    }
  });
  project.on('change', event => {
    const { origin } = event;

    chart.apply(event);
    showTitle();

    if (origin.own && !origin.local) {
      return;
    }

    const input = plan.changes(inputOf(event));
    const text = describe(input, (name, id) => plan.get(name, id));
    const author = origin.local ? self : authorOf(origin, users, self);

    if (text) {
      activity.add(author ?? 'Another user', text);
    }

    if (!origin.local) {
      const tasks = input.flatMap(({ store: name, after }) =>
        !after ? [] : name === 'tasks' ? [after.id] : name === 'assignments' ? [after.event] : []
      );

      chart.flash(tasks, author);
    }
  });

  document.querySelectorAll('[data-tool]').forEach(button =>
    button.addEventListener('click', () => tools[button.dataset.tool](chart.selected))
  );
  document.querySelectorAll('[data-zoom]').forEach(button =>
    button.addEventListener('click', () => {
      document.querySelectorAll('[data-zoom]').forEach(other => other.setAttribute('aria-pressed', String(other === button)));
      chart.setZoom(button.dataset.zoom);
    })
  );
  byId('chart').addEventListener('keydown', event => {
    if (event.key === 'Delete' && chart.selected !== null) {
      remove(chart.selected);
    } else if (event.key === 'Enter' && chart.selected !== null) {
      open(chart.selected);
    }
  });
  byId('state').addEventListener('click', () => client.state === 'offline' && client.connect());
  byId('activity-toggle').addEventListener('click', event => {
    const drawer = byId('activity');

    drawer.hidden = !drawer.hidden;
    event.currentTarget.setAttribute('aria-expanded', String(!drawer.hidden));
    chart.load();
  });
  byId('reset').addEventListener('click', async () => {
    const yes = await confirmDialog({
      title: 'Reset the project?',
      text: 'The project returns to the sample data for all users. All changes are lost.',
      action: 'Reset',
      danger: true,
      testId: 'reset-dialog'
    });

    if (yes) {
      client.reset();
    }
  });

  updateTools(null);
  client.connect();
}

await start();
