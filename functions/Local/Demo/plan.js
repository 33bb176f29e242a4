import { DAYS_MAX, dateOf, idOf, numberOf, parseDate, textOf } from './values.js';

/** How the records of a store are read; of other stores the page shows only their number. */
const READERS = { tasks: readTask, dependencies: readLink, assignments: readAssignment, resources: readResource, calendars: readCalendar };

/**
 * The records as this page reads them. The server passes on what clients write and checks no value. Here a value that
 * is not a text, number or date where one belongs counts as missing, and all code behind this class can rely on that.
 * Links name existing tasks and resources, whatever the names and types of their fields.
 */
export class Plan {
  #store;
  /**
   * Records never change, so each is read once. Links are not cached, because the records that they name come and go.
   */
  #read = new WeakMap();

  /** @param {import('serverless-sync-client/record-store.js').RecordStore} store */
  constructor(store) {
    this.#store = store;
  }

  /** @returns {{ name?: string, startDate?: string, calendar?: string | number }} */
  get project() {
    const { name, startDate, calendar } = this.#store.project;

    return { name: textOf(name), startDate: dateOf(startDate), calendar: idOf(calendar) };
  }

  get(store, id) {
    return this.read(store, this.#store.get(store, id));
  }

  all(store) {
    return this.#store.all(store).map(item => this.read(store, item));
  }

  tree() {
    return this.#store.tree().map(({ task, level }) => ({ task: this.read('tasks', task), level }));
  }

  /** A record as read by this page, even if it no longer exists. */
  read(store, item) {
    const reader = READERS[store];

    if (!item || !reader) {
      return item;
    }

    if (store === 'dependencies' || store === 'assignments') {
      return reader(item, this.#store);
    }

    if (!this.#read.has(item)) {
      this.#read.set(item, reader(item));
    }
    return this.#read.get(item);
  }

  /** The changes of an event, with their records as read by this page. */
  changes(changes) {
    return changes.map(({ store, id, before, after }) => ({
      store,
      id,
      before: this.read(store, before),
      after: this.read(store, after)
    }));
  }
}

function readTask({ id, parentId, name, startDate, endDate, duration, durationUnit, percentDone, orderedParentIndex, expanded }) {
  const start = dateOf(startDate);
  const end = dateOf(endDate);
  const isBackwards = start && end && parseDate(end) < parseDate(start);

  return {
    id,
    parentId: parentId ?? null,
    name: textOf(name, 'Unnamed'),
    startDate: start,
    endDate: isBackwards ? undefined : end,
    duration: numberOf(duration, 0, DAYS_MAX),
    durationUnit: textOf(durationUnit, 'day'),
    percentDone: numberOf(percentDone, 0, 100, 0),
    orderedParentIndex: numberOf(orderedParentIndex, -Infinity, Infinity),
    expanded: expanded !== false
  };
}

function readLink(link, store) {
  const [from, to] = store.endsOf('dependencies', link);
  const { id, type, lag, lagUnit, active } = link;

  return {
    id,
    from,
    to,
    type: [0, 1, 2, 3].includes(type) ? type : undefined,
    lag: numberOf(lag, -DAYS_MAX, DAYS_MAX, 0),
    lagUnit: textOf(lagUnit, 'day'),
    active: active !== false
  };
}

function readAssignment(assignment, store) {
  const [event, resource] = store.endsOf('assignments', assignment);

  return { id: assignment.id, event, resource };
}

function readResource({ id, name, role }) {
  return { id, name: textOf(name, '?'), role: textOf(role) };
}

function readCalendar({ id, intervals }) {
  const isRecord = value => value !== null && typeof value === 'object';

  return {
    id,
    intervals: (Array.isArray(intervals) ? intervals : []).filter(isRecord).map(interval => ({
      isWorking: interval.isWorking !== false,
      name: textOf(interval.name),
      startDate: dateOf(interval.startDate),
      endDate: dateOf(interval.endDate),
      recurrentStartDate: textOf(interval.recurrentStartDate),
      recurrentEndDate: textOf(interval.recurrentEndDate)
    }))
  };
}
