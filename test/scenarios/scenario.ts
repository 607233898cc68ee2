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
import { formatCrashState } from '../../src/replay/crash-state.ts';
import { isDoubtful, type Settlement } from '../../src/replay/inversion.ts';
import { makePlan } from '../../src/replay/plan.ts';
import { RollingImage } from '../../src/replay/rolling-image.ts';
import { eachBarrier } from '../../src/replay/strategies/each-barrier.ts';
import { markKind } from '../../src/stores/mark-kind.ts';
import { SECTOR, sectors, settle, writeAndIndex } from '../support/log-file.ts';

const DISK_SECTORS = 16;

interface Scenario {
  /** The lines that name an entry, in order. */
  readonly lines: readonly string[];
  readonly entries: readonly NewLogEntry[];
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
  const entryLines = lines.filter((line) => !line.startsWith('final '));
  let letter = 'a'.charCodeAt(0);
  const entries = entryLines.map((line) => parseEntry(line, () => String.fromCharCode(letter++)));
  return { lines: entryLines, entries, final: parseFinal(finals) };
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
export function describeScenario({ lines, entries, final }: Scenario, folder: string): string {
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
  const strategies = [eachBarrier];
  const plan = makePlan({ index, acknowledgements, settlement, strategies, base, log, fromStart: false }, folder);
  return [
    ...lines.map((line, entry) => `${String(entry).padStart(2)}  ${line}`),
    '',
    ...[...epochs(index)].map(describeEpoch),
    ...(settlement.inverted > 0 ? [`sectors whose order the log does not tell: ${settlement.inverted}`] : []),
    '',
    'state  acked  ready  disk',
    ...describeStates(index, acknowledgements, settlement, { base, log, path: join(folder, 'disk.img') }),
    '',
    `plan: ${plan.planned} held to, ${plan.beforeReady} before ready, ${plan.skipped} skipped, ${plan.states.length} to try`,
    '',
  ].join('\n');
}

function describeEpoch({ first, end, flush, groupFirst, groupEnd }: Epoch): string {
  const name = flush === undefined ? `open epoch from ${first}` : `epoch ${first} to ${end}`;
  return groupFirst === groupEnd ? name : `${name}, plain writes ${groupFirst} to ${groupEnd - 1}`;
}

function describeStates(
  index: LogIndex,
  acknowledgements: Acknowledgements,
  settlement: Settlement,
  files: { readonly base: string; readonly log: string; readonly path: string },
): string[] {
  const image = new RollingImage({ ...files, index, corrections: settlement.corrections }, files.path);
  const lines: string[] = [];
  for (const state of eachBarrier.propose(index)) {
    image.rollTo(state.crashPoint);
    const acked = String(acknowledgedCount(index, acknowledgements, state));
    const ready = isReady(index, acknowledgements, state) ? 'yes' : 'no';
    const disk = isDoubtful(settlement.doubts, state.crashPoint) ? 'unknown' : readDisk(files.path);
    lines.push([formatCrashState(state).padEnd(5), acked.padEnd(5), ready.padEnd(5), disk].join('  '));
  }
  image.close();
  return lines;
}

/** One letter a sector; a dot for zeros, an exclamation mark for a sector that is not all one letter. */
function readDisk(path: string): string {
  const disk = readFileSync(path);
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
