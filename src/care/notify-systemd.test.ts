import { describe, expect, it } from 'vitest';
import { openSystemdNotifier } from './notify-systemd.ts';

const quiet = (): void => undefined;

describe('openSystemdNotifier', () => {
  it('says nothing without NOTIFY_SOCKET', () => {
    const said: string[] = [];
    const notifier = openSystemdNotifier({
      environment: { WATCHDOG_USEC: '1000' },
      log: quiet,
      isHealthy: () => true,
      run: (argv) => said.push(argv.join(' ')),
    });
    notifier.ready();
    notifier.close();
    expect(said).toEqual([]);
  });

  it('says READY once, and WATCHDOG only while the daemon is healthy', async () => {
    let healthy = false;
    const words: string[] = [];
    let heard: () => void = quiet;
    const watched = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const notifier = openSystemdNotifier({
      environment: { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '6000' },
      log: quiet,
      isHealthy: () => healthy,
      run: ([, word = '']) => {
        words.push(word);
        if (word === 'WATCHDOG=1') heard();
      },
    });
    notifier.ready();
    notifier.ready();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(words).toEqual(['READY=1']);
    healthy = true;
    await watched;
    notifier.close();
    expect(words.slice(0, 2)).toEqual(['READY=1', 'WATCHDOG=1']);
  });

  it('tells once that systemd-notify is missing', () => {
    const told: string[] = [];
    const notifier = openSystemdNotifier({
      environment: { NOTIFY_SOCKET: '/run/systemd/notify' },
      log: (_, message) => told.push(message),
      isHealthy: () => true,
      run: (_, onError) => {
        onError(new Error('spawn systemd-notify ENOENT'));
        onError(new Error('spawn systemd-notify ENOENT'));
      },
    });
    notifier.ready();
    expect(told).toEqual(['systemd is not told READY=1: spawn systemd-notify ENOENT']);
  });
});
