import { StepError } from '../errors.ts';
import { runCommand } from '../host/run-command.ts';
import { contractEnvironment, fillPlaceholders, type PlaceValues } from '../stores/placeholders.ts';
import type { CommandContext } from './requests.ts';

export interface SetUpRequest extends CommandContext {
  readonly setup?: readonly string[];
  readonly workloadTimeoutMs: number;
}

/** Runs the store's own set-up, if it has one, where it is to live. @throws StepError `setup-failed` */
export async function runSetUp(request: SetUpRequest, place: PlaceValues): Promise<void> {
  if (!request.setup) return;
  const { cwd, env, workloadTimeoutMs: timeoutMs } = request;
  const argv = fillPlaceholders(request.setup, place);
  const run = await runCommand(argv, { cwd, timeoutMs, env: { ...env, ...contractEnvironment(place) } });
  if (run.exitStatus === 0) return;
  const how = run.timedOut ? `did not end within ${timeoutMs / 1000} s` : `ended with ${run.exitStatus ?? run.signal}`;
  throw new StepError('setup-failed', `the set-up command ${how}: ${argv.join(' ')}\n${run.stderr.trimEnd()}`);
}
