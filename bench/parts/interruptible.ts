/** Ctrl-C and a time limit, as one signal: whoever is at work stops and puts things back. */

/** Calls work with a signal; a second Ctrl-C ends the process at once. */
export async function interruptible(limitMinutes: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const stop = () => {
    console.error('\nstopping; putting things back (Ctrl-C again: leave everything as it is)');
    controller.abort(new Error('stopped'));
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const timer = setTimeout(() => controller.abort(new Error(`not finished within ${limitMinutes} minutes`)), limitMinutes * 60_000);
  try {
    await work(controller.signal);
  } catch (error) {
    console.error(error instanceof Error ? `FAILED: ${error.message}` : String(error));
    process.exitCode = 1;
  } finally {
    clearTimeout(timer);
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
