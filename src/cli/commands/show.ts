import { join } from 'node:path';
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { describeEntry } from '../../dmlog/describe.ts';
import { openLogFile } from '../../dmlog/log-source.ts';
import { readEntries } from '../../dmlog/reader.ts';
import { UsageError } from '../../errors.ts';
import { giveToCaller } from '../../host/caller.ts';
import { extentsOf } from '../../host/sparse.ts';
import { loadLog, type LoadedLog } from '../../pipeline/load-log.ts';
import { openRecording, type Recording } from '../../pipeline/recording.ts';
import { acknowledgedCount } from '../../replay/acknowledged.ts';
import { certificateOf } from '../../replay/certificate.ts';
import { parseCrashPath } from '../../replay/crash-path.ts';
import type { CrashState } from '../../replay/crash-state.ts';
import { describeState } from '../../replay/describe-state.ts';
import { isDoubtful } from '../../replay/doubtful.ts';
import { whyIllegal, whyNotOnDevice } from '../../replay/legal-state.ts';
import { writeStateImage } from '../../replay/state-image.ts';
import { applyRecovery, keptRecoveries, type KeptRecovery } from '../explain-recovery.ts';
import { writeOut } from '../write-out.ts';

/** Entries of the log that are printed before the crash point. */
const ENTRIES_BEFORE = 4;

export function addShowCommand(program: Command): void {
  program
    .command('show')
    .argument('<recording>', 'folder of a recording')
    .argument('<state>', 'a crash state, such as p347, p347+349 or p347:p12')
    .description('explain a crash state: what is on that disk, what is not, and why')
    .option('--image <file>', 'write that disk into a new file, for other tools (mount -o loop FILE DIR)')
    .action((folder: string, state: string, { image }: { image?: string }) => show(folder, state, image));
}

async function show(folder: string, text: string, image: string | undefined): Promise<void> {
  const recording = openRecording(folder);
  const log = loadLog(recording);
  const path = parseCrashPath(text);
  const state = path.outer;
  const why = whyIllegal(log.index, state) ?? whyNotOnDevice(state, recording.manifest.device.bytes);
  if (why !== undefined) throw new UsageError(`${text} is no state of this recording: ${why}`);
  const recoveries = keptRecoveries(recording, path);
  for (const line of explain(recording, log, state)) await writeOut(`${line}\n`);
  for (const line of recoveries.flatMap(explainRecovery)) await writeOut(`${line}\n`);
  if (image === undefined) return;
  writeImage(recording, log, state, image);
  for (const recovery of recoveries) applyRecovery(recovery, image);
  giveToCaller(image);
  await writeOut(`\nthe disk of ${text}: ${image}\n`);
}

function explain({ folder, manifest }: Recording, log: LoadedLog, state: CrashState): string[] {
  const { index, acknowledgements, settlement } = log;
  const { flip, ...logged } = state;
  const certificate = certificateOf(index, { recording: manifest.id, sha256: manifest.sha256.log }, logged);
  const count = acknowledgedCount(index, acknowledgements, state);
  const last = count === 0 ? '' : `, the last ${JSON.stringify(acknowledgements.ids[count - 1])}`;
  const doubt = isDoubtful(index, settlement, state)
    ? ['the log does not tell the content of one of its blocks: it is not judged']
    : [];
  const point = state.crashPoint ?? -1;
  const end = Math.min(certificate.cutBefore ?? index.entryCount - 1, point + 40);
  return [
    ...describeState(certificate),
    ...(flip
      ? [`and bit ${flip.bit} of byte ${flip.byte} of the device is flipped: bit-rot, which no log proves`]
      : []),
    `acknowledged: ${count}${last}`,
    ...doubt,
    '',
    ...entryLines(join(folder, 'log'), Math.max(0, point - ENTRIES_BEFORE), end, point),
  ];
}

function explainRecovery({ of, log, entry }: KeptRecovery): string[] {
  const said = `then ${of} was mounted and recovered, and the power went again behind entry ${entry} of what that wrote`;
  return [
    '',
    `${said} (${log}):`,
    ...entryLines(log, Math.max(0, entry - ENTRIES_BEFORE), entry + ENTRIES_BEFORE, entry),
  ];
}

/** The log around the crash. */
function entryLines(path: string, first: number, last: number, crashPoint: number): string[] {
  const source = openLogFile(path);
  const lines: string[] = [];
  try {
    for (const entry of readEntries(source)) {
      if (entry.index > last) break;
      if (entry.index >= first) lines.push(describeEntry(entry));
      if (entry.index === crashPoint) lines.push('-- the crash point --');
    }
  } finally {
    source.close();
  }
  return lines;
}

function writeImage(recording: Recording, log: LoadedLog, state: CrashState, path: string): void {
  if (existsSync(path)) throw new UsageError(`--image ${path}: it exists; name a file that does not`);
  const base = join(recording.folder, 'base.img');
  const { corrections } = log.settlement;
  const sources = {
    base,
    baseExtents: extentsOf(base),
    log: join(recording.folder, 'log'),
    index: log.index,
    corrections,
  };
  writeStateImage(sources, state, path);
}
