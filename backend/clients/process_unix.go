//go:build !windows

package clients

import (
	"os"
	"syscall"
)

// group is a program with all that it starts and that does not leave its process group.
type group struct{}

func newGroup() (group, error) { return group{}, nil }

// attributes make a program the leader of a process group.
func (group) attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// admit has nothing to do: the program was born as the leader.
func (group) admit(*os.Process) error { return nil }

func (group) end(leader *os.Process) error { return syscall.Kill(-leader.Pid, syscall.SIGKILL) }

func (group) close() {}
