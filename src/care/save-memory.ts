/** Trades compilers for memory: the daemon runs a few milliseconds of JavaScript a second, which the interpreter does as well. */

const compilers = ['opt', 'maglev', 'sparkplug'] as const;

/** Sets a flag of V8: v8.setFlagsFromString. */
export type SetFlag = (flag: string) => void;

/** 4 MB of 63 at three backends, measured with Node 24; early, before much is compiled. */
export function saveMemory(setFlag: SetFlag): void {
  for (const compiler of compilers) setFlag(`--no-${compiler}`);
}

/** For the proxy, once every byte of somebody goes through it. */
export function compileAgain(setFlag: SetFlag): void {
  for (const compiler of compilers) setFlag(`--${compiler}`);
}
