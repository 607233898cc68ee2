import { oneLine } from '../../one-line.ts';
import type { Reporter, RunEvent } from '../events.ts';
import type { Report, RunReport } from '../report.ts';
import type { ReporterContext } from '../reporter-context.ts';
import { explainFinding, gapsIn } from '../run-words.ts';
import { stepSummary } from '../step-summary.ts';

/** The service shows no more annotations of one kind for a step. */
const ANNOTATIONS_MAX = 10;

/**
 * For GitHub Actions: an annotation for each finding and for what was not judged, and a Markdown summary of the job.
 *
 * Annotations go to standard error, which the service reads as it does standard output: that one may be in a file, or hold
 * another reporter's document.
 */
export function createGithubReporter(context: ReporterContext): Reporter {
  const { stderr, environment } = context;
  const annotate = (kind: 'error' | 'warning', title: string, message: string): void =>
    stderr.write(`::${kind} title=${escapeProperty(title)}::${escapeData(message)}\n`);
  return {
    onEvent(event: RunEvent): void {
      if (event.type !== 'run-end') return;
      const { report } = event;
      for (const { title, message } of findingAnnotations(report)) annotate('error', title, message);
      for (const run of report.runs) warnOfGaps(run, annotate);
      const path = environment['GITHUB_STEP_SUMMARY'];
      if (path) context.appendFile(path, stepSummary(report));
    },
    close(failure?: string): void {
      if (failure !== undefined) annotate('error', 'powercut', failure);
    },
  };
}

interface Annotation {
  readonly title: string;
  readonly message: string;
}

/** The last place tells of those that find none. */
function findingAnnotations({ runs }: Report): Annotation[] {
  const all = runs.flatMap(({ filesystem, findings }) =>
    findings.map((finding) => ({
      title: `powercut: ${finding.class} on ${filesystem}`,
      message: explainFinding(finding).join('\n'),
    })),
  );
  if (all.length <= ANNOTATIONS_MAX) return all;
  const left = all.length - ANNOTATIONS_MAX + 1;
  const rest = { title: `powercut: ${left} more findings`, message: 'See the summary of the job.' };
  return [...all.slice(0, ANNOTATIONS_MAX - 1), rest];
}

function warnOfGaps(run: RunReport, annotate: (kind: 'warning', title: string, message: string) => void): void {
  const gaps = gapsIn([run]);
  if (gaps.length === 0) return;
  const reasons = (run.unknowns ?? []).map(({ reason, state, states }) => `${states} x ${oneLine(reason)} (${state})`);
  annotate('warning', `powercut: not all is known of ${run.filesystem}`, [gaps.join('; '), ...reasons].join('\n'));
}

/** As the service's own toolkit does it: a line end would end the command, and what follows could be one more. */
const escapeData = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
