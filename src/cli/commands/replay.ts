import type { Command } from 'commander';
import { EXIT_STATUS, UsageError } from '../../errors.ts';
import { loadLog } from '../../pipeline/load-log.ts';
import { fileFinder } from '../../pipeline/find-files.ts';
import { planStates } from '../../pipeline/plan-states.ts';
import { recordWorkload } from '../../pipeline/record.ts';
import { openRecording, type Recording } from '../../pipeline/recording.ts';
import { replayRecording, type Replayed } from '../../pipeline/replay.ts';
import { atEntry } from '../../replay/crash-state.ts';
import type { PlanItem } from '../../replay/plan.ts';
import { formatCrashState } from '../../replay/state-id.ts';
import { makeReport } from '../../report/make-report.ts';
import { takeShard } from '../../replay/shard.ts';
import { assertNoRecordingFlags } from '../assert-flags.ts';
import { assertPlaces } from '../assert-places.ts';
import {
  addDeviceFlags,
  addMachineFlags,
  addReportFlags,
  addStoreFlags,
  addStrategyFlags,
  addTrialFlags,
  append,
  type Flags,
} from '../flags.ts';
import type { CommandContext } from '../program.ts';
import { cleanBeforeRun, withReporters, type Reporters } from '../reporters.ts';
import { environmentOf } from '../report-environment.ts';
import { recordOptions, replayOptions } from '../resolve-options.ts';
import { loadSettings, type Settings } from '../settings.ts';
import { publishReport } from '../publish-report.ts';
import { assertJsonFile } from '../write-json-report.ts';
import { writeOut } from '../write-out.ts';

const SHARDS_NEED_A_RECORDING =
  '--shard needs a recording that all shards share, since no two recordings are the same: make one with ' +
  '"powercut record", and name its folder';

export function addReplayCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('replay')
    .argument('[recording]', 'folder of a recording; without one, a workload is recorded first')
    .description('try crash states: rebuild the disk, mount it, let the store recover, check')
    .action((folder: string | undefined, flags: Flags) => replay(folder, flags, context));
  addStrategyFlags(command)
    .option('--state <id>', 'try only this state (repeatable), such as p347', append)
    .option('--shard <i/n>', 'try only the i-th of n parts of a recording (powercut merge puts their --json together)')
    .option('--list', 'print the states that would be tried, and stop');
  addTrialFlags(command);
  addStoreFlags(command);
  addDeviceFlags(command);
  addMachineFlags(command);
  addReportFlags(command);
}

async function replay(folder: string | undefined, flags: Flags, context: CommandContext): Promise<void> {
  if (folder !== undefined) assertNoRecordingFlags(flags, `${folder} is recorded already`);
  const settings = await loadSettings(flags);
  // Everything that can be wrong with the options is found before the first minute is spent.
  const wanted = folder === undefined ? recordOptions(settings) : [];
  replayOptions(settings);
  if (folder === undefined && flags.shard !== undefined) throw new UsageError(SHARDS_NEED_A_RECORDING);
  assertJsonFile(settings.json);
  // A list has no results, and must not empty the files of those that a run has left.
  const wishes = flags.list ? {} : settings;
  const status = await withReporters(wishes, async (reporters) => {
    cleanBeforeRun(settings, reporters);
    const done: Replayed[] = [];
    if (folder !== undefined) done.push(...(await replayOne(openRecording(folder), settings, reporters, context)));
    for (const options of wanted) {
      const recording = await recordWorkload(options, reporters.onEvent, context.signal);
      done.push(...(await replayOne(recording, settings, reporters, context)));
    }
    return flags.list ? EXIT_STATUS.held : finish(done, settings, reporters);
  });
  context.setStatus(status);
}

async function replayOne(
  recording: Recording,
  settings: Settings,
  reporters: Reporters,
  { signal }: CommandContext,
): Promise<Replayed[]> {
  const { commands, filesystem } = recording.manifest;
  const options = replayOptions(settings, commands);
  assertPlaces(options, { ...filesystem, text: filesystem.spec });
  if (!settings.flags.list) return [await replayRecording(recording, options, reporters.onEvent, signal)];
  const { find } = fileFinder(recording, options, signal);
  const whole = await planStates(recording, loadLog(recording), options, find);
  const plan = options.shard ? takeShard(whole, options.shard) : whole;
  for (const text of plan.notes ?? []) reporters.onEvent({ type: 'note', text });
  for (const item of plan.items) await writeOut(listLine(item));
  return [];
}

function listLine(item: PlanItem): string {
  if (item.kind === 'state') return `${item.state}\tacked ${item.ackCount}\ttwins ${item.twins}\n`;
  const { anchor, ackCount, strategy, space, expectedRuns } = item;
  const states = 1n << BigInt(space.atoms.length);
  const start = formatCrashState(atEntry(anchor));
  return `${start}+...\tacked ${ackCount}\t${strategy}: ${states} states, at most ${expectedRuns} runs\n`;
}

async function finish(done: readonly Replayed[], settings: Settings, reporters: Reporters): Promise<number> {
  const runs = done.map(({ run }) => run);
  const report = makeReport(environmentOf(done[0]!), runs);
  return publishReport(report, settings, reporters);
}
