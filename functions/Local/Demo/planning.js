import { ChangeSet, phantomId } from '/client-js/change-set.js';
import { WorkCalendar, formatDate } from './dates.js';
import { parseDate } from './values.js';

/** Dependency types as the wire numbers them. */
export const DependencyType = { startToStart: 0, startToFinish: 1, finishToStart: 2, finishToFinish: 3 };

/**
 * Turns gestures in the chart into change sets. It pushes successors that would otherwise start too early and rolls
 * spans and progress up to the parents, as a Gantt with an engine does. Those values are derived: they belong to the
 * results but not to the input, so that such a client computes its own.
 */
export class Planner {
  #store;

  /** @param {import('./plan.js').Plan} store */
  constructor(store) {
    this.#store = store;
  }

  get calendar() {
    const { calendar } = this.#store.project;

    return new WorkCalendar(this.#store.get('calendars', calendar) ?? this.#store.all('calendars')[0]);
  }

  /** The working days of a task, whatever unit another client used. */
  daysOf(task) {
    if (task.duration !== undefined && task.durationUnit.startsWith('d')) {
      return task.duration;
    }
    return task.startDate && task.endDate ? this.calendar.between(parseDate(task.startDate), parseDate(task.endDate)) : 0;
  }

  /** @returns {import('serverless-sync-client/record-store.js').Item[]} in tree order */
  childrenOf(id) {
    return this.#store
      .tree()
      .map(({ task }) => task)
      .filter(task => (task.parentId ?? null) === id);
  }

  isParent(id) {
    return this.#store.all('tasks').some(task => task.parentId === id);
  }

  resourcesOf(taskId) {
    return this.#store
      .all('assignments')
      .filter(assignment => assignment.event === taskId)
      .map(assignment => ({ assignment, resource: this.#store.get('resources', assignment.resource) }))
      .filter(({ resource }) => resource);
  }

  /** Moves a task to a new start; its working time stays the same. */
  move(id, start) {
    const days = this.daysOf(this.#store.get('tasks', id));

    return this.#plan(id, this.#span(start, days, true));
  }

  /** Sets a new end (`keep` is "start") or a new start (`keep` is "end") of a task. */
  resize(id, start, end, keep) {
    const calendar = this.calendar;
    const days = Math.max(1, calendar.between(start, end));
    const from = keep === 'start' ? start : calendar.next(start);

    return this.#plan(id, this.#span(from, days, keep === 'end'));
  }

  setProgress(id, percentDone) {
    return this.#plan(id, { percentDone: Math.max(0, Math.min(100, Math.round(percentDone))) });
  }

  /**
   * Applies the dialog's edit, which has only the fields that the user touched.
   * @param {{ name?: string, start?: Date, days?: number, percentDone?: number, resources?: (string | number)[] }} edit
   */
  edit(id, { name, start, days, percentDone, resources }) {
    const task = this.#store.get('tasks', id);
    const fields = {};

    if (name !== undefined) {
      fields.name = name;
    }

    if (percentDone !== undefined) {
      fields.percentDone = percentDone;
    }

    if (start !== undefined || days !== undefined) {
      Object.assign(fields, this.#span(start ?? parseDate(task.startDate), days ?? this.daysOf(task), start !== undefined));
    }

    const changeSet = this.#plan(id, fields);

    if (resources !== undefined) {
      this.#assign(changeSet, id, resources);
    }
    return changeSet;
  }

  /** Adds a task at the end of a parent, or right after a sibling. */
  add({ parentId = null, after = undefined, name }) {
    const siblings = this.childrenOf(parentId);
    const neighbour = after ?? siblings.at(-1) ?? this.#store.get('tasks', parentId);
    const index = after ? siblings.findIndex(({ id }) => id === after.id) + 1 : siblings.length;
    const start = this.calendar.next(parseDate(neighbour?.startDate ?? this.#store.project.startDate ?? formatDate(new Date())));
    const id = phantomId('TaskModel');
    const changeSet = new ChangeSet();
    const parent = String(parentId ?? '').startsWith('_generated') ? { $PhantomParentId: parentId } : {};

    changeSet.add(
      'tasks',
      {
        name,
        parentId,
        ...parent,
        parentIndex: index,
        orderedParentIndex: index,
        percentDone: 0,
        ...this.#span(start, 3, true)
      },
      id
    );
    siblings.slice(index).forEach((task, offset) => this.#place(changeSet, task, index + 1 + offset));
    this.#rollUp(changeSet, new Map([[id, { id, parentId, ...this.#span(start, 3, false), percentDone: 0 }]]), [parentId]);
    return { changeSet, id };
  }

  /** Removes tasks with everything below and everything linked to them. */
  remove(id) {
    const changeSet = new ChangeSet();
    const gone = new Set([id]);

    // Parents precede their children in the tree.
    for (const { task } of this.#store.tree()) {
      if (gone.has(task.parentId)) {
        gone.add(task.id);
      }
    }

    const parentId = this.#store.get('tasks', id).parentId ?? null;

    this.#store.all('dependencies').filter(link => gone.has(link.from) || gone.has(link.to))
      .forEach(link => changeSet.remove('dependencies', link.id));
    this.#store.all('assignments').filter(assignment => gone.has(assignment.event))
      .forEach(assignment => changeSet.remove('assignments', assignment.id));
    gone.forEach(task => changeSet.remove('tasks', task));
    this.childrenOf(parentId).filter(task => task.id !== id)
      .forEach((task, index) => this.#place(changeSet, task, index));
    this.#rollUp(changeSet, new Map([...gone].map(task => [task, null])), [parentId]);
    return changeSet;
  }

  /**
   * Moves a task below a parent, to an index among its new siblings.
   * @param {(string | number)[] | undefined} order ids of the new siblings, including the task
   */
  place(id, parentId, order) {
    const task = this.#store.get('tasks', id);
    const changeSet = new ChangeSet();
    const old = task.parentId ?? null;

    if (old !== parentId) {
      changeSet.update('tasks', id, { parentId });
      this.childrenOf(old).filter(sibling => sibling.id !== id)
        .forEach((sibling, index) => this.#place(changeSet, sibling, index));
    }

    order.forEach((sibling, index) => {
      if (sibling === id && (old !== parentId || task.orderedParentIndex !== index)) {
        changeSet.update('tasks', id, { parentIndex: index, orderedParentIndex: index });
      } else {
        this.#place(changeSet, this.#store.get('tasks', sibling), index);
      }
    });

    if (old !== parentId) {
      this.#rollUp(changeSet, new Map([[id, { ...task, parentId }]]), [old, parentId]);
    }
    return changeSet;
  }

  /** Why a task cannot move below a parent, or null. A link between a task and its own summary would be a cycle. */
  placeProblem(id, parentId) {
    const above = new Set();

    for (let task = this.#store.get('tasks', parentId); task && !above.has(task.id); ) {
      above.add(task.id);
      task = this.#store.get('tasks', task.parentId);
    }

    const moves = end => end === id || this.#isBelow(end, id);
    const linked = this.#store
      .all('dependencies')
      .some(link => (above.has(link.from) && moves(link.to)) || (above.has(link.to) && moves(link.from)));

    return linked ? 'A task cannot go below a task that it is linked to.' : null;
  }

  /** The task below which an indented task would move; undefined for the first sibling. */
  siblingAbove(id) {
    const siblings = this.childrenOf(this.#store.get('tasks', id).parentId ?? null);

    return siblings[siblings.findIndex(task => task.id === id) - 1];
  }

  indent(id) {
    const above = this.siblingAbove(id);

    return above ? this.place(id, above.id, [...this.childrenOf(above.id).map(task => task.id), id]) : new ChangeSet();
  }

  outdent(id) {
    const parent = this.#store.get('tasks', this.#store.get('tasks', id).parentId);

    if (!parent) {
      return new ChangeSet();
    }

    const order = this.childrenOf(parent.parentId ?? null).map(task => task.id);

    order.splice(order.indexOf(parent.id) + 1, 0, id);
    return this.place(id, parent.parentId ?? null, order);
  }

  /** Why a link is not possible, or null. */
  linkProblem(from, to) {
    if (from === to) {
      return 'A task cannot depend on itself.';
    }

    if (this.#isBelow(from, to) || this.#isBelow(to, from)) {
      return 'A task cannot depend on its own summary.';
    }

    if (this.#store.all('dependencies').some(link => link.from === from && link.to === to)) {
      return 'These tasks are linked already.';
    }
    return this.#leadsTo(to, from) ? 'This link would make a circle.' : null;
  }

  link(from, to, type) {
    const changeSet = new ChangeSet();
    const id = phantomId('DependencyModel');
    const link = { from, to, type, lag: 0, lagUnit: 'day' };

    changeSet.add('dependencies', link, id);
    this.#push(changeSet, new Map(), [to], [{ id, ...link }]);
    return changeSet;
  }

  unlink(id) {
    return new ChangeSet().remove('dependencies', id);
  }

  #plan(id, fields) {
    const task = this.#store.get('tasks', id);
    const changed = Object.fromEntries(Object.entries(fields).filter(([field, value]) => task[field] !== value));
    const changeSet = new ChangeSet();

    if (Object.keys(changed).length > 0) {
      changeSet.update('tasks', id, changed);
      this.#push(changeSet, new Map([[id, { ...task, ...changed }]]), [id]);
    }
    return changeSet;
  }

  /**
   * A span as fields. A start chosen by the user is also a constraint; without it, a scheduling client would pull the
   * task back to its predecessors.
   */
  #span(start, days, pinned) {
    const calendar = this.calendar;
    const from = calendar.next(start);

    return {
      startDate: formatDate(from),
      endDate: formatDate(calendar.add(from, days)),
      duration: days,
      durationUnit: 'day',
      ...(pinned ? { constraintType: 'startnoearlierthan', constraintDate: formatDate(from) } : {})
    };
  }

  /** Moves tasks that start too early, from the given ones on, and rolls up. */
  #push(changeSet, planned, first, newLinks = []) {
    const links = [...this.#store.all('dependencies'), ...newLinks].filter(link => link.active !== false);
    const taskNow = id => planned.get(id) ?? this.#store.get('tasks', id);
    const parents = new Set(this.#store.all('tasks').map(task => task.parentId));
    const queue = [...first];
    const visits = new Map();

    while (queue.length > 0) {
      const id = queue.shift();
      const task = taskNow(id);

      // Data of other clients may briefly contain a cycle; each task moves a bounded number of times.
      visits.set(id, (visits.get(id) ?? 0) + 1);

      if (!task?.startDate || visits.get(id) > 50) {
        continue;
      }

      const earliest = parents.has(id) ? null : this.#earliest(task, links, taskNow);

      if (earliest && earliest > parseDate(task.startDate)) {
        const { startDate, endDate } = this.#span(earliest, this.daysOf(task), false);

        changeSet.derive('tasks', id, { startDate, endDate });
        planned.set(id, { ...task, startDate, endDate });
      }
      queue.push(...links.filter(link => link.from === id).map(link => link.to));
    }

    this.#rollUp(changeSet, planned, [...new Set([...planned.keys()].map(id => taskNow(id)?.parentId ?? null))]);
  }

  #earliest(task, links, taskNow) {
    const calendar = this.calendar;
    const days = this.daysOf(task);
    let earliest = null;

    for (const link of links.filter(candidate => candidate.to === task.id)) {
      const before = taskNow(link.from);

      if (!before?.startDate || !before.endDate) {
        continue;
      }

      const type = link.type ?? DependencyType.finishToStart;
      const fromFinish = type === DependencyType.finishToStart || type === DependencyType.finishToFinish;
      const toFinish = type === DependencyType.startToFinish || type === DependencyType.finishToFinish;
      const lag = link.lagUnit?.startsWith('d') === false ? 0 : link.lag;
      const anchor = calendar.add(parseDate(fromFinish ? before.endDate : before.startDate), lag);
      const start = toFinish ? calendar.add(anchor, -days) : anchor;
      const possible = calendar.next(start);

      if (earliest === null || possible > earliest) {
        earliest = possible;
      }
    }
    return earliest;
  }

  /** Updates spans and progress of parents, from the given ones up to the root. */
  #rollUp(changeSet, planned, parentIds) {
    const calendar = this.calendar;
    const now = new Map(this.#store.all('tasks').map(task => [task.id, task]));

    planned.forEach((task, id) => (task === null ? now.delete(id) : now.set(id, task)));

    const children = id => [...now.values()].filter(task => task.parentId === id);
    const leaves = (id, depth = 0) =>
      children(id).flatMap(child => {
        const below = depth < 100 ? leaves(child.id, depth + 1) : [];

        return below.length > 0 ? below : [child];
      });

    for (const first of parentIds) {
      const seen = new Set();

      for (let id = first; id != null && now.has(id) && !seen.has(id); id = now.get(id).parentId) {
        const task = now.get(id);
        const spans = children(id).filter(child => child.startDate && child.endDate);

        seen.add(id);

        if (spans.length === 0) {
          continue;
        }

        const startDate = spans.map(child => child.startDate).reduce((a, b) => (parseDate(a) <= parseDate(b) ? a : b));
        const endDate = spans.map(child => child.endDate).reduce((a, b) => (parseDate(a) >= parseDate(b) ? a : b));
        const work = leaves(id).map(leaf => [this.daysOf(leaf), leaf.percentDone ?? 0]);
        const total = work.reduce((sum, [days]) => sum + days, 0);
        const derived = {
          startDate,
          endDate,
          duration: calendar.between(parseDate(startDate), parseDate(endDate)),
          percentDone: total > 0 ? work.reduce((sum, [days, done]) => sum + days * done, 0) / total : 0
        };
        const changed = Object.fromEntries(Object.entries(derived).filter(([field, value]) => task[field] !== value));

        if (Object.keys(changed).length > 0) {
          changeSet.derive('tasks', id, changed);
          now.set(id, { ...task, ...changed });
        }
      }
    }
  }

  #place(changeSet, task, index) {
    if (task.orderedParentIndex !== index) {
      changeSet.update('tasks', task.id, { orderedParentIndex: index });
    }
  }

  #assign(changeSet, taskId, resources) {
    const present = this.resourcesOf(taskId);

    present
      .filter(({ resource }) => !resources.includes(resource.id))
      .forEach(({ assignment }) => changeSet.remove('assignments', assignment.id));
    resources
      .filter(id => !present.some(({ resource }) => resource.id === id))
      .forEach(resource =>
        changeSet.add('assignments', { event: taskId, resource, units: 100 }, phantomId('AssignmentModel'))
      );
  }

  #isBelow(id, ancestor) {
    const seen = new Set();

    for (let task = this.#store.get('tasks', id); task && !seen.has(task.id); ) {
      if (task.parentId === ancestor) {
        return true;
      }
      seen.add(task.id);
      task = this.#store.get('tasks', task.parentId);
    }
    return false;
  }

  #leadsTo(from, to) {
    const links = this.#store.all('dependencies');
    const seen = new Set();
    const queue = [from];

    while (queue.length > 0) {
      const id = queue.shift();

      if (id === to) {
        return true;
      }

      if (!seen.has(id)) {
        seen.add(id);
        queue.push(...links.filter(link => link.from === id).map(link => link.to));
      }
    }
    return false;
  }
}
