/**
 * Lines by which the kernel reports its own failure, wherever it happened in the code of these folders and functions.
 * Sources: `__warn` in kernel/panic.c, whose wording changed in 6.18 (`WARNING: CPU: 1 PID: 7 at fs/ext4/inode.c:5 f+0x1`
 * became `WARNING: fs/ext4/inode.c:5 at f+0x1, CPU#1: mount/7`); `report_bug` in lib/bug.c (`kernel BUG at`);
 * `print_error_description` in mm/kasan/report.c and its kin (`BUG: KASAN: use-after-free in f+0x1`).
 *
 * A wild pointer names neither folder nor function on its own line. It counts all the same: while a crash state is being
 * mounted and checked, the file system's code is what runs, and a kernel that oopsed then has to be seen by a person.
 * Not here on purpose: soft lockups, hung tasks and RCU stalls, which a slow virtual machine prints without any fault.
 */
export function kernelCrashPatterns(folders: readonly string[], functionPrefixes: readonly string[]): RegExp[] {
  const folder = `fs/(?:${folders.join('|')})/`;
  const prefix = `(?:${functionPrefixes.join('|')})`;
  return [
    new RegExp(`\\bWARNING: .*\\b${folder}`),
    new RegExp(`\\bkernel BUG at ${folder}`),
    new RegExp(`\\bBUG: K[A-Z]+: .* in _*${prefix}`),
    /\bBUG: (?:kernel NULL pointer dereference|unable to handle)/,
    /\bOops: /,
  ];
}
