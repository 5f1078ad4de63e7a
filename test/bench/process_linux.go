package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// cpu is the processor time that the process has used, to the nanosecond; /proc
// tells it in steps of 10 ms.
func (p *process) cpu() time.Duration {
	var used unix.Timespec
	if err := unix.ClockGettime(cpuClock(p.cmd.Process.Pid), &used); err != nil {
		panic(err) // a measurement of a process that has ended is none
	}
	return time.Duration(used.Nano())
}

// cpuClock is the id of a process's CPU clock, as clock_getcpuclockid(3) makes it.
func cpuClock(pid int) int32 {
	const ofProcess = 2 // CPUCLOCK_SCHED, not of a single thread
	return int32(^pid)<<3 | ofProcess
}

// resident is the process's resident memory in MiB.
func (p *process) resident() float64 {
	raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024
		}
	}
	return 0
}
