/**
 * Is what a store holds after a crash what it may hold: the state after the acknowledged operations, or after some of those that
 * were on their way?
 *
 * @param {Map} found
 * @param {{ model: (count: number) => Map, onTheirWay?: number }} store `onTheirWay`: operations at once, 1 unless it says so
 * @param {number} count acknowledged operations
 * @returns {string | undefined} a class and what is wrong
 */
export function judge(found, { model, onTheirWay = 1 }, count) {
  const allowed = Array.from({ length: onTheirWay + 1 }, (_, more) => model(count + more));
  if (allowed.some((content) => isSame(found, content))) return undefined;
  const earlier = Array.from({ length: count }, (_, operations) => model(operations));
  const known = [...earlier, ...allowed];
  const problems = [
    ...[...found.keys()].map((key) => unwanted(key, earlier, allowed)),
    ...[...found].map(([key, value]) => wrongValue(key, value, known)),
    ...[...found].map(([key, value]) => outdated(key, value, allowed)),
    ...[...model(count).keys()].map((key) => missing(key, found, allowed)),
  ];
  return problems.find(Boolean) ?? `reordered: holds ${[...found.keys()].join(', ')} after ${count} acknowledged`;
}

const isSame = (a, b) => a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);

/** A value that nobody wrote. */
function wrongValue(key, value, known) {
  const written = [...new Set(known.map((content) => content.get(key)).filter((each) => each !== undefined))];
  if (written.length === 0 || written.includes(value)) return undefined;
  const isTorn = [...value].every((byte, i) => byte === '\0' || written.some((each) => each[i] === byte));
  const zeros = value.length - value.replaceAll('\0', '').length;
  return `${isTorn ? 'torn' : 'corrupt'}: ${key} is no value that was written (${value.length} bytes, ${zeros} of them zero)`;
}

function unwanted(key, earlier, allowed) {
  if (allowed.some((content) => content.has(key))) return undefined;
  if (earlier.some((content) => content.has(key))) return `ghost: ${key} is back`;
  return `phantom: ${key} was never written`;
}

function outdated(key, value, allowed) {
  return allowed.some((content) => content.get(key) === value) ? undefined : `lost: ${key} has an older value`;
}

function missing(key, found, allowed) {
  return found.has(key) || allowed.some((content) => !content.has(key)) ? undefined : `lost: ${key} is gone`;
}
