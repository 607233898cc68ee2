/** From a state of the planner to the independent checker, by way of JSON, as a report does it. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate } from '../../src/certificate.ts';
import type { LogIndex } from '../../src/dmlog/log-index.ts';
import { certificateOf } from '../../src/replay/certificate.ts';
import type { CrashState } from '../../src/replay/crash-state.ts';
import { readCertificate } from '../../src/verify/claims.ts';
import { whyRefused } from '../../src/verify/legality.ts';
import { readLog, type ReadLog } from '../../src/verify/log.ts';

/** Reads the bytes as the checker does: from a file. */
export function readBytes(bytes: Uint8Array): ReadLog {
  const folder = mkdtempSync(join(tmpdir(), 'powercut-verify-test-'));
  try {
    writeFileSync(join(folder, 'log'), bytes);
    return readLog(join(folder, 'log'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** @param sha256 of the log */
export const certify = (index: LogIndex, sha256: string, state: CrashState): Certificate =>
  certificateOf(index, { recording: '20261121-074430-a1b2c3', sha256 }, state);

/** @returns why it is refused */
export const prove = (certificate: unknown, log: ReadLog): string | undefined =>
  whyRefused(readCertificate(JSON.parse(JSON.stringify(certificate)), 'certificate'), log);
