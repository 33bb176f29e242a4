import { nearestDay, startOfDay } from './dates.js';
import { DependencyType } from './planning.js';
import { colourOf, initialsOf } from './people.js';
import { escapeHtml } from './text.js';
import { parseDate } from './values.js';

/** How long a bar is highlighted after another user changed it. */
const FLASH_MS = 2_400;
/** The average width in pixels of a character in a bar's name. */
const CHARACTER_WIDTH = 6.6;
/** The colours of the plan's branches, defined in the style sheet. */
const BRANCHES = 6;

/** The chart numbers dependency types differently from the wire. */
const CHART_TYPE = {
  [DependencyType.finishToStart]: '0',
  [DependencyType.startToStart]: '1',
  [DependencyType.finishToFinish]: '2',
  [DependencyType.startToFinish]: '3'
};
const WIRE_TYPE = Object.fromEntries(Object.entries(CHART_TYPE).map(([wire, chart]) => [chart, Number(wire)]));

const ZOOMS = {
  days: {
    min_column_width: 34,
    scales: [
      { unit: 'month', step: 1, format: '%F %Y' },
      { unit: 'day', step: 1, format: '%j' }
    ]
  },
  weeks: {
    min_column_width: 76,
    scales: [
      { unit: 'month', step: 1, format: '%F %Y' },
      { unit: 'week', step: 1, format: date => `${date.getDate()} ${date.toLocaleString('en', { month: 'short' })}` }
    ]
  },
  months: {
    min_column_width: 110,
    scales: [
      { unit: 'year', step: 1, format: '%Y' },
      { unit: 'month', step: 1, format: '%F' }
    ]
  }
};

/**
 * The chart: shows the records and reports gestures. It holds no state of its own: the meaning of a gesture is decided
 * elsewhere, and its result arrives here as a change of records, like the changes of other users.
 */
export class Chart {
  #gantt;
  #container;
  #store;
  #planner;
  #on;
  #flashes = new Map();
  #pointerDown = false;
  #stale = null;
  #frame = 0;
  #moved = null;
  /** Permanent ids of records that were drawn under a phantom id, until the next drawing. */
  #renames = new Map();
  #calendar;
  #people = new Map();

  /**
   * @param {any} gantt the chart library
   * @param {HTMLElement} container
   * @param {{ store: import('./plan.js').Plan, planner: import('./planning.js').Planner }} model
   * @param {Record<string, Function>} on move, resize, progress, place, link, unlink, open, add, select
   */
  constructor(gantt, container, { store, planner }, on) {
    this.#gantt = gantt;
    this.#container = container;
    this.#store = store;
    this.#planner = planner;
    this.#calendar = planner.calendar;
    this.#on = on;
    this.#configure();
    this.#listen();
    gantt.init(container);
  }

  /** The selected task's id with its type, or null. */
  get selected() {
    const id = this.#gantt.getSelectedId();

    return id !== null && this.#gantt.isTaskExists(id) ? this.#gantt.getTask(id).id : null;
  }

  select(id) {
    if (this.#gantt.isTaskExists(id)) {
      this.#gantt.selectTask(id);
      this.#gantt.showTask(id);
    }
  }

  /** Redraws everything. @param {boolean} [first] whether to scroll to the start */
  load(first = false) {
    this.#refresh('all');

    if (first) {
      this.#gantt.scrollTo(0, 0);
    }
  }

  /** Shows a change of records in the next frame. */
  apply({ changes, renamed }) {
    const structure =
      renamed.length > 0 ||
      changes.some(
        ({ store, before, after }) =>
          store === 'calendars' ||
          ((store === 'tasks' || store === 'dependencies') &&
            (!before ||
              !after ||
              before.parentId !== after.parentId ||
              before.orderedParentIndex !== after.orderedParentIndex ||
              store === 'dependencies'))
      );

    for (const { store, from, to } of renamed) {
      if (store === 'tasks' && this.#flashes.has(from)) {
        this.#flashes.set(to, this.#flashes.get(from));
      }
    }

    this.#refresh(structure ? 'all' : 'tasks', renamed);
  }

