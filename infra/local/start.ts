import { keepCompiled } from '../compile-cache.ts';

keepCompiled();
const { runStart } = await import('./run-start.ts');

process.exit(await runStart(process.argv.slice(2)));
