/**
 * A tiny write log in text, and what powercut makes of it, in text again: see README.md beside this file. The disk has
 * sixteen sectors, and each sector holds one letter sixteen times thirty-two, so that a whole disk can be read in a line.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { epochs, type Epoch } from '../../src/dmlog/epoch.ts';
import { FLAG } from '../../src/dmlog/layout.ts';
import type { LogIndex } from '../../src/dmlog/log-index.ts';
import { newEntry, type NewLogEntry } from '../../src/dmlog/new-entry.ts';
import {
  acknowledgedCount,
  isReady,
  readAcknowledgements,
  type Acknowledgements,
} from '../../src/replay/acknowledged.ts';
import type { CrashState } from '../../src/replay/crash-state.ts';
import { isDoubtful } from '../../src/replay/doubtful.ts';
import type { Settlement } from '../../src/replay/inversion.ts';
import { overlayOf, type Patch } from '../../src/replay/overlay.ts';
import { makePlan } from '../../src/replay/plan.ts';
import { RollingImage } from '../../src/replay/rolling-image.ts';
import { formatCrashState } from '../../src/replay/state-id.ts';
import { parseStrategyChoice } from '../../src/replay/strategy-choice.ts';
import { eachBarrier } from '../../src/replay/strategies/each-barrier.ts';
import { STRATEGIES } from '../../src/replay/strategies/registry.ts';
import type { ChosenStrategy } from '../../src/replay/plan.ts';
import { statesOf } from '../support/states-of.ts';
import { markKind } from '../../src/stores/mark-kind.ts';
import { SECTOR, sectors, settle, writeAndIndex } from '../support/log-file.ts';

const DISK_SECTORS = 16;

interface Scenario {
  /** The lines that name an entry, in order. */
  readonly lines: readonly string[];
  readonly entries: readonly NewLogEntry[];
  /** Strategies beside each-barrier whose states are shown. */
  readonly strategies: readonly ChosenStrategy[];
  /** What the device held at the end where that is not what the log says; undefined when nobody knows. */
  readonly final: ReadonlyMap<number, string> | undefined;
}