  /** Highlights bars that another user changed. */
  flash(ids, name) {
    const until = performance.now() + FLASH_MS;

    ids.forEach(id => this.#flashes.set(String(id), { name, until }));
    this.#refresh('tasks');
    setTimeout(() => {
      const now = performance.now();

      this.#flashes.forEach((flash, id) => flash.until <= now && this.#flashes.delete(id));
      this.#refresh('tasks');
    }, FLASH_MS + 50);
  }

  setZoom(name) {
    Object.assign(this.#gantt.config, ZOOMS[name]);
    this.#gantt.render();
  }

  expandAll(open) {
    this.#gantt.batchUpdate(() => this.#gantt.eachTask(task => (open ? this.#gantt.open(task.id) : this.#gantt.close(task.id))));
  }

  #configure() {
    const gantt = this.#gantt;

    Object.assign(gantt.config, {
      date_format: '%Y-%m-%d %H:%i',
      row_height: 34,
      bar_height: 20,
      scale_height: 52,
      grid_width: 470,
      fit_tasks: true,
      open_tree_initially: true,
      order_branch: 'marker',
      order_branch_free: true,
      drag_project: false,
      drag_links: true,
      round_dnd_dates: false,
      details_on_dblclick: false,
      details_on_create: false,
      show_errors: false,
      show_empty_state: false,
      smart_rendering: true,
      work_time: false,
      ...ZOOMS.weeks
    });

    gantt.config.columns = [
      { name: 'text', label: 'Task', tree: true, width: '*', min_width: 200, resize: true },
      { name: 'people', label: 'People', width: 84, template: task => this.#avatars(task.id) },
      { name: 'start', label: 'Start', width: 68, template: task => (task.hasStart ? escapeHtml(shortDate(task.start_date)) : '–') },
      { name: 'days', label: 'Days', width: 46, align: 'right', template: task => String(task.days || '–') },
      { name: 'plus', label: '', width: 34, align: 'center', template: task => addButton(task) }
    ];

    gantt.templates.task_class = (_start, _end, task) => this.#classes(task);
    gantt.templates.grid_row_class = (_start, _end, task) => this.#classes(task);
    gantt.templates.task_text = (_start, _end, task) => (this.#fits(task) ? task.text : '');
    gantt.templates.rightside_text = (_start, _end, task) => this.#beside(task);
    gantt.templates.grid_folder = () => '';
    gantt.templates.grid_file = () => '';
    gantt.templates.grid_blank = () => '<div class="gantt_tree_icon gantt_blank"></div>';
    gantt.templates.timeline_cell_class = (_task, date) =>
      gantt.getScale().unit === 'day' && !this.#calendar.isWorking(date) ? 'day-off' : '';
    gantt.templates.scale_cell_class = date =>
      gantt.getScale()?.unit === 'day' && !this.#calendar.isWorking(date) ? 'day-off' : '';
  }

  #listen() {
    const gantt = this.#gantt;
    const typed = id => gantt.getTask(id).id;

    gantt.attachEvent('onAfterTaskDrag', (id, mode) => {
      const task = gantt.getTask(id);

      // The chart has changed its own task; the records decide what is shown in the end.
      this.#stale ??= 'tasks';

      if (mode === gantt.config.drag_mode.progress) {
        this.#on.progress(task.id, task.progress * 100);
      } else if (mode === gantt.config.drag_mode.resize) {
        const before = this.#store.get('tasks', task.id);
        const keep = task.start_date.getTime() === parseDate(before.startDate).getTime() ? 'start' : 'end';

        this.#on.resize(task.id, nearestDay(task.start_date), nearestDay(task.end_date), keep);
      } else {
        this.#on.move(task.id, nearestDay(task.start_date));
      }
    });

    gantt.attachEvent('onAfterTaskMove', id => {
      this.#moved = id;
    });
    gantt.attachEvent('onRowDragEnd', () => {
      if (this.#moved !== null && gantt.isTaskExists(this.#moved)) {
        const task = gantt.getTask(this.#moved);
        const parent = gantt.isTaskExists(task.parent) ? typed(task.parent) : null;

        this.#stale = 'all';
        this.#on.place(task.id, parent, gantt.getChildren(parent ?? gantt.config.root_id).map(typed));
      }
      this.#moved = null;
    });

    // The records create the link, under its permanent id; the chart's own link is never created.
    gantt.attachEvent('onBeforeLinkAdd', (_id, link) => {
      setTimeout(() => this.#on.link(typed(link.source), typed(link.target), WIRE_TYPE[link.type]));
      return false;
    });
    gantt.attachEvent('onLinkClick', id => {
      this.#on.unlink(gantt.getLink(id).id);
      return false;
    });
    gantt.attachEvent('onTaskDblClick', id => {
      if (id !== null && gantt.isTaskExists(id)) {
        this.#on.open(typed(id));
      }
      return false;
    });
    gantt.attachEvent('onTaskClick', (id, event) => {
      if (event.target.closest?.('[data-add]')) {
        this.#on.add(typed(id));
        return false;
      }
      return true;
    });
    gantt.attachEvent('onBeforeLightbox', () => false);
    gantt.attachEvent('onTaskCreated', () => false);

    // One selection raises both events, in an order that the library does not define.
    for (const event of ['onTaskSelected', 'onTaskUnselected']) {
      gantt.attachEvent(event, () => setTimeout(() => this.#on.select(this.selected)));
    }

    // A redraw during a drag would take the bar away from the pointer, so it waits until the button is released.
    this.#container.addEventListener('pointerdown', () => (this.#pointerDown = true), true);

    for (const type of ['pointerup', 'pointercancel', 'blur']) {
      window.addEventListener(
        type,
        () =>
          setTimeout(() => {
            this.#pointerDown = false;

            if (this.#stale) {
              this.#refresh(this.#stale);
            }
          }),
        true
      );
    }
  }

  #refresh(what, renamed = []) {
    this.#stale = this.#stale === 'all' || what === 'all' ? 'all' : 'tasks';
    this.#people.clear();

    // A new record must keep its selection when it receives its permanent id, so this update cannot be batched.
    for (const { from, to } of renamed) {
      this.#renames.set(String(from), to);
    }

    if (!this.#pointerDown && this.#frame === 0) {
      // A hidden page gets no frames but has to be up to date when it is shown.
      this.#frame = document.hidden ? setTimeout(() => this.#draw()) : requestAnimationFrame(() => this.#draw());
    }
  }

  #draw() {
    const what = this.#stale;

    this.#frame = 0;

    if (this.#pointerDown || what === null) {
      return;
    }

    this.#stale = null;
    this.#calendar = this.#planner.calendar;

    if (what === 'all') {
      this.#parse();
    } else {
      this.#gantt.silent(() => {
        for (const task of this.#tasks()) {
          if (this.#gantt.isTaskExists(task.id)) {
            const { open: _, ...fields } = task;

            Object.assign(this.#gantt.getTask(task.id), fields);
          }
        }
      });
      this.#gantt.render();
    }
  }

  #parse() {
    const gantt = this.#gantt;
    const { x, y } = gantt.getScrollState();
    const selected = gantt.getSelectedId();
    const open = new Map();

    gantt.eachTask(task => open.set(String(this.#renames.get(String(task.id)) ?? task.id), task.$open));

    const tasks = this.#tasks().map(task => ({ ...task, open: open.get(String(task.id)) ?? task.open }));
    const known = new Set(tasks.map(task => task.id));
    const links = this.#store
      .all('dependencies')
      .filter(link => known.has(link.from) && known.has(link.to))
      .map(link => ({
        id: link.id,
        source: link.from,
        target: link.to,
        type: CHART_TYPE[link.type ?? DependencyType.finishToStart]
      }));

    gantt.silent(() => {
      gantt.clearAll();
      gantt.parse({ tasks, links });

      const select = selected === null ? null : (this.#renames.get(String(selected)) ?? selected);

      if (select !== null && gantt.isTaskExists(select)) {
        gantt.selectTask(select);
      }
    });
    this.#renames.clear();
    gantt.render();
    gantt.scrollTo(x, y);
    this.#on.select(this.selected);
  }

  /** The records in the chart's format. */
  #tasks() {
    const rows = this.#store.tree();
    const parents = new Set(rows.map(({ task }) => task.parentId));
    let branch = -1;

    return rows.map(({ task, level }) => {
      const isParent = parents.has(task.id);
      const start = task.startDate ? parseDate(task.startDate) : startOfDay(new Date());
      const days = this.#planner.daysOf(task);
      const end = task.endDate ? parseDate(task.endDate) : this.#calendar.add(start, days);
      const hasStart = task.startDate !== undefined;

      branch += level === 0 ? 1 : 0;
      return {
        id: task.id,
        // The library treats names as HTML in bars, cells and labels.
        text: escapeHtml(task.name),
        parent: task.parentId ?? this.#gantt.config.root_id,
        hasStart,
        start_date: start,
        end_date: end > start ? end : start,
        progress: task.percentDone / 100,
        type: isParent ? 'project' : days === 0 ? 'milestone' : 'task',
        bar_height: isParent ? 8 : undefined,
        open: task.expanded,
        days: Math.round(days * 10) / 10,
        branch: branch % BRANCHES,
        level
      };
    });
  }

  #classes(task) {
    const flash = this.#flashes.get(String(task.id));

    return [`branch-${task.branch}`, `level-${task.level}`, task.progress >= 1 ? 'is-done' : '', flash ? 'is-flashing' : ''].join(' ');
  }

  #fits(task) {
    if (task.type !== 'task') {
      return false;
    }

    const width = this.#gantt.posFromDate(task.end_date) - this.#gantt.posFromDate(task.start_date);

    return width > task.text.length * CHARACTER_WIDTH + 16;
  }

  #beside(task) {
    const flash = this.#flashes.get(String(task.id));
    const name = this.#fits(task) ? '' : `<span class="bar-name">${task.text}</span>`;
    const by = flash?.name
      ? `<span class="bar-by" style="background:${colourOf(flash.name)}">${escapeHtml(flash.name)}</span>`
      : '';

    return by + name;
  }

  #avatars(id) {
    if (this.#people.size === 0) {
      for (const assignment of this.#store.all('assignments')) {
        const resource = this.#store.get('resources', assignment.resource);
        const task = assignment.event;

        if (resource) {
          this.#people.set(task, [...(this.#people.get(task) ?? []), resource.name]);
        }
      }
    }

    const names = this.#people.get(id) ?? [];
    const shown = names.length > 3 ? names.slice(0, 2) : names;
    const more = names.length - shown.length;

    return (
      `<span class="cell-people" title="${escapeHtml(names.join(', '))}">` +
      shown.map(name => `<span class="avatar small" style="background:${colourOf(name)}">${escapeHtml(initialsOf(name))}</span>`).join('') +
      (more > 0 ? `<span class="avatar small more">+${more}</span>` : '') +
      '</span>'
    );
  }
}

function shortDate(date) {
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
}

function addButton(task) {
  return `<button type="button" class="row-add" data-add title="Add a task below" aria-label="Add a task to ${task.text}">+</button>`;
}
