import { DAYS_MAX, parseDate } from './values.js';

const DAY_MS = 86_400_000;
/** The most days off that a calendar lists individually. */
const DAYS_OFF_MAX = 1_000;
/**
 * The most days between two dates that are checked individually; whole weeks beyond them are skipped without checking
 * for days off.
 */
const COUNTED_DAYS = 4_000;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/**
 * Formats wall-clock time as on the wire.
 * @param {Date} date
 */
export function formatDate(date) {
  const two = value => String(value).padStart(2, '0');

  return (
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}` +
    `T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  );
}

/** Midnight of the day, `days` later. Counts calendar days, because a day can have 23 hours. */
export function startOfDay(date, days = 0) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days);
}

/** The nearest midnight: a dropped bar snaps to whole days. */
export function nearestDay(date) {
  return startOfDay(date, date.getHours() >= 12 ? 1 : 0);
}

/** The working days in the project's calendar; Monday to Friday when it has none. */
export class WorkCalendar {
  #daysOff = new Set([0, 6]);
  #datesOff = new Map();

  /** @param {ReturnType<import('./plan.js').Plan['get']>} calendar its intervals as read by `Plan` */
  constructor(calendar) {
    const intervals = (calendar?.intervals ?? []).filter(interval => interval.isWorking === false);
    const recurring = intervals.filter(interval => interval.recurrentStartDate);

    if (recurring.length > 0) {
      this.#daysOff = new Set(recurring.flatMap(recurringDays));
    }

    for (const { name, startDate, endDate } of intervals.filter(interval => interval.startDate && interval.endDate)) {
      const end = parseDate(endDate);

      for (let day = startOfDay(parseDate(startDate)); day < end && this.#datesOff.size < DAYS_OFF_MAX; day = startOfDay(day, 1)) {
        this.#datesOff.set(day.getTime(), name ?? 'Day off');
      }
    }

    // A calendar without a working day would make every search endless.
    if (this.#daysOff.size === 7) {
      this.#daysOff = new Set();
    }
  }

  /** @param {Date} date */
  isWorking(date) {
    return !this.#daysOff.has(date.getDay()) && !this.#datesOff.has(startOfDay(date).getTime());
  }

  get #daysPerWeek() {
    return 7 - this.#daysOff.size;
  }

  /**
   * The first working moment at or after a date. Terminates, because days off are listed individually and each week has
   * a working day. @param {Date} date
   */
  next(date) {
    let moment = date;

    while (!this.isWorking(moment)) {
      moment = startOfDay(moment, 1);
    }
    return moment;
  }

  /**
   * The end of a task, or its start when `days` is negative.
   * @param {Date} date
   * @param {number} days working days, possibly fractional
   */
  add(date, days) {
    const bounded = Math.max(-DAYS_MAX, Math.min(DAYS_MAX, days));
    const whole = Math.trunc(bounded);
    const rest = bounded - whole;
    let moment = days > 0 ? this.next(date) : date;

    for (let left = Math.abs(whole); left > 0; ) {
      const day = days > 0 ? moment : new Date(moment.getTime() - 1);

      moment = shift(moment, Math.sign(whole));
      left -= this.isWorking(day) ? 1 : 0;
    }
    return rest === 0 ? moment : new Date(this.next(moment).getTime() + rest * DAY_MS);
  }

  /** The working days between two moments. @param {Date} start @param {Date} end */
  between(start, end) {
    const weeks = Math.max(0, Math.floor(((end - start) / DAY_MS - COUNTED_DAYS) / 7));
    const first = startOfDay(start, 7 * weeks);
    let days = weeks * this.#daysPerWeek;

    for (let day = first; day < end; day = startOfDay(day, 1)) {
      if (this.isWorking(day)) {
        const from = Math.max(day.getTime(), weeks > 0 ? 0 : start.getTime());
        const to = Math.min(startOfDay(day, 1).getTime(), end.getTime());

        days += Math.min(1, (to - from) / DAY_MS);
      }
    }
    return Math.round(days * 100) / 100;
  }
}

/** The same time of day, some days later. */
function shift(date, days) {
  const shifted = new Date(date);

  shifted.setDate(shifted.getDate() + days);
  return shifted;
}

/** The days of a rule such as "on Sat at 0:00" to "on Mon at 0:00". Rules within a day do not make it a day off. */
function recurringDays({ recurrentStartDate, recurrentEndDate }) {
  const day = text => WEEKDAYS.findIndex(name => (text ?? '').includes(`on ${name}`));
  const first = day(recurrentStartDate);
  const last = day(recurrentEndDate);
  const days = [];

  if (first >= 0 && last >= 0) {
    for (let current = first; current !== last; current = (current + 1) % 7) {
      days.push(current);
    }
  }
  return days;
}
