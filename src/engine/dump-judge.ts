import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Passed } from '../checks/oracle/moment.ts';
import { Oracle } from '../checks/oracle/oracle.ts';
import type { LogIndex } from '../dmlog/log-index.ts';
import { crashEnd, windowEnd } from '../replay/acknowledged.ts';
import { assumptionOf } from '../replay/assumption.ts';
import type { CrashState } from '../replay/crash-state.ts';
import { outerState } from '../replay/crash-path.ts';
import { HISTORY_FILE, parseHistory } from '../stores/history.ts';
import { HistoryMarks } from './history-marks.ts';
import type { Yardstick } from './judge-store.ts';
import type { OpenRequest } from './requests.ts';

/** Finds what a crash state's dump is held against: the recording's history, as far as it had come in the log. */
export class DumpJudge {
  readonly #repeatRecovery: boolean;
  readonly #index: LogIndex;
  readonly #marks: HistoryMarks | undefined;
  readonly #oracle: Oracle;

  /** @returns undefined when there is no dump */
  static for(request: OpenRequest, index: LogIndex): DumpJudge | undefined {
    return request.dump && new DumpJudge(request, index);
  }

  private constructor(request: OpenRequest, index: LogIndex) {
    const path = join(request.folder, HISTORY_FILE);
    const history = existsSync(path) ? parseHistory(readFileSync(path, 'utf8')) : undefined;
    this.#repeatRecovery = request.repeatRecovery;
    this.#index = index;
    this.#marks = history && new HistoryMarks(index, history);
    this.#oracle = new Oracle(history, request.durability);
  }

  yardstickFor(state: string): Yardstick {
    const crash = outerState(state);
    const assumption = assumptionOf(this.#index, crash);
    return {
      oracle: this.#oracle,
      passed: this.#passedAt(crash),
      repeatRecovery: this.#repeatRecovery,
      assumption,
    };
  }

  #passedAt(crash: CrashState): Passed {
    const before = (entry: number): number => this.#marks?.passedBefore(entry) ?? -1;
    const passed = before(windowEnd(this.#index, crash));
    return crash.lyingFrom === undefined ? passed : { passed, reached: before(crashEnd(this.#index, crash)) };
  }
}
