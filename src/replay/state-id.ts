/**
 * A crash state as text: what reports print, and what anyone can paste behind `--state`. No character of it means anything
 * to a shell.
 *
 *     base                 the disk before the log's first entry
 *     p347                 log entries 0 to 347
 *     p347+349,351-353     and of the later ones these (whole)
 *     p347+349.0-2.5       of entry 349 only the sectors 0 to 2 and 5, counted from its first
 *     p347~340             the flushes from entry 340 on did nothing
 *     p347=120             entry 120, a discard, left what was there
 *     p347%123456.3        bit 3 (0 to 7) of the device's byte 123456 is flipped
 *
 * The parts stand in the order `~`, `=`, `+`, `%`. Equal states have equal text: lists ascend, neighbours are joined.
 */
import { UsageError } from '../errors.ts';
import { entryIndex, type EntryIndex } from '../units.ts';
import type { CrashState, FlippedBit, SectorSpan, Survivor } from './crash-state.ts';

const NUMBER = String.raw`(?:0|[1-9]\d{0,9})`;
/** Up to what a number holds exactly. */
const BYTE = String.raw`(?:0|[1-9]\d{0,14})`;
const RANGE = String.raw`${NUMBER}(?:-${NUMBER})?`;
const SURVIVOR = String.raw`(?:${NUMBER}(?:\.${RANGE})+|${RANGE})`;
const SHAPE = new RegExp(
  String.raw`^(?:base|p(?<point>${NUMBER}))(?:~(?<lying>${NUMBER}))?(?:=(?<kept>${RANGE}(?:,${RANGE})*))?(?:\+(?<survivors>${SURVIVOR}(?:,${SURVIVOR})*))?(?:%(?<flip>${BYTE}\.[0-7]))?$`,
);

/** More than any log in memory has; what a hostile text could make us list. */
const LIST_LIMIT = 1_000_000;

export function formatCrashState(state: CrashState): string {
  const point = state.crashPoint === undefined ? 'base' : `p${state.crashPoint}`;
  const lying = state.lyingFrom === undefined ? '' : `~${state.lyingFrom}`;
  const kept = state.keptDiscards === undefined ? '' : `=${formatRanges(state.keptDiscards)}`;
  const survivors = state.survivors === undefined ? '' : `+${formatSurvivors(state.survivors)}`;
  const flip = state.flip === undefined ? '' : `%${state.flip.byte}.${state.flip.bit}`;
  return point + lying + kept + survivors + flip;
}

/** Says nothing about whether a log has such a state. @throws UsageError when the text is no state id */
export function parseCrashState(text: string): CrashState {
  const parts = SHAPE.exec(text)?.groups;
  if (!parts) throw badState(text, 'expected "base" or "p<entry>", for example "p347", "p347+349,351" or "p347~340"');
  const { point, lying, kept, survivors, flip } = parts;
  const state: CrashState = {
    crashPoint: point === undefined ? undefined : entryIndex(Number(point)),
    ...(lying !== undefined && { lyingFrom: entryIndex(Number(lying)) }),
    ...(kept !== undefined && { keptDiscards: parseEntries(kept, text) }),
    ...(survivors !== undefined && { survivors: parseSurvivors(survivors, text) }),
    ...(flip !== undefined && { flip: parseFlip(flip) }),
  };
  const canonical = formatCrashState(state);
  if (canonical !== text) throw badState(text, `it is written "${canonical}"`);
  if (!isAscending(state)) throw badState(text, 'its entries and sectors must ascend');
  return state;
}

function isAscending({ keptDiscards = [], survivors = [] }: CrashState): boolean {
  const entries = survivors.map(({ entry }) => entry);
  const spans = survivors.map(({ sectors = [] }) => sectors.flatMap(({ first, last }) => [first, last + 1]));
  return [keptDiscards, entries, ...spans].every(strictlyAscends);
}

const strictlyAscends = (numbers: readonly number[]): boolean =>
  numbers.every((number, i) => i === 0 || numbers[i - 1]! < number);

const badState = (text: string, why: string): UsageError => new UsageError(`"${text}" is no crash state: ${why}`);

function formatSurvivors(survivors: readonly Survivor[]): string {
  const words: string[] = [];
  for (let i = 0; i < survivors.length;) {
    const { sectors } = survivors[i]!;
    let end = i + 1;
    while (sectors === undefined && follows(survivors, end)) end++;
    const [first, last] = [survivors[i]!.entry, survivors[end - 1]!.entry];
    words.push(
      sectors ? `${first}${sectors.map((span) => `.${formatRange(span)}`).join('')}` : formatRange({ first, last }),
    );
    i = end;
  }
  return words.join(',');
}

/** Whether this one is whole and comes right behind the one before it. */
function follows(survivors: readonly Survivor[], at: number): boolean {
  const survivor = survivors[at];
  return survivor !== undefined && survivor.sectors === undefined && survivor.entry === survivors[at - 1]!.entry + 1;
}

function formatRanges(entries: readonly number[]): string {
  return formatSurvivors(entries.map((entry) => ({ entry: entryIndex(entry) })));
}

const formatRange = ({ first, last }: SectorSpan): string => (first === last ? `${first}` : `${first}-${last}`);

function parseSurvivors(list: string, text: string): Survivor[] {
  const survivors: Survivor[] = [];
  for (const word of list.split(',')) {
    if (word.includes('.')) survivors.push(parsePart(word));
    else survivors.push(...parseEntries(word, text).map((entry) => ({ entry })));
    if (survivors.length > LIST_LIMIT) throw badState(text, `it lists more than ${LIST_LIMIT} entries`);
  }
  return survivors;
}

function parsePart(word: string): Survivor {
  const [entry, ...spans] = word.split('.');
  return { entry: entryIndex(Number(entry)), sectors: spans.map(parseSpan) };
}

function parseEntries(list: string, text: string): EntryIndex[] {
  return list.split(',').flatMap((word) => {
    const { first, last } = parseSpan(word);
    if (last < first || last - first >= LIST_LIMIT) throw badState(text, `"${word}" is no range of entries`);
    return Array.from({ length: last - first + 1 }, (_, i) => entryIndex(first + i));
  });
}

function parseFlip(word: string): FlippedBit {
  const [byte, bit] = word.split('.').map(Number);
  return { byte: byte!, bit: bit! };
}

function parseSpan(word: string): SectorSpan {
  const [first, last = first] = word.split('-').map(Number);
  return { first: first!, last: last! };
}
