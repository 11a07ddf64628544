// How figures and times read for people.

const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/**
 * Seconds of a protobuf duration in JSON, e.g. "1.5s"; 0 where there is none.
 *
 * @param {string | undefined} duration
 */
export const seconds = (duration) => Number.parseFloat(duration ?? "0") || 0;

/**
 * 95.4 is "1:35".
 *
 * @param {number} total seconds
 */
export function clock(total) {
  const whole = Math.max(0, Math.floor(total));
  /** @param {number} value */
  const two = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/**
 * 12900000 is "12.3 MiB".
 *
 * @param {number | string} bytes
 */
export function size(bytes) {
  let rest = Number(bytes) || 0;
  if (rest < 1024) return `${rest} B`;
  for (const unit of ["KiB", "MiB", "GiB"]) {
    rest /= 1024;
    if (rest < 1024) return `${rest.toFixed(1)} ${unit}`;
  }
  return `${(rest / 1024).toFixed(1)} TiB`;
}

/**
 * A point in time, in the reader's zone and language.
 *
 * @param {string} timestamp
 */
export const date = (timestamp) => when.format(new Date(timestamp));

/**
 * The first letter large: "recovered" is "Recovered".
 *
 * @param {string} word
 */
export const sentence = (word) => word.charAt(0).toUpperCase() + word.slice(1);
