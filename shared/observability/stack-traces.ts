import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

/**
 * Part of every bundle: stack traces name the sources instead of the bundle. The source map is read when the first
 * trace is wanted; Node's own `--enable-source-maps` reads it at every start of a function.
 */
Error.prepareStackTrace = (error, frames) =>
  [String(error), ...frames.map((frame) => `    at ${describe(frame)}`)].join('\n');

let map: SourceMap | undefined;

function describe(frame: NodeJS.CallSite): string {
  const text = frame.toString();
  if (frame.getFileName() !== import.meta.url) return text;
  try {
    map ??= new SourceMap(JSON.parse(readFileSync(`${import.meta.filename}.map`, 'utf8')));
    const origin = map.findOrigin(frame.getLineNumber() ?? 0, frame.getColumnNumber() ?? 0);
    if (!('fileName' in origin)) return text;
    const source = origin.fileName.replace(/^(?:\.\.\/)+/, '');
    return `${frame.getFunctionName() ?? '<anonymous>'} (${source}:${origin.lineNumber}:${origin.columnNumber})`;
  } catch {
    return text;
  }
}
