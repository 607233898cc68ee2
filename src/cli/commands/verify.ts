import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { EXIT_STATUS, UsageError } from '../../errors.ts';
import { oneLine } from '../../one-line.ts';
import { whyRefused } from '../../verify/legality.ts';
import { readLog, type ReadLog } from '../../verify/log.ts';
import type { Claimed } from '../../verify/claims.ts';
import { readFindings } from '../../verify/findings.ts';
import { append } from '../flags.ts';
import type { CommandContext } from '../program.ts';
import { writeOut } from '../write-out.ts';

interface CertifiedFinding {
  readonly what: string;
  readonly certificate: Claimed;
}

interface VerifyFlags {
  log?: string[];
  out?: string;
}

export function addVerifyCommand(program: Command, context: CommandContext): void {
  program
    .command('verify')
    .argument('<finding>', 'what --json wrote, or one finding or certificate of it')
    .argument('[recordings...]', 'folders of recordings (default: those that the certificates name, in --out)')
    .description('prove, from the log alone, that findings are about disks that a power cut can leave')
    .option('--log <file>', 'a write log, instead of a recording (repeatable)', append)
    .option('--out <dir>', 'where recordings are kept (default: .powercut)')
    .action((file: string, folders: string[], flags: VerifyFlags) => verify(file, folders, flags, context));
}

async function verify(file: string, folders: string[], flags: VerifyFlags, context: CommandContext): Promise<void> {
  const findings = readFindings(file);
  const given = [...(flags.log ?? []), ...folders.map(logIn)].map((path) => readLog(path));
  const logOf = given.length > 0 ? (finding: CertifiedFinding) => amongGiven(finding, given) : namedIn(flags.out);
  if (findings.length === 0) await writeOut(`${file}: no findings, so there is nothing to prove\n`);
  for (const finding of findings) {
    const { what, certificate } = finding;
    if (certificate === undefined) {
      await writeOut(`not proved: ${what}, ${finding.unprovable}\n`);
      continue;
    }
    const why = finding.contradiction ?? whyRefused(certificate, logOf({ what, certificate }));
    if (why !== undefined) context.setStatus(EXIT_STATUS.violated);
    await writeOut(`${verdictLine(what, certificate, why)}\n`);
  }
}

function verdictLine(what: string, { state, assumption }: Claimed, why: string | undefined): string {
  // What comes from a file may hold anything; a terminal must not.
  const name = `${what}, state ${JSON.stringify(state)}`;
  return why === undefined ? `legal: ${name}, assuming ${assumption}` : `illegal: ${name}: ${oneLine(why)}`;
}

function logIn(folder: string): string {
  const path = join(folder, 'log');
  if (statSync(path, { throwIfNoEntry: false })) return path;
  throw new UsageError(`${folder} is no recording: it has no log (a log alone is given with --log)`);
}

function amongGiven({ what, certificate }: CertifiedFinding, logs: readonly ReadLog[]): ReadLog {
  const found = logs.find(({ sha256 }) => sha256 === certificate.sha256);
  if (found) return found;
  throw new UsageError(
    `${what} is about another log, with the sha256 ${JSON.stringify(certificate.sha256)}; given: ${logs.map(({ sha256 }) => sha256).join(', ')}`,
  );
}

/** Each log is read once. */
function namedIn(out = '.powercut'): (finding: CertifiedFinding) => ReadLog {
  const logs = new Map<string, ReadLog>();
  return (finding) => {
    const { recording } = finding.certificate;
    if (!/^\w[\w.-]*$/.test(recording)) {
      throw new UsageError(`${finding.what} names no recording: ${JSON.stringify(recording)}; give one, or --log`);
    }
    const known = logs.get(recording) ?? readLog(logIn(join(out, 'recordings', recording)));
    logs.set(recording, known);
    return known;
  };
}
