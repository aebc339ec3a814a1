import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Kills the processes in which the emulator runs a function; answers how many there were. */
export async function killFunction(namePrefix: string): Promise<number> {
  // `e` shows the environment, on Linux and macOS alike.
  const { stdout } = await run('ps', ['axeww', '-o', 'pid=,command='], { maxBuffer: 64 * 1024 * 1024 });
  const pids = stdout
    .split('\n')
    .filter((line) => line.includes(`AWS_LAMBDA_FUNCTION_NAME=${namePrefix}`))
    .map((line) => Number.parseInt(line, 10));
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  return pids.length;
}
