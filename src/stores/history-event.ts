/**
 * One line of a history, as the workload prints it: an operation was invoked, and how it ended. The words are Jepsen's:
 * `ok` is done, `fail` certainly did not happen, `info` may or may not have happened.
 */
/** What an operation does to one key. `append` puts its value behind the one that is there; nothing there counts as "". */
export type Effect =
  | { readonly op: 'put' | 'append'; readonly key: string; readonly value: string }
  | { readonly op: 'delete'; readonly key: string };

export interface Invocation {
  readonly type: 'invoke';
  readonly id: string;
  /** `txn` is all or nothing; of a `batch` any part may survive a crash. */
  readonly op: Effect['op'] | 'txn' | 'batch';
  readonly effects: readonly Effect[];
  /** Whose operation it is; one session does one thing after the other. */
  readonly session?: string;
  /** Names a durability promise (`--durability`). */
  readonly class?: string;
  /** The workload does not start the operation before it has read a byte in answer to this line. */
  readonly reply: boolean;
  /** When the line was printed, milliseconds of any clock that only goes forward. */
  readonly timeMs?: number;
}

export interface Completion {
  readonly type: 'ok' | 'fail' | 'info';
  readonly id: string;
  readonly timeMs?: number;
}

export type HistoryEvent = Invocation | Completion;

/** Why a line that means to be a history's is none. Dropping it silently would weaken the test. */
export interface BadEvent {
  readonly type: 'bad';
  readonly reason: string;
}

const TYPES = ['invoke', 'ok', 'fail', 'info'];
/** A JSON object that merely looks like one of ours is somebody's transcript. */
const LOOKS_LIKE_EVENT = /^\{.*"type"\s*:\s*"(?:invoke|ok|fail|info)"/s;

/** Undefined when the line is no event of a history. */
export function parseHistoryEvent(line: string): HistoryEvent | BadEvent | undefined {
  if (!LOOKS_LIKE_EVENT.test(line)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return { type: 'bad', reason: `not JSON: ${(error as Error).message}` };
  }
  const fields = value as Fields;
  if (!TYPES.includes(fields['type'] as string)) return undefined;
  try {
    return fields['type'] === 'invoke' ? toInvocation(fields) : toCompletion(fields);
  } catch (error) {
    if (error instanceof BadField) return { type: 'bad', reason: error.message };
    throw error;
  }
}

type Fields = Readonly<Record<string, unknown>>;

class BadField extends Error {}

function toInvocation(fields: Fields): Invocation {
  const { op, session, class: promise } = fields;
  const several = op === 'txn' || op === 'batch';
  const effects = several ? toEffects(fields['ops']) : [toEffect(fields)];
  return {
    type: 'invoke',
    id: toId(fields['id']),
    op: several ? op : effects[0]!.op,
    effects,
    reply: fields['reply'] === true,
    ...(session !== undefined && { session: toWord(session, 'session') }),
    ...(promise !== undefined && { class: toText(promise, 'class') }),
    ...toTime(fields),
  };
}

function toCompletion(fields: Fields): Completion {
  return { type: fields['type'] as Completion['type'], id: toId(fields['id']), ...toTime(fields) };
}

function toEffects(value: unknown): Effect[] {
  if (!Array.isArray(value) || value.length === 0)
    throw new BadField('"ops" must be an array of at least one operation');
  return value.map((each: unknown) => {
    if (typeof each !== 'object' || each === null) throw new BadField('"ops" holds something that is no object');
    return toEffect(each as Fields);
  });
}

function toEffect(fields: Fields): Effect {
  const key = toText(fields['key'], 'key');
  const { op } = fields;
  if (op === 'delete') return { op, key };
  if (op === 'put' || op === 'append') return { op, key, value: toText(fields['value'], 'value') };
  throw new BadField(`"op" is ${JSON.stringify(op)}: expected put, delete, append, txn or batch`);
}

/** Binary data is the workload's to encode: the dump has to come back with the same text. */
function toText(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw new BadField(`"${name}" is ${JSON.stringify(value) ?? 'missing'}: expected a string`);
}

function toWord(value: unknown, name: string): string {
  return typeof value === 'number' ? String(value) : toText(value, name);
}

function toId(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'string') return String(value);
  throw new BadField(`"id" is ${JSON.stringify(value) ?? 'missing'}: expected a number or a string`);
}

function toTime(fields: Fields): { timeMs?: number } {
  const { timeMs } = fields;
  if (timeMs === undefined) return {};
  if (typeof timeMs === 'number' && Number.isFinite(timeMs)) return { timeMs };
  throw new BadField(`"timeMs" is ${JSON.stringify(timeMs)}: expected a number of milliseconds`);
}
