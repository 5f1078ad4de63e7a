//go:build windows && (desktop || dev)

package main

import (
	"os"

	"golang.org/x/sys/windows"
)

const attachParentProcess = ^uintptr(0) // (DWORD)-1

// attachConsole lets a GUI program print to the console that started it. Redirected streams are left alone.
func attachConsole() {
	attach := windows.NewLazySystemDLL("kernel32.dll").NewProc("AttachConsole")
	if ok, _, _ := attach.Call(attachParentProcess); ok == 0 {
		return // started by a double click: there is none
	}
	reopen(windows.STD_OUTPUT_HANDLE, &os.Stdout, "CONOUT$", os.O_WRONLY)
	reopen(windows.STD_ERROR_HANDLE, &os.Stderr, "CONOUT$", os.O_WRONLY)
	reopen(windows.STD_INPUT_HANDLE, &os.Stdin, "CONIN$", os.O_RDONLY)
}

func reopen(id uint32, std **os.File, name string, flag int) {
	if h, err := windows.GetStdHandle(id); err == nil && h != 0 && h != windows.InvalidHandle {
		return
	}
	if f, err := os.OpenFile(name, flag, 0); err == nil {
		*std = f
	}
}
