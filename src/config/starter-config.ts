/** The file that `powercut init` writes: valid as it stands, with what there is besides in comments. */

/** What was found in a project; commands are as the configuration wants them. */
export interface Project {
  readonly typescript: boolean;
  /** Whether `powercut` can be imported from there. */
  readonly installed: boolean;
  readonly commands: { readonly [Phase in StarterPhase]?: string };
  /** Names of file systems whose tools are here. */
  readonly filesystems: readonly string[];
}

export const STARTER_PHASES = ['setup', 'workload', 'recover', 'dump', 'check'] as const;
export type StarterPhase = (typeof STARTER_PHASES)[number];

interface Line {
  readonly comment: string;
  /** Stands in a comment itself unless `isSet`. */
  readonly option: string;
  readonly isSet: boolean;
}

/** What a command is told besides the directory. */
export const STARTER_ARGUMENTS: Readonly<Record<StarterPhase, string>> = {
  setup: '{dir}',
  workload: '{dir}',
  recover: '{dir}',
  dump: '{dir}',
  check: '{dir} {count}',
};

const COMMENTS: Readonly<Record<StarterPhase, string>> = {
  setup: 'Runs once on the fresh file system, before recording.',
  workload: 'Writes to {dir} and prints "ack <id>" after each operation that your store reported durable.',
  recover: "Your store's own recovery, run on each crash state before dump and check.",
  dump: 'Prints what the recovered store holds, one JSON line a key; judged by the history of the workload.',
  check: 'Judges a crash state: exit 0 holds, exit 1 and a first line such as "lost: acked 7, recovered 6" violated.',
};

/** Without these two nothing can be told, so they are written even where there is no program yet. */
const NEEDED: readonly StarterPhase[] = ['workload', 'check'];

export function starterConfig(project: Project): string {
  const { filesystems, installed } = project;
  const lines = [
    '// How powercut tests this store; every option can be given on the command line too, and wins there.',
    '// Then: npx powercut replay',
    ...(installed
      ? ["import { defineConfig } from 'powercut';", '', 'export default defineConfig({']
      : ['', 'export default {']),
    ...STARTER_PHASES.flatMap((phase) => render(commandLine(phase, project))),
    ...render({
      comment: `File systems, each recorded and replayed. Their tools are here for: ${filesystems.join(', ') || 'none'}.`,
      option: `fs: ${JSON.stringify([filesystems[0] ?? 'ext4'])}`,
      isSet: true,
    }),
    ...OTHERS.flatMap(render),
  ];
  return `${lines.join('\n')}\n${installed ? '});' : '};'}\n`;
}

function commandLine(phase: StarterPhase, { commands }: Project): Line {
  const found = commands[phase];
  const isSet = found !== undefined || NEEDED.includes(phase);
  const comment = found === undefined && isSet ? `${COMMENTS[phase]} Yet to be written.` : COMMENTS[phase];
  return { comment, option: `${phase}: ${JSON.stringify(found ?? `./${phase} ${STARTER_ARGUMENTS[phase]}`)}`, isSet };
}

const OTHERS: readonly Line[] = [
  { comment: 'Size of the recorded device.', option: 'size: "256M"', isSet: false },
  { comment: 'What the store promises of acknowledged operations.', option: 'durability: "sync"', isSet: false },
  { comment: 'Recover and dump every crash state twice, and compare.', option: 'repeatRecovery: true', isSet: false },
  { comment: "Run the file system's own checker on every crash state.", option: 'fsck: true', isSet: false },
  { comment: 'Start no further crash state after this time.', option: 'timeBudget: "10m"', isSet: false },
  { comment: 'How to report.', option: 'reporter: ["line", "junit=powercut.xml"]', isSet: false },
  { comment: 'Where recordings are kept.', option: 'out: ".powercut"', isSet: false },
];

function render({ comment, option, isSet }: Line): string[] {
  return [`  // ${comment}`, isSet ? `  ${option},` : `  // ${option},`];
}