/** @throws for a line that is no entry, with the line */
export function parseScenario(text: string): Scenario {
  const lines = text
    .split('\n')
    .map((line) => line.replace(/^#.*/, '').trim())
    .filter((line) => line !== '');
  const finals = lines.filter((line) => line.startsWith('final '));
  const choices = lines.filter((line) => line.startsWith('try ')).map((line) => parseStrategyChoice(line.slice(4)));
  const strategies = choices.map(({ name, value = 0 }) => ({ strategy: STRATEGIES[name], value }));
  const entryLines = lines.filter((line) => !/^(?:final|try) /.test(line));
  let letter = 'a'.charCodeAt(0);
  const entries = entryLines.map((line) => parseEntry(line, () => String.fromCharCode(letter++)));
  return { lines: entryLines, entries, strategies, final: parseFinal(finals) };
}

function parseEntry(line: string, nextLetter: () => string): NewLogEntry {
  const mark = /^M (.+)$/.exec(line);
  if (mark) return newEntry.mark(mark[1]!);
  if (line === 'F') return newEntry.flush();
  const commit = /^C (\d+)$/.exec(line);
  if (commit) return { flags: FLAG.flush | FLAG.fua | FLAG.metadata, sector: Number(commit[1]) };
  const range = /^(W|A|F|FA|D) (\d+) (\d+)(?: ([a-z]))?$/.exec(line);
  if (!range) throw new Error(`not an entry of a scenario: "${line}"`);
  const [, kind, sector, count, letter] = range;
  if (Number(sector) + Number(count) > DISK_SECTORS)
    throw new Error(`"${line}" is beyond the disk's ${DISK_SECTORS} sectors`);
  if (kind === 'D') return newEntry.discard(Number(sector), Number(count));
  const flags = { W: 0, A: FLAG.fua, F: FLAG.flush, FA: FLAG.flush | FLAG.fua }[kind as 'W' | 'A' | 'F' | 'FA'];
  return { flags, sector: Number(sector), data: sectors(letter ?? nextLetter(), Number(count)) };
}

function parseFinal(lines: readonly string[]): ReadonlyMap<number, string> | undefined {
  if (lines.includes('final unknown')) return undefined;
  const final = new Map<number, string>();
  for (const line of lines) {
    const match = /^final (\d+) ([a-z])$/.exec(line);
    if (!match) throw new Error(`not a line about the final content: "${line}"`);
    final.set(Number(match[1]), match[2]!);
  }
  return final;
}

/** Everything that follows from the log, as it stands below the line of a scenario file. @param folder for its images */
export function describeScenario({ lines, entries, strategies, final }: Scenario, folder: string): string {
  const [base, log, finalImage] = ['base.img', 'log', 'final.img'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(base, Buffer.alloc(DISK_SECTORS * SECTOR));
  const index = writeAndIndex(log, entries);
  writeFileSync(finalImage, finalDisk(entries, final));
  const settlement = settle(index, log, final && finalImage);
  const acknowledgements = readAcknowledgements(index, markKind);
  const request = { index, acknowledgements, settlement, base, log, fromStart: false, byHistory: false, seed: 1 };
  const barriers = { strategy: eachBarrier, value: 0 };
  const plan = makePlan({ ...request, strategies: [barriers] }, folder);
  const files = { base, log, path: join(folder, 'disk.img') };
  const describe = (chosen: ChosenStrategy): string[] =>
    describeStates(statesOf(chosen, index), index, acknowledgements, settlement, files);
  return [
    ...lines.map((line, entry) => `${String(entry).padStart(2)}  ${line}`),
    '',
    ...[...epochs(index)].map(describeEpoch),
    ...(settlement.inverted > 0 ? [`sectors whose order the log does not tell: ${settlement.inverted}`] : []),
    '',
    'state  acked  ready  disk',
    ...describe(barriers),
    '',
    `plan: ${plan.planned} held to, ${plan.beforeReady} before ready, ${plan.skipped} skipped, ${plan.items.length} to try`,
    '',
    ...strategies.flatMap((chosen) => [`${chosen.strategy.name}:`, ...describe(chosen), '']),
  ].join('\n');
}

function describeEpoch({ first, end, flush, groupFirst, groupEnd }: Epoch): string {
  const name = flush === undefined ? `open epoch from ${first}` : `epoch ${first} to ${end}`;
  return groupFirst === groupEnd ? name : `${name}, plain writes ${groupFirst} to ${groupEnd - 1}`;
}

function describeStates(
  states: readonly CrashState[],
  index: LogIndex,
  acknowledgements: Acknowledgements,
  settlement: Settlement,
  files: { readonly base: string; readonly log: string; readonly path: string },
): string[] {
  const { corrections } = settlement;
  const diskAt = (entry: number | undefined): Buffer => {
    const image = new RollingImage({ ...files, index, corrections }, files.path);
    image.rollTo(entry);
    image.close();
    return readFileSync(files.path);
  };
  return states.map((state) => {
    const disk = diskAt(state.crashPoint);
    const { before, patches } = overlayOf(index, corrections, state, state.crashPoint);
    const earlier = before === undefined ? disk : diskAt(before === 0 ? undefined : before - 1);
    for (const patch of patches) disk.set(contentOf(patch, readFileSync(files.log), earlier, disk), patch.offsetBytes);
    const acked = String(acknowledgedCount(index, acknowledgements, state));
    const ready = isReady(index, acknowledgements, state) ? 'yes' : 'no';
    const shown = isDoubtful(index, settlement, state) ? 'unknown' : describeDisk(disk);
    return [formatCrashState(state).padEnd(5), acked.padEnd(5), ready.padEnd(5), shown].join('  ');
  });
}

function contentOf({ source, offsetBytes, lengthBytes }: Patch, log: Buffer, earlier: Buffer, disk: Buffer): Buffer {
  if (source === 'zeros') return Buffer.alloc(lengthBytes);
  if (source === 'before') return earlier.subarray(offsetBytes, offsetBytes + lengthBytes);
  if ('flipBit' in source) return Buffer.of(disk[offsetBytes]! ^ (1 << source.flipBit));
  return log.subarray(source.logOffsetBytes, source.logOffsetBytes + lengthBytes);
}

/** One letter a sector; a dot for zeros, an exclamation mark for a sector that is not all one letter. */
function describeDisk(disk: Buffer): string {
  return Array.from({ length: DISK_SECTORS }, (_, sector) => {
    const content = disk.subarray(sector * SECTOR, (sector + 1) * SECTOR);
    if (!content.every((byte) => byte === content[0])) return '!';
    return content[0] === 0 ? '.' : String.fromCharCode(content[0]!);
  }).join('');
}

function finalDisk(entries: readonly NewLogEntry[], final: ReadonlyMap<number, string> | undefined): Buffer {
  const disk = Buffer.alloc(DISK_SECTORS * SECTOR);
  for (const { sector = 0, sectorCount = 0, data } of entries) {
    if (data) disk.set(data, sector * SECTOR);
    else disk.fill(0, sector * SECTOR, (sector + sectorCount) * SECTOR);
  }
  for (const [sector, letter] of final ?? []) disk.set(sectors(letter), sector * SECTOR);
  return disk;
}
