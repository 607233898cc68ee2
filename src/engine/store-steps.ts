import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkAnswerVerdict, recoverAnswerVerdict, type Answer } from '../checks/answer.ts';
import type { Recovered } from '../checks/invariants/invariant.ts';
import { collectDump, parseDump, type Dump } from '../checks/oracle/dump.ts';
import { checkVerdict, recoverVerdict } from '../checks/outcome.ts';
import type { Verdict } from '../checks/verdict.ts';
import type { RecoveredState } from '../config/config.ts';
import { loadFunction, type ConfigFunctions } from '../config/load-function.ts';
import { endDescendants } from '../host/descendants.ts';
import { runCommand, type CommandRun } from '../host/run-command.ts';
import {
  contractEnvironment,
  fillPlaceholders,
  type ContractValues,
  type PlaceValues,
} from '../stores/placeholders.ts';
import { isFunction, type ConfigFunction, type FunctionPhase } from '../stores/store.ts';
import { MIB } from '../units.ts';
import { callFunction } from './call-function.ts';
import type { StepsRequest } from './requests.ts';

const OK: Verdict = { kind: 'ok' };
const STILL_RUNNING: Verdict = { kind: 'unknown', reason: 'a function that was called before is still running' };
const DUMP_BYTES_MAX = 64 * MIB;

/** Runs the store's own recovery, dump and check on the folder that a crash left, be they commands or functions. */
export class StoreSteps {
  readonly #request: StepsRequest;
  readonly #scratch: string;
  readonly #functions = new Map<FunctionPhase, Promise<ConfigFunctions[FunctionPhase]>>();
  #place: PlaceValues = {};
  #acked: readonly string[] = [];
  #values: ContractValues | undefined;
  #overrun = false;

  /** @param scratch a folder for the file of acknowledged ids */
  constructor(request: StepsRequest, scratch: string) {
    this.#request = request;
    this.#scratch = scratch;
  }

  /** Whether there is anything to run. */
  get any(): boolean {
    const { recover, dump, check } = this.#request;
    return (recover ?? dump ?? check) !== undefined;
  }

  /**
   * A function was late. Nothing can stop it, and it may write wherever a later crash state has its files: nothing more is run
   * here, and this process must end before the next state.
   */
  get overrun(): boolean {
    return this.#overrun;
  }

  /** From now on the steps run on another crash state. @param place where the store lives; @param acked its acknowledged ids */
  begin(place: PlaceValues, acked: readonly string[]): void {
    this.#place = place;
    this.#acked = acked;
    this.#values = undefined;
  }

  async recover(): Promise<Verdict> {
    const { recover, recoverTimeoutMs } = this.#request;
    if (recover === undefined) return OK;
    if (this.#overrun) return STILL_RUNNING;
    if (!isFunction(recover)) return recoverVerdict(await this.#run(recover, recoverTimeoutMs));
    const body = await this.#load(recover, 'recover');
    return recoverAnswerVerdict(await this.#call(() => body(this.#state()), recoverTimeoutMs));
  }

  async check(): Promise<Verdict> {
    const { check, checkTimeoutMs } = this.#request;
    if (check === undefined) return OK;
    if (this.#overrun) return STILL_RUNNING;
    if (!isFunction(check)) return checkVerdict(await this.#run(check, checkTimeoutMs));
    const body = await this.#load(check, 'check');
    return checkAnswerVerdict(await this.#call(() => body(this.#state()), checkTimeoutMs));
  }

  async dump(): Promise<Recovered> {
    const { dump } = this.#request;
    if (dump === undefined) return failed({ kind: 'unknown', reason: 'nothing says what the store holds' });
    if (this.#overrun) return failed(STILL_RUNNING);
    return isFunction(dump) ? this.#callDump(dump) : this.#runDump(dump);
  }

  /**
   * Lets the store recover and says nothing about it: by its own step, or where it has none, by the first of those that open
   * it. A check that comes after a recovery may write for a test, which is no part of a recovery.
   */
  async open(): Promise<void> {
    const { recover, dump } = this.#request;
    if (recover) await this.recover();
    else if (dump) await this.dump();
    else await this.check();
  }

  async #runDump(dump: readonly string[]): Promise<Recovered> {
    const run = await this.#run(dump, this.#request.checkTimeoutMs, DUMP_BYTES_MAX);
    const verdict = recoverVerdict(run, 'dump');
    if (verdict.kind !== 'ok') return failed(verdict);
    if (run.stdoutCut) return failed({ kind: 'unknown', reason: 'the dump is longer than 64 MiB' });
    return opened(parseDump(run.stdout));
  }

  /** Its entries are read within its time limit too: a generator does its work only then. */
  async #callDump(dump: ConfigFunction): Promise<Recovered> {
    const body = await this.#load(dump, 'dump');
    let collected: Dump | undefined;
    const answer = await this.#call(async () => {
      const value = await body(this.#state());
      collected = await collectDump(value, DUMP_BYTES_MAX);
      return value;
    }, this.#request.checkTimeoutMs);
    return answer.kind === 'returned' && collected ? opened(collected) : failed(recoverAnswerVerdict(answer, 'dump'));
  }

  /** As with a command, what it started must not outlive the crash state. */
  async #call(call: () => unknown, timeoutMs: number): Promise<Answer> {
    const answer = await callFunction(call, timeoutMs);
    this.#overrun = answer.kind === 'late';
    await endDescendants();
    return answer;
  }

  #load<Phase extends FunctionPhase>({ module }: ConfigFunction, phase: Phase): Promise<ConfigFunctions[Phase]> {
    const known = this.#functions.get(phase) ?? loadFunction(module, phase);
    this.#functions.set(phase, known);
    return known as Promise<ConfigFunctions[Phase]>;
  }

  #state(): RecoveredState {
    const acked = this.#acked;
    const { dir, device } = this.#place;
    const place = { dir: dir ?? device ?? '', ...this.#place };
    return { ...place, acked, count: acked.length, last: acked.at(-1) ?? '' };
  }

  #run(words: readonly string[], timeoutMs: number, stdoutBytesMax?: number): Promise<CommandRun> {
    const { cwd, env } = this.#request;
    const values = (this.#values ??= this.#writeValues());
    return runCommand(fillPlaceholders(words, values), {
      cwd,
      timeoutMs,
      ...(stdoutBytesMax !== undefined && { stdoutBytesMax }),
      env: { ...env, ...contractEnvironment(values) },
    });
  }

  /** Functions are given the ids themselves, so only a command needs the file. */
  #writeValues(): ContractValues {
    const { acked, count, last } = this.#state();
    const file = join(this.#scratch, 'acked');
    writeFileSync(file, acked.map((id) => `${id}\n`).join(''));
    return { ...this.#place, acked: file, count, last };
  }
}

const failed = (verdict: Verdict): Recovered => ({ kind: 'failed', verdict });

function opened(dump: Dump): Recovered {
  if (dump.kind === 'entries') return { kind: 'opened', entries: dump.entries };
  return failed({ kind: 'unknown', reason: dump.reason });
}
