/** The daemon's log: one JSON object a line on standard error, the level chosen by --logger. */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type CareLog = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;

const order: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** `time` is the wall clock for people, `ms` CLOCK_MONOTONIC for measurements: other processes of this machine can compare it. */
export function openLog(least: LogLevel, now: () => number, write: (line: string) => void = (line) => process.stderr.write(line)): CareLog {
  return (level, message, fields = {}) => {
    if (order.indexOf(level) < order.indexOf(least)) return;
    write(`${JSON.stringify({ time: new Date().toISOString(), ms: Math.round(now() * 10) / 10, level, message, ...fields })}\n`);
  };
}
