/** Finds the certificates in what `powercut replay --json` wrote, or in a part of it. */
import { readFileSync, statSync } from 'node:fs';
import { UsageError } from '../errors.ts';
import { object, readCertificate, type Claimed } from './claims.ts';

export interface ReadFinding {
  /** For messages. */
  readonly what: string;
  /** Undefined where no log can prove anything. */
  readonly certificate: Claimed | undefined;
  /** Why no log can. */
  readonly unprovable?: string;
  /** What the finding says otherwise than its certificate. */
  readonly contradiction: string | undefined;
}

/** No report comes near; a larger file is another. */
const FILE_BYTES_MAX = 256 * 1024 * 1024;

/** @throws UsageError when the file holds no finding and no report, or a finding without a certificate */
export function readFindings(path: string): ReadFinding[] {
  const value = object(readJson(path), path);
  if (!('runs' in value)) return [readFinding(value, path)];
  return list(value['runs'], `${path}: "runs"`).flatMap((run, i) => {
    const what = `run ${i + 1}`;
    const findings = list(object(run, what)['findings'], `${path}: "findings" of ${what}`);
    return findings.map((finding, j) => readFinding(object(finding, path), `${what}, finding ${j + 1}`));
  });
}

function readFinding(value: Record<string, unknown>, what: string): ReadFinding {
  if ('writes' in value) return { what, certificate: readCertificate(value, what), contradiction: undefined };
  if (!('certificate' in value)) {
    const unprovable = whyUnprovable(value);
    if (unprovable !== undefined) return { what, certificate: undefined, unprovable, contradiction: undefined };
    throw new UsageError(`${what} has no certificate, nor is it one or a report`);
  }
  const certificate = readCertificate(value['certificate'], what);
  const differs = (['state', 'assumption'] as const).find((name) => value[name] !== certificate[name]);
  return { what, certificate, contradiction: differs && `the finding has another ${differs} than its certificate` };
}

function whyUnprovable({ assumption, duringRecovery }: Record<string, unknown>): string | undefined {
  if (assumption === 'bit-rot') return 'assuming bit-rot: a flipped bit stands in no log';
  if (assumption === 'process') return 'only processes were killed: there is no log';
  return duringRecovery === true ? 'during recovery: the log of a recovery is no part of the recording' : undefined;
}

function list(value: unknown, what: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new UsageError(`${what} is no list`);
}

function readJson(path: string): unknown {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new UsageError(`${path}: no such file`);
  if (!stat.isFile() || stat.size > FILE_BYTES_MAX) throw new UsageError(`${path} is no file that --json wrote`);
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${path} is no JSON`, { cause: error });
  }
}
