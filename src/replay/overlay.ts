/**
 * What a crash state holds that the disk at some entry before it does not: pieces to be put over that disk, in this order.
 * They name where their content is, and hold none.
 */
import { isDiscard, isMark } from '../dmlog/entry-role.ts';
import { dataOffsetBytes, type LogIndex } from '../dmlog/log-index.ts';
import type { Extent } from '../host/sys/file.ts';
import { entryIndex } from '../units.ts';
import type { CrashState, Survivor } from './crash-state.ts';
import type { Corrections } from './inversion.ts';
import { lostWrites } from './lost-writes.ts';

/**
 * Content of the log from a byte on; zeros; what the disk held before the entry `Overlay.before`; or what is there by then,
 * with one bit (0 to 7) of its only byte flipped.
 */
export type PatchSource = { readonly logOffsetBytes: number } | { readonly flipBit: number } | 'zeros' | 'before';

export interface Patch extends Extent {
  readonly source: PatchSource;
}

export interface Overlay {
  /** The first entry whose effect is taken back; undefined when none is. */
  readonly before: number | undefined;
  readonly patches: readonly Patch[];
}

/**
 * @param state a legal one
 * @param anchor the entry that the disk stands at; not behind the crash point
 */
export function overlayOf(
  index: LogIndex,
  corrections: Corrections,
  state: CrashState,
  anchor: number | undefined,
): Overlay {
  const gone = [...lostWrites(index, state), ...(state.keptDiscards ?? [])].sort((a, b) => a - b);
  const before = gone[0];
  const patches: Patch[] = gone.map((entry) => ({ ...placeOf(index, entry), source: 'before' }));
  const survivors = new Map(state.survivors?.map((survivor) => [survivor.entry as number, survivor]));
  const put = (survivor: Survivor): void => void patches.push(...patchesOf(index, corrections, survivor));
  const isGone = new Set<number>(gone);
  // Whatever is put once more covers what came later there, so that this must be put once more too.
  const disturbed: number[] = [...gone];
  const end = (state.crashPoint ?? -1) + 1;
  // In the log's order, since later writes cover earlier ones, survivors of a lie among them.
  for (let entry = Math.min((anchor ?? -1) + 1, before ?? Infinity); entry < end; entry++) {
    const survivor = isGone.has(entry) ? survivors.get(entry) : { entry: entryIndex(entry) };
    survivors.delete(entry);
    if (!survivor || (entry <= (anchor ?? -1) && !touches(index, entry, disturbed))) continue;
    put(survivor);
    if (entry <= (anchor ?? -1)) disturbed.push(entry);
  }
  for (const survivor of survivors.values()) put(survivor);
  // Last: what rots is what was written.
  if (state.flip) patches.push({ offsetBytes: state.flip.byte, lengthBytes: 1, source: { flipBit: state.flip.bit } });
  return { before, patches };
}

function touches({ sectors, sectorCounts }: LogIndex, entry: number, others: readonly number[]): boolean {
  const [start, end] = [sectors[entry]!, sectors[entry]! + sectorCounts[entry]!];
  return others.some((other) => sectors[other]! < end && start < sectors[other]! + sectorCounts[other]!);
}

function patchesOf(index: LogIndex, corrections: Corrections, { entry, sectors }: Survivor): Patch[] {
  if (isMark(index.flags[entry]!) || index.sectorCounts[entry] === 0) return [];
  if (isDiscard(index.flags[entry]!)) return [{ ...placeOf(index, entry), source: 'zeros' }];
  const { sectorBytes } = index;
  const spans = sectors ?? [{ first: 0, last: index.sectorCounts[entry]! - 1 }];
  const written = spans.map(({ first, last }): Patch => ({
    offsetBytes: (index.sectors[entry]! + first) * sectorBytes,
    lengthBytes: (last - first + 1) * sectorBytes,
    source: { logOffsetBytes: dataOffsetBytes(index, entry) + first * sectorBytes },
  }));
  const settled = (corrections.get(entry) ?? []).map(({ logOffsetBytes, ...place }): Patch => ({
    ...place,
    source: { logOffsetBytes },
  }));
  return [...written, ...settled];
}

const placeOf = ({ sectors, sectorCounts, sectorBytes }: LogIndex, entry: number): Extent => ({
  offsetBytes: sectors[entry]! * sectorBytes,
  lengthBytes: sectorCounts[entry]! * sectorBytes,
});
