/**
 * Runs the workload on an ordinary folder, kills it (or stops it) at one moment, lets the store recover, and judges what is
 * there. An engine's work, like that on crash states: only one trial runs at a time in a process, since whatever descends
 * from it is ended.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Oracle } from '../checks/oracle/oracle.ts';
import { worse, type Verdict } from '../checks/verdict.ts';
import { runSetUp } from '../engine/run-set-up.ts';
import { judgeStore, type StoreJudgement, type Yardstick } from '../engine/judge-store.ts';
import { StoreSteps } from '../engine/store-steps.ts';
import { StepError } from '../errors.ts';
import { runTool } from '../host/run-tool.ts';
import { withScope, type Scope } from '../host/scope.ts';
import { scratchFolder } from '../host/scratch.ts';
import { lastLines } from '../one-line.ts';
import { measure } from './moment.ts';
import type { OpenKillRequest, TriedKill, TryKillRequest } from './requests.ts';
import { runWriters, type WritersRun } from './run-writers.ts';
import type { Instant } from './tape.ts';

const TAIL_LINES = 4;

export class KillTrier {
  readonly #request: OpenKillRequest;
  readonly #steps: StoreSteps;

  constructor(scope: Scope, request: OpenKillRequest) {
    this.#request = request;
    this.#steps = new StoreSteps(request, scratchFolder(scope));
  }

  /** A function of the last trial is still running: this process must not make another. */
  get overrun(): boolean {
    return this.#steps.overrun;
  }

  /** @throws StepError when set-up fails, or a workload that nobody kills */
  try(request: TryKillRequest): Promise<TriedKill> {
    return withScope(async (scope) => {
      const scratch = scratchFolder(scope);
      const dir = join(scratch, 'store');
      mkdirSync(dir);
      await runSetUp(this.#request, { dir });
      const copy = join(scratch, 'copy');
      const run = await runWriters(scope, {
        ...this.#request,
        ...request,
        dir,
        scratch,
        look: () => copyFolder(dir, copy),
      });
      return this.#judge(request, run, dir, copy);
    });
  }

  async #judge(request: TryKillRequest, run: WritersRun, dir: string, copy: string): Promise<TriedKill> {
    const { tape, stopped, killed, failure, durationMs } = run;
    const end = tape.end(run.unanswered);
    const fault = failure ?? tape.fault;
    if (fault !== undefined) return this.#failed(request, fault, end.acked.length);
    const looked = stopped && (await this.#judgeFolder(copy, tape.at(stopped.acks, stopped.events)));
    const judged = await this.#judgeFolder(dir, end);
    const verdict = looked ? worse(looked.verdict, judged.verdict) : judged.verdict;
    return {
      verdict,
      losses: [...(looked?.losses ?? []), ...(judged.losses ?? [])],
      acked: looked && verdict === looked.verdict ? stopped.acks : end.acked.length,
      killed,
      ...(request.moment === undefined && { measured: measure(tape.timesMs, durationMs, tape.readyLine) }),
    };
  }

  async #judgeFolder(dir: string, instant: Instant): Promise<StoreJudgement> {
    const { dump, durability, repeatRecovery } = this.#request;
    this.#steps.begin({ dir }, instant.acked);
    const yardstick: Yardstick | undefined = dump && {
      oracle: new Oracle(instant.history, durability),
      passed: instant.passed,
      repeatRecovery,
    };
    return judgeStore(this.#steps, yardstick);
  }

  /** A workload that fails by itself has shown nothing; and if it does so undisturbed, no trial will. */
  #failed({ moment }: TryKillRequest, reason: string, acked: number): TriedKill {
    const message = `the workload failed: ${reason}`;
    if (moment === undefined) throw new StepError('workload-failed', `${message}: ${this.#request.workload.join(' ')}`);
    const verdict: Verdict = { kind: 'unknown', reason: message };
    return { verdict, acked, killed: false };
  }
}

/** With everything that a store may rely on: modes, times, holes, links. Sockets and pipes are made anew. */
async function copyFolder(from: string, to: string): Promise<string | undefined> {
  const { exitStatus, output } = await runTool(['cp', '-a', '--', from, to]);
  return exitStatus === 0 ? undefined : `its folder could not be copied: ${lastLines(output, TAIL_LINES)}`;
}
