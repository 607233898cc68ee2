/** Reads the id of a crash state, with nothing shared with the planner. */

/** What an id says. */
export interface StatedState {
  /** -1: nothing of the log. */
  readonly point: number;
  readonly lie: number | undefined;
  readonly kept: ReadonlySet<number>;
  /** By entry, the parts that are there; none: all of it. */
  readonly survivors: ReadonlyMap<number, readonly (readonly [number, number])[]>;
}

const SHAPE = /^(?:base|p(\d+))(?:~(\d+))?(?:=([\d,-]+))?(?:\+([\d,.-]+))?$/;

/** @returns why it is none, or what it says. @param limit how many entries there are; what is beyond is refused */
export function readState(text: string, limit: number): StatedState | string {
  const [, point, lie, kept, survivors] = SHAPE.exec(text) ?? [];
  if (!SHAPE.test(text)) return 'it is no state id';
  const keptEntries = new Set<number>();
  const parts = new Map<number, [number, number][]>();
  for (const word of kept?.split(',') ?? []) {
    const span = readSpan(word, limit);
    if (!span) return `"${word}" names no entries of the log`;
    for (let entry = span[0]; entry <= span[1]; entry++) keptEntries.add(entry);
  }
  for (const word of survivors?.split(',') ?? []) {
    const [entries = '', ...spans] = word.split('.');
    const span = readSpan(entries, limit);
    const sectors = spans.map((each) => readSpan(each, Number.MAX_SAFE_INTEGER));
    if (!span || sectors.includes(undefined)) return `"${word}" names no writes of the log`;
    for (let entry = span[0]; entry <= span[1]; entry++) {
      if (parts.has(entry)) return `it names entry ${entry} twice`;
      parts.set(entry, sectors as [number, number][]);
    }
  }
  const numbers = [point, lie].filter((number) => number !== undefined).map(Number);
  if (numbers.some((number) => number >= limit)) return 'it names an entry that the log does not have';
  return {
    point: point === undefined ? -1 : Number(point),
    lie: lie === undefined ? undefined : Number(lie),
    kept: keptEntries,
    survivors: parts,
  };
}

function readSpan(text: string, limit: number): [number, number] | undefined {
  if (!/^\d+(-\d+)?$/.test(text)) return undefined;
  const [first, last = first] = text.split('-').map(Number);
  return first! <= last! && last! < limit ? [first!, last!] : undefined;
}
