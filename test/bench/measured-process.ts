import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Task, type TaskResult, taskResult } from './tasks.ts';

const RUN_TASK = fileURLToPath(new URL('./run-task.ts', import.meta.url));

/** Does a task in a process of its own, so that its memory and its processor time are its own. */
export async function measured(task: Task): Promise<TaskResult> {
  const child = startTask(task);
  let printed = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`The task ${task.kind} ended with ${code}.`);
  return taskResult.parse(JSON.parse(printed));
}

/**
 * The heap of the memory tasks. Left to itself, Node lets garbage grow with the machine's memory, and the peak tells
 * of that; in a small heap it tells what the work needs.
 */
const SMALL_HEAP = ['--max-old-space-size=160', '--max-semi-space-size=8'];
/** The same for a publication, which holds a file and the rows that go into it. */
const LAKE_HEAP = ['--max-old-space-size=512', '--max-semi-space-size=8'];

export function startTask(task: Task): ChildProcess {
  const flags = task.kind === 'memory' ? SMALL_HEAP : task.kind === 'lake' ? LAKE_HEAP : [];
  return spawn(process.execPath, [...flags, RUN_TASK, JSON.stringify(task)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}
