/**
 * Rule: a disk promises to write one block whole, not a request of several. So of a write that is on its way any blocks
 * may be on the disk, and the same goes for a FUA write that has not completed. Each write is cut once, at each of its
 * blocks (at some of them, drawn from the run's seed, where it is long): the part before the cut is there, or the part
 * behind it; the other writes of its group are there as far as they come before it, or all.
 *
 * Not covered: several torn writes at once, and a write that is there in more than one piece.
 */
import { isFlush, isFuaWrite } from '../../dmlog/entry-role.ts';
import { epochs, type Epoch } from '../../dmlog/epoch.ts';
import type { Random } from '../../random.ts';
import { tornWrite, wholeWrites, type Atom } from '../atom.ts';
import type { CrashSpace } from '../crash-space.ts';
import { inFlightWrites } from './in-flight-writes.ts';
import type { ProposedSpace, Strategy, StrategyContext } from './strategy.ts';

export const TORN_UNITS = [512, 4096];
/** A longer write is cut at so many places. */
const CUTS = 8;

export const torn: Strategy = {
  name: 'torn',
  summary: 'one write of each flush on the disk in part, cut at blocks of so many bytes (512 or 4096)',
  value: {
    name: 'bytes',
    otherwise: (sectorBytes) => sectorBytes,
    obstacle: (value, sectorBytes = value) => {
      if (!TORN_UNITS.includes(value)) return 'expected 512 or 4096';
      return value < sectorBytes ? `the recorded device writes blocks of ${sectorBytes} bytes whole` : undefined;
    },
  },
  *propose(context) {
    for (const epoch of epochs(context.index)) {
      yield* fuaSpaces(context, epoch);
      const space = cutUp(context, inFlightWrites(context.index, epoch));
      if (space) yield space;
    }
  },
};

function* fuaSpaces(context: StrategyContext, { first, groupFirst }: Epoch): Generator<ProposedSpace> {
  const { flags, sectorCounts } = context.index;
  for (let entry: number = first; entry < groupFirst; entry++) {
    if (!isFuaWrite(flags[entry]!, sectorCounts[entry]!) || isFlush(flags[entry]!)) continue;
    const anchor = entry === 0 ? undefined : entry - 1;
    const space = cutUp(context, { anchor, atoms: wholeWrites(context.index, entry, entry + 1) });
    if (space) yield space;
  }
}

/** Undefined when no write is long enough to be torn. */
function cutUp({ index, value, random }: StrategyContext, { anchor, atoms }: CrashSpace): ProposedSpace | undefined {
  const unitSectors = value / index.sectorBytes;
  const writes = atoms.map((write) => tornWrite(index, write, unitSectors));
  if (writes.every(({ length }) => length === 1)) return undefined;
  const first = (): Iterable<bigint> => cuts(writes, random(anchor ?? -1));
  const limit = Number.MAX_SAFE_INTEGER;
  return { kind: 'space', space: { anchor, atoms: writes.flat() }, first, sample: false, limit };
}

function* cuts(writes: readonly (readonly Atom[])[], random: Random): Generator<bigint> {
  const all = (1n << BigInt(writes.flat().length)) - 1n;
  let before = 0n;
  for (const { length } of writes) {
    const earlier = (1n << before) - 1n;
    const whole = ((1n << BigInt(length)) - 1n) << before;
    for (const cut of placesToCut(length, random)) {
      const head = ((1n << BigInt(cut)) - 1n) << before;
      for (const part of [head, whole ^ head]) {
        yield earlier | part;
        yield (all ^ whole) | part;
      }
    }
    before += BigInt(length);
  }
}

/** 1 to `length` - 1, or some of them, ascending. */
function placesToCut(length: number, random: Random): number[] {
  const places = Array.from({ length: length - 1 }, (_, i) => i + 1);
  while (places.length > CUTS) places.splice(random.below(places.length), 1);
  return places;
}
