package clients

import (
	"errors"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// group is a job object: a program, all that it starts, and whatever those start.
type group struct{ job windows.Handle }

// newGroup makes a job whose members end with its handle, and so with this program too.
func newGroup() (group, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return group{}, err
	}
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{
		BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{LimitFlags: windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE},
	}
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	if err != nil {
		_ = windows.CloseHandle(job)
		return group{}, err
	}
	return group{job}, nil
}

// attributes keep a console window from flashing up, and the program from starting anything before it is in the job.
func (group) attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NO_WINDOW | windows.CREATE_SUSPENDED}
}

// admit puts the program into the job and lets it run.
func (g group) admit(leader *os.Process) error {
	var assigned error
	err := leader.WithHandle(func(handle uintptr) { assigned = windows.AssignProcessToJobObject(g.job, windows.Handle(handle)) })
	if err = errors.Join(err, assigned); err != nil {
		return err
	}
	return resume(uint32(leader.Pid))
}

// end ends all that is in the job, and the program where it is not in it yet.
func (g group) end(leader *os.Process) error {
	err := windows.TerminateJobObject(g.job, 1)
	_ = leader.Kill()
	return err
}

func (g group) close() { _ = windows.CloseHandle(g.job) }

// resume lets the one thread of a process run that was started suspended: os/exec keeps its handle to itself.
func resume(pid uint32) error {
	list, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPTHREAD, 0)
	if err != nil {
		return err
	}
	defer windows.CloseHandle(list) //nolint:errcheck // a snapshot, only read
	entry := windows.ThreadEntry32{Size: uint32(unsafe.Sizeof(windows.ThreadEntry32{}))}
	for err = windows.Thread32First(list, &entry); err == nil; err = windows.Thread32Next(list, &entry) {
		if entry.OwnerProcessID != pid {
			continue
		}
		thread, err := windows.OpenThread(windows.THREAD_SUSPEND_RESUME, false, entry.ThreadID)
		if err != nil {
			return err
		}
		_, err = windows.ResumeThread(thread)
		_ = windows.CloseHandle(thread)
		return err
	}
	return err
}
