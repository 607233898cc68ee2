/**
 * The rules of a disk with a volatile cache, written down a second time: is what a certificate claims true of this log?
 * A flush that is done has put every earlier write on the disk, a FUA write that is done itself; of what was not done when
 * the power went any blocks may be there; nothing behind a barrier that was not done is there. A flush with data is a
 * flush, then a write. Shares nothing with the planner, and must not.
 *
 * Not covered: the content of blocks, and what was acknowledged.
 */
import type { Claim, Claimed } from './claims.ts';
import type { ReadLog } from './log.ts';
import { StatedDisk, type Parts } from './stated-disk.ts';
import { readState } from './state-text.ts';

const LARGE_BLOCK_BYTES = 4096;

/** @returns why the state is not proved legal; undefined when it is */
export function whyRefused(claimed: Claimed, log: ReadLog): string | undefined {
  if (claimed.sha256 !== log.sha256) return `it is about the log with the sha256 ${claimed.sha256}`;
  if (claimed.entries !== log.entries.length) return `it claims ${claimed.entries} entries of ${log.entries.length}`;
  const state = readState(claimed.state, log.entries.length);
  if (typeof state === 'string') return `its state: ${state}`;
  const disk = new StatedDisk(log, state);
  const why = whyStateRefused(disk) ?? whyFrameRefused(claimed, disk) ?? whyClaimsRefused(claimed, disk);
  if (why !== undefined) return why;
  const assumption = assumptionOf(disk);
  return assumption === claimed.assumption ? undefined : `it assumes ${claimed.assumption}; it is ${assumption}`;
}

function whyStateRefused(disk: StatedDisk): string | undefined {
  const { lie, point, kept, survivors } = disk.state;
  if (lie !== undefined && (lie > point || !disk.at(lie).flushes)) return `entry ${lie} is no flush that can have lied`;
  for (const entry of kept) {
    if (entry > point || !disk.at(entry).discard) return `entry ${entry} is no discard that can be undone`;
    if (disk.isLiedTo(entry)) return `entry ${entry} is undone twice`;
  }
  for (const entry of survivors.keys()) {
    if (disk.at(entry).sectors === 0) return `entry ${entry} writes nothing`;
    if (entry <= point && !disk.isLiedTo(entry)) return `entry ${entry} is there anyway`;
  }
  return undefined;
}

function whyFrameRefused(claimed: Claimed, disk: StatedDisk): string | undefined {
  const { point, lie } = disk.state;
  const cut = disk.cut < disk.log.entries.length ? disk.cut : undefined;
  if ((claimed.crashPoint ?? -1) !== point) return `its crash point is not that of ${claimed.state}`;
  if (claimed.lyingFrom !== lie) return `its lying flush is not that of ${claimed.state}`;
  if (claimed.ioErrorFrom !== disk.ioError) {
    return `it says that writes had failed from ${nameOf(claimed.ioErrorFrom)} on; by the marks it is ${nameOf(disk.ioError)}`;
  }
  if (claimed.cutBefore === cut) return undefined;
  return `it says that the power went before ${nameOf(claimed.cutBefore)}; the first barrier not done is ${nameOf(cut)}`;
}

const nameOf = (barrier: number | undefined): string => (barrier === undefined ? 'none' : `entry ${barrier}`);

function assumptionOf({ state, log, ioError }: StatedDisk): string {
  if (ioError !== undefined) return 'io-error';
  if (state.lie !== undefined) return 'lying-flush';
  const torn = [...state.survivors].filter(([, parts]) => parts.length > 0);
  const isLarge = ([entry, parts]: readonly [number, Parts]): boolean => {
    const { sector, sectors } = log.entries[entry]!;
    const cuts = parts.flatMap(([first, last]) => [first, last + 1]).filter((cut) => cut > 0 && cut < sectors);
    return cuts.every((cut) => ((sector + cut) * log.sectorBytes) % LARGE_BLOCK_BYTES === 0);
  };
  if (torn.length === 0) return 'cache';
  return torn.every(isLarge) ? 'torn-4096' : 'torn-512';
}

