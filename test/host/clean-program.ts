/** Cleans and prints what it did. Never run as root by a test: it acts on the whole machine. */
import { cleanLeftovers } from '../../src/host/clean.ts';

process.stdout.write(JSON.stringify(cleanLeftovers(process.argv[3]!)));
