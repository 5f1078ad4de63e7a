package clients

import (
	"os"
	"syscall"
)

// createNoWindow keeps a console window from flashing up (CREATE_NO_WINDOW of CreateProcess).
const createNoWindow = 0x08000000

func groupOfItsOwn() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{HideWindow: true, CreationFlags: createNoWindow}
}

// endGroup ends the program alone: Windows knows no process groups of that kind.
func endGroup(p *os.Process) error { return p.Kill() }
