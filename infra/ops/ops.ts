import { keepCompiled } from '../compile-cache.ts';

keepCompiled();
const { runOps } = await import('./run-ops.ts');
const { processTerminal } = await import('./terminal/terminal.ts');

process.exitCode = await runOps(process.argv.slice(2), processTerminal());
