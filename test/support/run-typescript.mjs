// Runs a TypeScript program in a process of its own, on every Node that powercut runs on:
//   node run-typescript.mjs PROGRAM.ts [WORDS]
import { createJiti } from 'jiti';

await createJiti(import.meta.url, { fsCache: false, interopDefault: false }).import(process.argv[2]);
