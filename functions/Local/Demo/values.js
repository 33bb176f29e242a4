/** The most characters of a name that the page shows. */
const TEXT_MAX = 200;
/**
 * The most working days of one task or lag: ten years. Longer values are mistakes that would only cost time to count
 * and draw.
 */
export const DAYS_MAX = 2_600;
/** The years that the chart can draw in days; a date outside them counts as missing. */
const YEAR_MIN = 1970;
const YEAR_MAX = 2100;

/**
 * Reads a text. The server checks no value of a record, so anything may be in its place, such as an object that cannot
 * be converted to a string.
 * @param {unknown} value
 * @param {string | undefined} [otherwise]
 */
export function textOf(value, otherwise = undefined) {
  if (typeof value === 'string') {
    return value.slice(0, TEXT_MAX);
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : otherwise;
}

/**
 * A number within bounds. @param {unknown} value @param {number} min @param {number} max @param {number | undefined}
 * otherwise
 */
export function numberOf(value, min, max, otherwise = undefined) {
  return typeof value === 'number' && Number.isFinite(value) ? Math.max(min, Math.min(max, value)) : otherwise;
}

/** A date on the wire that the chart can show; undefined for anything else. @param {unknown} value */
export function dateOf(value) {
  if (typeof value !== 'string') {
    return undefined;
  }

  const year = parseDate(value).getFullYear();

  return year >= YEAR_MIN && year <= YEAR_MAX ? value : undefined;
}

/** The id of a record. @param {unknown} value */
export function idOf(value) {
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

/**
 * Reads a date from the wire: wall-clock time without an offset, or an instant with one. Returns an invalid date for
 * other values.
 * @param {unknown} text
 */
export function parseDate(text) {
  if (typeof text !== 'string') {
    return new Date(NaN);
  }

  const parts = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?)?$/.exec(text);

  if (!parts) {
    return new Date(text);
  }

  const [, year, month, day, hour = 0, minute = 0, second = 0] = parts.map(Number);

  // Number(undefined) is NaN, the result of a missing time of day.
  return new Date(year, month - 1, day, hour || 0, minute || 0, second || 0);
}
