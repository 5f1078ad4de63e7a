//go:build !linux

package main

import "time"

const onlyLinux = "the measurements need Linux: its /proc and its clocks of other processes"

func (p *process) cpu() time.Duration { panic(onlyLinux) }

func (p *process) resident() float64 { panic(onlyLinux) }
