import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Recovered } from '../checks/invariants/invariant.ts';
import { parseDump } from '../checks/oracle/dump.ts';
import { Oracle, type Ruling } from '../checks/oracle/oracle.ts';
import { recoverVerdict } from '../checks/outcome.ts';
import type { Verdict } from '../checks/verdict.ts';
import type { LogIndex } from '../dmlog/log-index.ts';
import type { CommandRun } from '../host/run-command.ts';
import { windowEnd } from '../replay/acknowledged.ts';
import { parseCrashState } from '../replay/crash-state.ts';
import { HISTORY_FILE, parseHistory } from '../stores/history.ts';
import { MIB } from '../units.ts';
import { HistoryMarks } from './history-marks.ts';
import type { OpenRequest } from './requests.ts';

export interface RunLimits {
  readonly timeoutMs: number;
  readonly stdoutBytesMax?: number;
}

/** Runs a command of the store's on the crash state that is mounted. */
export type RunOnState = (words: readonly string[], limits: RunLimits) => Promise<CommandRun>;

const DUMP_BYTES_MAX = 64 * MIB;

/** Asks the recovered store what it holds, and holds that against the recording's history. */
export class DumpJudge {
  readonly #dump: readonly string[];
  readonly #request: OpenRequest;
  readonly #index: LogIndex;
  readonly #marks: HistoryMarks | undefined;
  readonly #oracle: Oracle;

  /** @returns undefined when there is no dump command */
  static for(request: OpenRequest, index: LogIndex): DumpJudge | undefined {
    return request.dump && new DumpJudge(request, request.dump, index);
  }

  private constructor(request: OpenRequest, dump: readonly string[], index: LogIndex) {
    const path = join(request.folder, HISTORY_FILE);
    const history = existsSync(path) ? parseHistory(readFileSync(path, 'utf8')) : undefined;
    this.#request = request;
    this.#dump = dump;
    this.#index = index;
    this.#marks = history && new HistoryMarks(index, history);
    this.#oracle = new Oracle(history, request.durability);
  }

  /** @param recovery the verdict on the store's own recovery, which has run */
  async judge(recovery: Verdict, state: string, run: RunOnState): Promise<Ruling> {
    const recovered = await this.#look(recovery, run);
    const again = this.#request.repeatRecovery && recovered.kind === 'opened' ? await this.#lookAgain(run) : undefined;
    const passed = this.#marks?.passedBefore(windowEnd(this.#index, parseCrashState(state))) ?? -1;
    return this.#oracle.judge(recovered, passed, again);
  }

  async #lookAgain(run: RunOnState): Promise<Recovered> {
    const { recover, recoverTimeoutMs } = this.#request;
    const recovery: Verdict = recover
      ? recoverVerdict(await run(recover, { timeoutMs: recoverTimeoutMs }))
      : { kind: 'ok' };
    return this.#look(recovery, run);
  }

  async #look(recovery: Verdict, run: RunOnState): Promise<Recovered> {
    if (recovery.kind !== 'ok') return { kind: 'failed', verdict: recovery };
    const { checkTimeoutMs: timeoutMs } = this.#request;
    const dumped = await run(this.#dump, { timeoutMs, stdoutBytesMax: DUMP_BYTES_MAX });
    const verdict = recoverVerdict(dumped, 'dump');
    if (verdict.kind !== 'ok') return { kind: 'failed', verdict };
    if (dumped.stdoutCut) return unknown('the dump is longer than 64 MiB');
    const dump = parseDump(dumped.stdout);
    return dump.kind === 'entries' ? { kind: 'opened', entries: dump.entries } : unknown(dump.reason);
  }
}

const unknown = (reason: string): Recovered => ({ kind: 'failed', verdict: { kind: 'unknown', reason } });
