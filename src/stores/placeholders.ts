import { closest } from '../closest.ts';
import { UsageError } from '../errors.ts';
import type { CommandPhase } from './store.ts';

/** Where the store lives: one of the two. */
export interface PlaceValues {
  /** Where the file system is mounted. */
  readonly dir?: string;
  /** Path of the device, where there is no file system. */
  readonly device?: string;
}

/** What a command is told of its crash state, by placeholders and by environment variables alike. */
export interface ContractValues extends PlaceValues {
  /** Which of the workload's processes it is, from 0. */
  readonly writer?: number;
  /** Path of a file with the acknowledged ids, one a line. */
  readonly acked?: string;
  /** How many were acknowledged. */
  readonly count?: number;
  /** The last acknowledged id; empty when there is none. */
  readonly last?: string;
}

type Placeholder = keyof ContractValues;

const NAMES: readonly Placeholder[] = ['dir', 'device', 'writer', 'acked', 'count', 'last'];
const PLACEHOLDER = /\{(dir|device|writer|acked|count|last)\}/g;
/** `${dirs}` is a variable of some shell's. */
const LOOKS_LIKE_ONE = /(?<!\$)\{([A-Za-z]+)\}/g;
/** Nothing is acknowledged before the workload has run, so only these know more than the directory. */
const PHASES_WITH_ACKNOWLEDGEMENTS: readonly CommandPhase[] = ['recover', 'dump', 'check'];

/**
 * Replaces `{dir} {device} {writer} {acked} {count} {last}` anywhere inside the arguments. What was put in is not looked at again, and
 * any other text in braces stays as it is: it may be awk or JSON.
 */
export function fillPlaceholders(argv: readonly string[], values: ContractValues): string[] {
  return argv.map((word) =>
    word.replace(PLACEHOLDER, (whole, name: string) => {
      const value = values[name as Placeholder];
      return value === undefined ? whole : String(value);
    }),
  );
}

/**
 * Letters alone in braces that are nearly the name of a placeholder are a slip: `{dirr}` would reach the command as it
 * stands, and the store be written elsewhere. Whatever else stands in braces is the command's own.
 *
 * @throws UsageError for such a slip, and for a placeholder without a value in this phase, such as `{acked}` in the workload
 */
export function assertPlaceholders(argv: readonly string[], phase: CommandPhase): void {
  for (const word of argv) assertSpelling(word, phase);
  if (PHASES_WITH_ACKNOWLEDGEMENTS.includes(phase)) return;
  for (const word of argv) {
    for (const [whole, name] of word.matchAll(PLACEHOLDER)) {
      if (name === 'dir' || name === 'device' || (name === 'writer' && phase === 'workload')) continue;
      throw new UsageError(
        `${whole} has no meaning in the ${phase} command (in "${word}"): nothing is acknowledged before the workload ` +
          `has run; ${phase} knows {dir} or {device} only, recover, dump and check also {acked}, {count} and {last}`,
      );
    }
  }
}

/**
 * A folder is not a device: the placeholder of the other would reach the command as it stands.
 * @param place what there is: `dir` with a file system, `device` without
 * @param on of what run, for the message: `with --fs raw`
 * @throws UsageError
 */
export function assertPlace(argv: readonly string[], phase: CommandPhase, place: keyof PlaceValues, on: string): void {
  const other = place === 'dir' ? 'device' : 'dir';
  const word = argv.find((each) => each.includes(`{${other}}`));
  if (word === undefined) return;
  throw new UsageError(
    `{${other}} has no meaning in the ${phase} command (in "${word}") ${on}, ` +
      (place === 'dir' ? 'where the store lives in a folder: say {dir}' : 'where there is no folder: say {device}'),
  );
}

function assertSpelling(word: string, phase: CommandPhase): void {
  for (const [whole, name = ''] of word.matchAll(LOOKS_LIKE_ONE)) {
    const meant = closest(name, NAMES);
    if (meant === undefined || meant === name) continue;
    const elsewhere = whole === word ? '' : ` (in "${word}")`;
    throw new UsageError(
      `the ${phase} command says ${whole}${elsewhere}, which is no placeholder; did you mean {${meant}}? ` +
        `If it is meant as it stands, put the command into a script`,
    );
  }
}

/** The same values for programs that rather read their environment. */
export function contractEnvironment(values: ContractValues): Record<string, string> {
  return {
    ...(values.dir !== undefined && { POWERCUT_DIR: values.dir }),
    ...(values.device !== undefined && { POWERCUT_DEVICE: values.device }),
    ...(values.writer !== undefined && { POWERCUT_WRITER: String(values.writer) }),
    ...(values.acked !== undefined && { POWERCUT_ACKED: values.acked }),
    ...(values.count !== undefined && { POWERCUT_ACK_COUNT: String(values.count) }),
    ...(values.last !== undefined && { POWERCUT_LAST_ACK: values.last }),
  };
}
