/** A machine's clock moved, and brought back by what its monotonic clock counted meanwhile. */

import type { MachineFault } from './fault.ts';

/** Certificates that were just made are not valid before now, and leases end: forward is what breaks most. */
const movedSeconds = 120;

const uptime = `uptime_cs() { read -r up _ < /proc/uptime; echo "\${up%.*}\${up#*.}"; }
true_ns() { read -r boot ns cs < "$drill/clock"; echo $((ns + ($(uptime_cs) - cs) * 10000000)); }
set_ns() { date -s "@$(($1 / 1000000000)).$(printf %09d $(($1 % 1000000000)))" > /dev/null; }
same_boot() { read -r boot _ < "$drill/clock" && [ "$boot" = "$(cat /proc/sys/kernel/random/boot_id)" ]; }
`;

export const clockMoved: MachineFault = {
  kind: 'machine',
  possible: `if where=$(systemd-detect-virt -c); then echo "it is a container ($where), whose clock is that of the machine below it"; exit 1; fi
grep -q '^CapEff:[[:space:]]*[0-9a-f]*' /proc/self/status || exit 0
cap=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
[ $((0x$cap >> 25 & 1)) = 1 ] || { echo 'it may not set its clock (CAP_SYS_TIME)'; exit 1; }
`,
  // After a reboot the hardware's clock counts, which was never moved.
  inject: `${uptime}if [ ! -s "$drill/clock" ]; then
  echo "$(cat /proc/sys/kernel/random/boot_id) $(date +%s%N) $(uptime_cs)" > "$drill/clock.new"
  mv "$drill/clock.new" "$drill/clock"
fi
effect
set_ns $(($(true_ns) + ${movedSeconds}000000000))
`,
  heal: `${uptime}[ -s "$drill/clock" ] && same_boot || exit 0
set_ns "$(true_ns)"
`,
  gone: `${uptime}[ -s "$drill/clock" ] && same_boot || exit 0
off=$((($(date +%s%N) - $(true_ns)) / 1000000))
if [ "\${off#-}" -gt 1000 ]; then echo "its clock is $off ms off"; exit 1; fi
`,
};
