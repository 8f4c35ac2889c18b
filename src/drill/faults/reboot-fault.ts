/** A machine that reboots, by the word of its own systemd. */

import type { MachineFault } from './fault.ts';

const bootId = '/proc/sys/kernel/random/boot_id';

/** Later by so many milliseconds, so that the answer gets out first. */
const laterMs = 300;

export const reboot: MachineFault = {
  kind: 'machine',
  possible: `[ -r ${bootId} ] || { echo 'its kernel does not say which boot this is'; exit 1; }\n`,
  // Run a second time, after the machine has come back, it does not reboot again.
  inject: `if [ ! -s "$drill/boot-id" ]; then
  cat ${bootId} > "$drill/boot-id" && sync "$drill/boot-id"
  setsid sh -c 'sleep 0.3; exec systemctl reboot' < /dev/null > /dev/null 2>&1 &
  echo "effect $(($(date +%s%N) + ${laterMs}000000))"
fi
`,
  heal: '',
  gone: `[ -s "$drill/boot-id" ] || exit 0
if [ "$(cat "$drill/boot-id")" = "$(cat ${bootId})" ]; then echo 'it has not rebooted yet'; exit 1; fi
`,
};
