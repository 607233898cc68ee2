import type { Command } from 'commander';
import { compareModes, type Comparison } from '../../compare/comparison.ts';
import { changesBetween, expectationOf, gapsOf, type Expectation } from '../../compare/expectation.ts';
import { EXIT_STATUS, UnavailableError, UsageError } from '../../errors.ts';
import { VERSION } from '../../host/version.ts';
import { strategyTexts } from '../../pipeline/options.ts';
import { runMode, type ModeRequest, type RanMode } from '../../pipeline/run-mode.ts';
import { makeReport } from '../../report/make-report.ts';
import { exitStatusOfVerdict } from '../../report/report.ts';
import { assertOutput, publishComparison, say, takesStdout, type CompareOutput } from '../compare-output.ts';
import { readExpectation, writeExpectation } from '../expectation-file.ts';
import {
  addDeviceFlags,
  addMachineFlags,
  addReporterFlag,
  addStoreFlags,
  addStrategyFlags,
  addTrialFlags,
  type Flags,
} from '../flags.ts';
import { modeRequests } from '../mode-requests.ts';
import type { CommandContext } from '../program.ts';
import { environmentOf } from '../report-environment.ts';
import { assertStdoutFree, cleanBeforeRun, withReporters, type Reporters } from '../reporters.ts';
import { replayOptions } from '../resolve-options.ts';
import { loadSettings, type Settings } from '../settings.ts';

interface CompareFlags extends Omit<Flags, 'kernel' | 'state' | 'list' | 'shard'> {
  kernel?: string[];
  markdown?: string;
  expect?: string;
  update?: boolean;
}

export function addCompareCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('compare')
    .description('record and replay the same workload on several file systems, modes and kernels: one table')
    .action((flags: CompareFlags) => compare(flags, context));
  addTrialFlags(addStrategyFlags(command));
  addStoreFlags(command);
  addDeviceFlags(command);
  addMachineFlags(command, 'several');
  addReporterFlag(command)
    .option('--json <file>', 'write the table as JSON (schema/comparison.schema.json); - for standard output')
    .option('--markdown <file>', 'write the table as Markdown; - for standard output')
    .option('--expect <file>', 'compare verdicts and classes with a committed table: exit 0 when equal, 1 when not')
    .option('--update', 'write what was found to the file of --expect');
}

async function compare(flags: CompareFlags, context: CommandContext): Promise<void> {
  const { kernel: kernels = [], markdown, expect, update = false, ...others } = flags;
  const settings = await loadSettings(others);
  const output = { json: settings.json, markdown, expect };
  const requests = modeRequests(settings, kernels);
  assertOutput(output);
  assertStdoutFree(settings.reporter, 'compare');
  if (update && expect === undefined) throw new UsageError('--update writes the file of --expect, which is not given');
  const expected = expect === undefined || update ? undefined : readExpectation(expect);
  const streams = takesStdout(output) ? { ...settings, json: '-' } : settings;
  const status = await withReporters(streams, async (reporters) => {
    cleanBeforeRun(settings, reporters);
    const ran = await runModes(requests, reporters, context.signal);
    const comparison = compareModes(
      questionOf(settings),
      ran.map(({ result }) => result),
    );
    publishRuns(ran, reporters);
    await publishComparison(comparison, output);
    if (expected) return judge(expected, comparison, output);
    if (update && expect !== undefined) return save(expect, comparison, output);
    return exitStatusOfVerdict(comparison.verdict);
  });
  context.setStatus(status);
}

/** @throws the first mode's error when none could be run */
async function runModes(
  requests: readonly ModeRequest[],
  { onEvent }: Reporters,
  signal: AbortSignal,
): Promise<RanMode[]> {
  const ran: RanMode[] = [];
  for (const request of requests) {
    onEvent({ type: 'note', text: `mode ${ran.length + 1} of ${requests.length}: ${request.mode.name}` });
    ran.push(await runMode(request, onEvent, signal));
  }
  if (ran.every(({ replayed }) => replayed === undefined)) throw ran[0]!.error;
  return ran;
}

function questionOf(settings: Settings): Parameters<typeof compareModes>[0] {
  const options = replayOptions(settings);
  const environment = { powercut: VERSION, node: process.version };
  return { environment, strategies: strategyTexts(options), seed: options.seed };
}

/** The runs one by one, for reporters that know of runs and not of tables. */
function publishRuns(ran: readonly RanMode[], { onEvent }: Reporters): void {
  const replayed = ran.flatMap(({ replayed: done }) => (done ? [done] : []));
  const report = makeReport(
    environmentOf(replayed[0]!),
    replayed.map(({ run }) => run),
  );
  onEvent({ type: 'run-end', report });
}

async function judge(expected: Expectation, comparison: Comparison, output: CompareOutput): Promise<number> {
  const changes = changesBetween(expected, expectationOf(comparison));
  const gaps = gapsOf(comparison);
  const lines = [...changes, ...gaps].map((line) => `  ${line}`);
  if (changes.length > 0) {
    await say(['', `not as expected by ${output.expect}:`, ...lines], output);
    return EXIT_STATUS.violated;
  }
  if (gaps.length > 0) {
    await say(['', `nothing contradicts ${output.expect}, but:`, ...lines], output);
    return EXIT_STATUS.unknown;
  }
  await say(['', `as expected by ${output.expect}`], output);
  return EXIT_STATUS.held;
}

/** @throws UnavailableError when a mode was not run to its end: a gap must not become what is expected */
async function save(file: string, comparison: Comparison, output: CompareOutput): Promise<number> {
  const gaps = gapsOf(comparison);
  if (gaps.length > 0) {
    throw new UnavailableError(`--update: ${file} is left as it was, since ${gaps.join('; ')}`);
  }
  await writeExpectation(file, expectationOf(comparison));
  await say(['', `written: ${file}`], output);
  return EXIT_STATUS.held;
}
