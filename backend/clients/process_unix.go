//go:build !windows

package clients

import (
	"os"
	"syscall"
)

// groupOfItsOwn makes a program the leader of a process group.
func groupOfItsOwn() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// endGroup ends a program with all that it has started and that has not left its group.
func endGroup(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGKILL) }
