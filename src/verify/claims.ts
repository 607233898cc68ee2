/** Is a value from outside a certificate at all? Here it is only shaped; whether it is true, legality.ts says. */
import { UsageError } from '../errors.ts';

export type Pair = readonly [number, number];

export interface Claim {
  readonly entries: readonly Pair[];
  readonly disk: string;
  readonly sectors: readonly Pair[] | undefined;
  readonly rule: string;
  readonly barrier: number | undefined;
}

export interface Claimed {
  readonly state: string;
  readonly recording: string;
  readonly sha256: string;
  readonly entries: number;
  readonly crashPoint: number | undefined;
  readonly lyingFrom: number | undefined;
  readonly ioErrorFrom: number | undefined;
  readonly cutBefore: number | undefined;
  readonly assumption: string;
  readonly writes: readonly Claim[];
}

/** @param what for messages, such as "finding 1 of report.json". @throws UsageError for what is no certificate */
export function readCertificate(value: unknown, what: string): Claimed {
  const whole = object(value, what);
  if (whole['formatVersion'] !== 1) throw no(what, 'its "formatVersion" is not 1');
  const log = object(whole['log'], `${what}: "log"`);
  const writes = array(whole['writes'], `${what}: "writes"`);
  return {
    state: text(whole, 'state', what),
    recording: text(log, 'recording', what),
    sha256: text(log, 'sha256', what),
    entries: number(log, 'entries', what)!,
    crashPoint: optional(whole, 'crashPoint', what),
    lyingFrom: optional(whole, 'lyingFrom', what),
    ioErrorFrom: optional(whole, 'ioErrorFrom', what),
    cutBefore: optional(whole, 'cutBefore', what),
    assumption: text(whole, 'assumption', what),
    writes: writes.map((claim, i) => readClaim(claim, `${what}: claim ${i + 1}`)),
  };
}

function readClaim(value: unknown, what: string): Claim {
  const claim = object(value, what);
  return {
    entries: pairs(claim['entries'], what),
    disk: text(claim, 'disk', what),
    sectors: claim['sectors'] === undefined ? undefined : pairs(claim['sectors'], what),
    rule: text(claim, 'rule', what),
    barrier: optional(claim, 'barrier', what),
  };
}

/** @throws UsageError when it is no JSON object */
export function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw no(what, 'it is no object');
}

function array(value: unknown, what: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw no(what, 'it is no list');
}

function text(from: Record<string, unknown>, name: string, what: string): string {
  const value = from[name];
  if (typeof value === 'string') return value;
  throw no(what, `its "${name}" is no text`);
}

function number(from: Record<string, unknown>, name: string, what: string): number {
  const value = from[name];
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw no(what, `its "${name}" is no whole number from 0 up`);
}

const optional = (from: Record<string, unknown>, name: string, what: string): number | undefined =>
  from[name] === undefined ? undefined : number(from, name, what);

/** Ascending, so that nothing is in it twice. */
function pairs(value: unknown, what: string): Pair[] {
  let least = 0;
  return array(value, what).map((pair) => {
    const [first, last, ...more] = array(pair, what) as number[];
    const isSpan = Number.isSafeInteger(first) && Number.isSafeInteger(last) && more.length === 0;
    if (!isSpan || first! < least || last! < first!) throw no(what, 'its pairs [first, last] do not ascend');
    least = last! + 1;
    return [first!, last!];
  });
}

const no = (what: string, why: string): UsageError => new UsageError(`${what} is no certificate: ${why}`);
