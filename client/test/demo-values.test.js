import assert from 'node:assert/strict';
import { register } from 'node:module';
import { describe, it } from 'node:test';
import { RecordStore } from '../record-store.js';

// The page finds the client below its own address.
const resolve = `export const resolve = (specifier, context, next) =>
  next(specifier.replace(/^\\/client-js\\//, ${JSON.stringify(new URL('../', import.meta.url).href)}), context);`;

register(`data:text/javascript,${encodeURIComponent(resolve)}`);

const demo = name => import(new URL(`../../functions/Local/Demo/${name}.js`, import.meta.url));
const { Plan } = await demo('plan');
const { Planner } = await demo('planning');
const { WorkCalendar } = await demo('dates');
const { DAYS_MAX, dateOf, parseDate, textOf } = await demo('values');
const { escapeHtml } = await demo('text');
const { describe: tell } = await demo('activity');
const { colourOf, initialsOf } = await demo('people');

/** Values that a client may have stored instead of a text, a number or a date. */
const ODD = [{ toString: 1 }, { valueOf: 1, toString: 1 }, [], [[]], {}, true, null, '', 'x'.repeat(100_000), 1e9, -1e9, 1e308, 'no date', '9999-12-31', '0001-01-01', '2027-02-31'];
const DAY_IN_MS = 1_000;

function planOf(dataset) {
  const store = new RecordStore();

  store.load(dataset);
  return new Plan(store);
}

describe('Unchecked values', () => {
  it('are read as texts of bounded length, or as missing', () => {
    assert.equal(textOf({ toString: 1 }, 'Unnamed'), 'Unnamed');
    assert.equal(textOf('x'.repeat(1_000)).length, 200);
    assert.equal(textOf(7), '7');
    assert.equal(escapeHtml({ toString: 1 }), '');
    assert.equal(escapeHtml('<b>'), '&lt;b&gt;');
  });

  it('are dates only when the chart can show them', () => {
    assert.equal(dateOf('2027-04-05T08:00:00'), '2027-04-05T08:00:00');

    for (const value of ['no date', '9999-12-31', '1969-12-31', 20270405, { toString: 1 }, null]) {
      assert.equal(dateOf(value), undefined, JSON.stringify(value));
    }
    assert.ok(Number.isNaN(parseDate({ toString: 1 }).getTime()));
  });

  it('are shown as missing, and break nothing', { timeout: 60 * DAY_IN_MS }, () => {
    for (const value of ODD) {
      const plan = planOf({
        tasksData: [
          { id: 1, name: value, startDate: value, endDate: value, duration: value, durationUnit: value, percentDone: value, children: [{ id: 3, orderedParentIndex: value, expanded: value }] },
          { id: 2, name: 'Fine', startDate: '2027-04-05', duration: value, durationUnit: 'day' }
        ],
        resourcesData: [{ id: 'r', name: value, role: value }],
        dependenciesData: [{ id: 'd', from: 1, to: 2, type: value, lag: value, lagUnit: value, active: value }, { id: 'e', from: value, to: { id: value } }],
        assignmentsData: [{ id: 'a', event: 1, resource: 'r' }, { id: 'b', event: value, resourceId: value }],
        calendarsData: [{ id: 'k', intervals: value }, { id: 'l', intervals: [value, { isWorking: false, name: value, startDate: value, endDate: value, recurrentStartDate: value, recurrentEndDate: value }] }],
        project: { name: value, startDate: value, calendar: value }
      });
      const planner = new Planner(plan);

      for (const { task } of plan.tree()) {
        const days = planner.daysOf(task);

        assert.equal(typeof task.name, 'string');
        assert.ok(days >= 0 && days <= DAYS_MAX, String(days));
        assert.ok(task.startDate === undefined || !Number.isNaN(parseDate(task.startDate).getTime()));
        planner.calendar.add(parseDate(task.startDate ?? '2027-04-05'), days);
        planner.setProgress(task.id, 50);
        planner.move(task.id, new Date(2027, 3, 12));
        planner.edit(task.id, { name: 'New', resources: ['r'] });
      }

      planner.add({ name: 'New task' });
      planner.place(3, null, [1, 2, 3]);
      planner.linkProblem(2, 3);
      planner.remove(1);
      plan.all('resources').forEach(({ name }) => [colourOf(name), initialsOf(name)]);
    }
  });

  it('are described as texts', () => {
    const plan = planOf({ tasksData: [{ id: 1 }], resourcesData: [{ id: 'r', name: { toString: 1 } }] });
    const before = { id: 1, name: { toString: 1 } };

    assert.equal(
      tell(plan.changes([{ store: 'tasks', id: 1, before, after: { id: 1, name: 'Now' } }]), (store, id) => plan.get(store, id)),
      'renamed “Unnamed” to “Now”'
    );
    assert.equal(
      tell(plan.changes([{ store: 'assignments', id: 'a', before: undefined, after: { id: 'a', event: { id: '1' }, resourceId: 'r' } }]), (store, id) => plan.get(store, id)),
      'assigned ? to “Unnamed”'
    );
  });

  it('do not prevent records from being kept', () => {
    const store = new RecordStore();

    for (const value of ODD) {
      store.load({ tasksData: [{ id: 1, parentIndex: value }, { id: 2, parentIndex: value }], calendarsData: [{ id: 'k', intervals: value }] });
      store.applyRevision({
        tasks: { updated: [{ id: 1, orderedParentIndex: value, name: value }], removed: [] },
        dependencies: { added: [{ id: 'd', from: value, to: value }] },
        calendars: { updated: [{ id: 'k', intervals: { added: value, removed: value, updated: value } }] }
      });
      assert.equal(store.tree().length, 2);
      store.applyRevision({ tasks: { removed: [{ id: 1 }] } });
      assert.equal(store.all('dependencies').length, 1);
    }
  });
});

describe('The calendar of the page', () => {
  const calendar = new WorkCalendar(undefined);
  const start = new Date(2027, 3, 5);

  it('counts working days individually in realistic plans', () => {
    assert.deepEqual(calendar.add(start, 5), new Date(2027, 3, 10));
    assert.deepEqual(calendar.add(start, -1), new Date(2027, 3, 2));
    assert.equal(calendar.between(start, new Date(2027, 3, 12)), 5);
    assert.equal(calendar.between(start, calendar.add(start, 1_500)), 1_500);
  });

  it('terminates for any number of days and any dates', { timeout: 20 * DAY_IN_MS }, () => {
    for (let round = 0; round < 300; round++) {
      calendar.add(start, 1e9);
      calendar.add(start, -1e9);
      calendar.between(new Date(1, 0, 1), new Date(9999, 0, 1));
      calendar.between(new Date(NaN), new Date(NaN));
    }
    assert.deepEqual(calendar.add(start, 1e9), calendar.add(start, DAYS_MAX));

    const closed = new WorkCalendar({
      intervals: [
        ...Array(3_000).fill({ isWorking: false, startDate: '1970-01-01', endDate: '2100-01-01' }),
        ...[...Array(7).keys()].map(day => ({ isWorking: false, recurrentStartDate: `on ${['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][day]}`, recurrentEndDate: 'on Sun' }))
      ]
    });

    assert.ok(closed.next(new Date(1970, 0, 1)) > new Date(1970, 0, 1));
  });
});
