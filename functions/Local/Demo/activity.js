import { colourOf, initialsOf } from './people.js';
import { count, element } from './text.js';

/** The number of entries kept; older ones do not matter on a page. */
const ENTRIES_MAX = 60;

/** The list of recent changes and their authors. */
export class Activity {
  #list;
  #entries = [];

  /** @param {HTMLElement} list */
  constructor(list) {
    this.#list = list;
    setInterval(() => this.#entries.forEach(entry => (entry.time.textContent = ago(entry.at))), 15_000);
  }

  /** @param {string} name @param {string} text */
  add(name, text) {
    const time = element('time', { text: 'now' });
    const node = element(
      'li',
      { 'data-testid': 'activity-entry' },
      element('span', { class: 'avatar small', text: initialsOf(name), '--avatar': colourOf(name) }),
      element('p', {}, element('strong', { text: name }), ` ${text}`, time)
    );

    this.#entries.push({ at: Date.now(), time, node });
    this.#list.prepend(node);

    while (this.#entries.length > ENTRIES_MAX) {
      this.#entries.shift().node.remove();
    }
  }
}

/**
 * Describes a change in words.
 * @param {ReturnType<import('./plan.js').Plan['changes']>} changes
 * @param {(store: string, id: string | number) => object | undefined} find
 * @returns {string | null} null when there is nothing worth describing
 */
export function describe(changes, find) {
  const name = id => `“${find('tasks', id)?.name ?? 'a task'}”`;
  const of = store => changes.filter(change => change.store === store);
  const tasks = of('tasks');
  const added = tasks.filter(({ before, after }) => !before && after);
  const removed = tasks.filter(({ before, after }) => before && !after);
  const changed = tasks.filter(({ before, after }) => before && after);
  const differs = field => changed.filter(({ before, after }) => before[field] !== after[field]);
  const some = (list, verb) =>
    list.length > 1 ? `${verb} ${count(list.length, 'task')}` : `${verb} “${(list[0].after ?? list[0].before).name}”`;

  if (added.length > 0) {
    return some(added, 'added');
  }

  if (removed.length > 0) {
    return some(removed, 'deleted');
  }

  if (differs('name').length > 0) {
    const [{ before, after }] = differs('name');

    return `renamed “${before.name}” to “${after.name}”`;
  }

  const [link] = of('dependencies');

  if (link) {
    const item = link.after ?? link.before;

    return `${link.before && link.after ? 'changed the link' : link.after ? 'linked' : 'unlinked'} ${name(item.from)} → ${name(item.to)}`;
  }

  const [assignment] = of('assignments');

  if (assignment) {
    const item = assignment.after ?? assignment.before;
    const who = find('resources', item.resource)?.name ?? 'a resource';

    return assignment.after ? `assigned ${who} to ${name(item.event)}` : `took ${who} off ${name(item.event)}`;
  }

  if (differs('parentId').length > 0) {
    return some(differs('parentId'), 'moved');
  }

  for (const [field, verb] of [['duration', 'resized'], ['startDate', 'rescheduled'], ['orderedParentIndex', 'reordered']]) {
    if (differs(field).length > 0) {
      return some(differs(field), verb);
    }
  }

  if (differs('percentDone').length > 0) {
    const [{ after }] = differs('percentDone');

    return `set “${after.name}” to ${Math.round(after.percentDone)} %`;
  }
  return changed.length > 0 ? some(changed, 'changed') : null;
}

function ago(at) {
  const minutes = Math.floor((Date.now() - at) / 60_000);

  return minutes < 1 ? 'now' : minutes < 60 ? `${minutes} min ago` : `${Math.floor(minutes / 60)} h ago`;
}
