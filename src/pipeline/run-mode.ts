import type { Mode, ModeRun } from '../compare/mode.ts';
import { StepError, UnavailableError } from '../errors.ts';
import type { RunEvent } from '../report/events.ts';
import { recordWorkload } from './record.ts';
import type { Recording } from './recording.ts';
import { replayRecording, type Replayed } from './replay.ts';
import type { RecordOptions, ReplayOptions } from './options.ts';
import { writeCostOf } from './write-cost.ts';

export interface ModeRequest {
  readonly mode: Mode;
  readonly record: RecordOptions;
  /** Made when the recording is there, since it knows the commands that nobody names. */
  readonly replay: (recording: Recording) => ReplayOptions;
}

export interface RanMode {
  readonly result: ModeRun;
  readonly replayed?: Replayed;
  /** Why there is no run. */
  readonly error?: Error;
}

/**
 * Records and replays one of several modes. One that this machine cannot run, or of which no recording can be trusted,
 * must not cost the others their results: it is a value here.
 *
 * @throws UsageError; the signal's reason when it is aborted
 */
export async function runMode(
  { mode, record, replay }: ModeRequest,
  emit: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<RanMode> {
  try {
    const recording = await recordWorkload(record, emit, signal);
    const replayed = await replayRecording(recording, replay(recording), emit, signal);
    const { run, runner } = replayed;
    return { result: { mode, run, cost: writeCostOf(recording), replayKernel: runner.kernel }, replayed };
  } catch (error) {
    if (!(error instanceof UnavailableError || error instanceof StepError)) throw error;
    emit({ type: 'note', text: `${mode.name} is left out: ${firstLine(error)}` });
    return { result: { mode, obstacle: firstLine(error) }, error };
  }
}

/** Detail stands below it. */
const firstLine = ({ message }: Error): string => message.split('\n', 1)[0]!;
