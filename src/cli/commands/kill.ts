import { Option, type Command } from 'commander';
import { VERSION } from '../../host/version.ts';
import { KILL_MODES } from '../../kill/requests.ts';
import { killRunner, killStore } from '../../pipeline/kill.ts';
import { recordWorkload } from '../../pipeline/record.ts';
import { replayRecording } from '../../pipeline/replay.ts';
import type { RecordOptions } from '../../pipeline/options.ts';
import { makeReport } from '../../report/make-report.ts';
import type { RunReport } from '../../report/report.ts';
import { assertNoDeviceFlags } from '../assert-flags.ts';
import {
  addDeviceFlags,
  addMachineFlags,
  addReportFlags,
  addStoreFlags,
  append,
  count,
  number,
  seed,
  type Flags,
} from '../flags.ts';
import type { CommandContext } from '../program.ts';
import { publishReport } from '../publish-report.ts';
import { cleanBeforeRun, withReporters, type Reporters } from '../reporters.ts';
import { killOptions } from '../resolve-kill-options.ts';
import { recordOptions, replayOptions } from '../resolve-options.ts';
import { loadSettings, type Settings } from '../settings.ts';
import { assertJsonFile } from '../write-json-report.ts';

export function addKillCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('kill')
    .description('kill the workload at random moments, let the store recover, check: no root, no guest')
    .action((flags: Flags) => kill(flags, context))
    .option('--trials <n>', 'how often to kill, after one undisturbed run (default: 100)', count)
    .option('--seed <n>', 'from which all moments follow (default: drawn, and printed)', seed)
    .option('--trial <k>', 'only this trial; 0 is the undisturbed run', number)
    .option('--at <moment>', 'kill there: after 37 lines of the workload and 1.25 ms is 37+1.25ms')
    .option('--writers <n>', 'processes of the workload at once, told apart by {writer} (default: 1)', count)
    .addOption(
      new Option('--mode <mode>', 'SIGKILL; or SIGSTOP, a copy of {dir}, SIGCONT (default: kill)').choices([
        ...KILL_MODES,
      ]),
    )
    .option('--compare-rungs', 'cut the power too, as replay does, and show side by side what each finds')
    .option('--from-start', 'also before the workload said "ready"')
    .option(
      '--durability <promise>',
      'of acknowledged operations: sync (default), group:100ms, none; cache=none for a class',
      append,
    )
    .option('--repeat-recovery', 'recover and dump twice, and compare')
    .option('--workers <n>', 'trials at once (default: cores)', count)
    .option('--time-budget <time>', 'start no further trial after this time, such as 10m')
    .option('--max-findings <n>', 'start no further trial once there are so many findings', count);
  addStoreFlags(command);
  addDeviceFlags(command);
  addMachineFlags(command);
  addReportFlags(command);
  command.addHelpText(
    'after',
    '\n--fs, --size, --sector-size, --io-error, --vm and --vm-memory are for --compare-rungs.',
  );
}

async function kill(flags: Flags, context: CommandContext): Promise<void> {
  if (!flags.compareRungs) assertNoDeviceFlags(flags, 'without --compare-rungs nothing is recorded');
  const settings = await loadSettings(flags);
  const options = killOptions(settings);
  // Everything that can be wrong with the options is found before the first minute is spent.
  const recorded = flags.compareRungs ? recordOptions(settings) : [];
  if (flags.compareRungs) replayOptions(settings);
  assertJsonFile(settings.json);
  const status = await withReporters(settings, async (reporters) => {
    cleanBeforeRun(settings, reporters);
    const runs = [await killStore(options, reporters.onEvent, context.signal)];
    for (const each of recorded) runs.push(await cutPower(each, settings, reporters, context));
    return finish(runs, settings, reporters);
  });
  context.setStatus(status);
}

async function cutPower(
  options: RecordOptions,
  settings: Settings,
  { onEvent }: Reporters,
  { signal }: CommandContext,
): Promise<RunReport> {
  if ((settings.writers ?? 1) > 1) onEvent({ type: 'note', text: 'the power is cut under one writer only' });
  const recording = await recordWorkload(options, onEvent, signal);
  const { run } = await replayRecording(
    recording,
    replayOptions(settings, recording.manifest.commands),
    onEvent,
    signal,
  );
  return run;
}

async function finish(runs: readonly RunReport[], settings: Settings, reporters: Reporters): Promise<number> {
  const { kernel, description: runner } = killRunner();
  const environment = { powercut: VERSION, node: process.version, kernel, runner };
  const report = makeReport(environment, runs, { compareRungs: settings.flags.compareRungs ?? false });
  return publishReport(report, settings, reporters);
}
