import type { Command } from 'commander';
import { VERSION } from '../../host/version.ts';
import { loadLog } from '../../pipeline/load-log.ts';
import { planStates } from '../../pipeline/plan-states.ts';
import { recordWorkload } from '../../pipeline/record.ts';
import { openRecording, type Recording } from '../../pipeline/recording.ts';
import { replayRecording, type Replayed } from '../../pipeline/replay.ts';
import { makeReport } from '../../report/make-report.ts';
import { exitStatusOfVerdict, type ReportEnvironment } from '../../report/report.ts';
import { STRATEGIES } from '../../replay/strategies/registry.ts';
import { addDeviceFlags, addMachineFlags, addReportFlags, addStoreFlags, append, count, type Flags } from '../flags.ts';
import type { CommandContext } from '../program.ts';
import { cleanBeforeRun, openReporters, type Reporters } from '../reporters.ts';
import { recordOptions, replayOptions } from '../resolve-options.ts';
import { loadSettings, type Settings } from '../settings.ts';
import { assertJsonFile, writeJsonReport } from '../write-json-report.ts';
import { writeOut } from '../write-out.ts';

export function addReplayCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('replay')
    .argument('[recording]', 'folder of a recording; without one, a workload is recorded first')
    .description('try crash states: rebuild the disk, mount it, let the store recover, check')
    .action((folder: string | undefined, flags: Flags) => replay(folder, flags, context));
  for (const { name, summary } of Object.values(STRATEGIES)) command.option(`--${name}`, `${summary} (default)`);
  command
    .option('--state <id>', 'try only this state (repeatable), such as p347', append)
    .option('--list', 'print the states that would be tried, and stop')
    .option('--from-start', 'also states before the workload said "ready"')
    .option('--fsck', "run the file system's own checker on every state, after its journal recovery")
    .option(
      '--no-reuse',
      'check also what recovers to a tree that was judged before (for a store that reads more than {dir})',
    )
    .option(
      '--durability <promise>',
      'of acknowledged operations: sync (default), group:100ms, none; cache=none for a class',
      append,
    )
    .option('--repeat-recovery', 'recover and dump every state twice, and compare')
    .option('--workers <n>', 'engines that try states at once (default: cores + 1)', count)
    .option('--time-budget <time>', 'start no further state after this time, such as 10m')
    .option('--max-findings <n>', 'start no further state once there are so many findings', count);
  addStoreFlags(command);
  addDeviceFlags(command);
  addMachineFlags(command);
  addReportFlags(command);
}

async function replay(folder: string | undefined, flags: Flags, context: CommandContext): Promise<void> {
  const settings = await loadSettings(flags);
  // Everything that can be wrong with the options is found before the first minute is spent.
  const wanted = folder === undefined ? recordOptions(settings) : [];
  replayOptions(settings);
  assertJsonFile(settings.json);
  const reporters = openReporters(settings);
  try {
    cleanBeforeRun(settings, reporters);
    const done: Replayed[] = [];
    if (folder !== undefined) done.push(...(await replayOne(openRecording(folder), settings, reporters, context)));
    for (const options of wanted) {
      const recording = await recordWorkload(options, reporters.onEvent, context.signal);
      done.push(...(await replayOne(recording, settings, reporters, context)));
    }
    if (!flags.list) await finish(done, settings, reporters, context);
  } finally {
    reporters.close();
  }
}

async function replayOne(
  recording: Recording,
  settings: Settings,
  reporters: Reporters,
  { signal }: CommandContext,
): Promise<Replayed[]> {
  const options = replayOptions(settings, recording.manifest.commands);
  if (!settings.flags.list) return [await replayRecording(recording, options, reporters.onEvent, signal)];
  const plan = await planStates(recording, loadLog(recording), options);
  for (const { state, ackCount, twins } of plan.states) await writeOut(`${state}\tacked ${ackCount}\ttwins ${twins}\n`);
  return [];
}

async function finish(
  done: readonly Replayed[],
  settings: Settings,
  reporters: Reporters,
  context: CommandContext,
): Promise<void> {
  const runs = done.map(({ run }) => run);
  const report = makeReport(environmentOf(done), runs);
  // First for people: should the file fail, they still have the results.
  reporters.onEvent({ type: 'run-end', report });
  if (settings.json !== undefined) await writeJsonReport(settings.json, report);
  context.setStatus(exitStatusOfVerdict(report.verdict));
}

function environmentOf(done: readonly Replayed[]): ReportEnvironment {
  const { runner } = done[0]!;
  return { powercut: VERSION, node: process.version, kernel: runner.kernel, runner: runner.description };
}