function whyClaimsRefused({ writes }: Claimed, disk: StatedDisk): string | undefined {
  const { entries } = disk.log;
  const done = new Set<number>();
  for (const claim of writes) {
    for (const [first, last] of claim.entries) {
      if (last >= entries.length) return `it claims something of entry ${last}, which the log does not have`;
      for (let entry = first; entry <= last; entry++) {
        if (entries[entry]!.sectors === 0) continue;
        const why = done.has(entry) ? 'it is claimed already' : whyClaimRefused(disk, entry, claim);
        if (why !== undefined) return `entry ${entry} (${claim.disk}, ${claim.rule}): ${why}`;
        done.add(entry);
      }
    }
  }
  const forgotten = entries.findIndex(({ sectors }, entry) => sectors > 0 && !done.has(entry));
  return forgotten === -1 ? undefined : `it claims nothing of entry ${forgotten}`;
}

function whyClaimRefused(disk: StatedDisk, entry: number, claim: Claim): string | undefined {
  const parts = disk.partsOf(entry);
  const found = parts === undefined ? 'absent' : parts.length > 0 ? 'torn' : 'present';
  if (claim.disk !== found) return `by its state it is ${found}`;
  if (JSON.stringify(claim.sectors ?? []) !== JSON.stringify(parts ?? [])) return 'by its state it is cut otherwise';
  if (found === 'torn' && !canTear(disk, entry, parts!)) return 'no disk cuts it so';
  if (!Object.hasOwn(RULES, claim.rule)) return 'there is no such rule';
  const { why, barrier } = RULES[claim.rule]!(disk, entry, found);
  if (why !== undefined) return why;
  return claim.barrier === barrier ? undefined : `the barrier is ${nameOf(barrier)}`;
}

function canTear(disk: StatedDisk, entry: number, parts: Parts): boolean {
  const { discard, sectors } = disk.at(entry);
  const ascend = parts.every(([first, last], i) => first <= last && first > (parts[i - 1]?.[1] ?? -2) + 1);
  const isAll = parts[0]![0] === 0 && parts[0]![1] === sectors - 1;
  return !discard && ascend && parts.at(-1)![1] < sectors && !isAll;
}

/** Why a rule does not hold for a write; else which barrier it is about. */
interface Ruling {
  readonly why?: string | undefined;
  readonly barrier?: number | undefined;
}

const rule = (holds: boolean, why: string, barrier?: number): Ruling => (holds ? { barrier } : { why });

const RULES: Record<string, (disk: StatedDisk, entry: number, found: string) => Ruling> = {
  'covered-by-flush': ({ honest }, entry, found) =>
    found === 'present'
      ? rule(entry < honest, 'no honest flush that was done stands behind it', honest)
      : rule(false, 'what a flush covers is there whole'),
  fua: (disk, entry, found) => {
    const isDone = disk.at(entry).fua && disk.honest <= entry && entry < disk.cut;
    if (!isDone) return rule(false, 'it is no FUA write that was done behind the last flush');
    return rule(found === 'present', 'a FUA write that was done is there whole');
  },
  'discard-undefined': ({ state }, entry) => rule(state.kept.has(entry), 'it is no discard that was undone'),
  'lying-flush': (disk, entry) => rule(disk.isLiedTo(entry), 'no flush lied about it', disk.lied),
  'behind-barrier': (disk, entry, found) => {
    const isBehind = entry > disk.cut || (entry === disk.cut && !disk.at(entry).fua);
    if (!isBehind) return rule(false, 'no barrier that was not done stands before it');
    return rule(found === 'absent', `entry ${disk.cut}, a barrier before it, was not done`, disk.cut);
  },
  'in-flight': (disk, entry, found) => {
    const { fua, flushes } = disk.at(entry);
    if (entry < disk.honest || disk.isLiedTo(entry) || disk.state.kept.has(entry)) {
      return rule(false, 'a flush about it was done, or lied');
    }
    if (!fua) return rule(entry < disk.cut, `it stands behind the barrier at ${disk.cut}`, disk.coming);
    if (entry !== disk.cut) return rule(false, 'it is no FUA write that the power went before');
    return rule(!flushes || found === 'absent' || disk.isWholeBefore(entry), 'its own flush was not done', entry);
  },
};
