package app

import (
	"context"
	"net"
	"strconv"
	"time"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/fault"
)

// serverPort is the listener as the service sees it.
type serverPort struct{ l *listener }

func (s serverPort) Start(context.Context) error { return s.l.start() }
func (s serverPort) Stop(context.Context) error  { s.l.stop(); return nil }
func (s serverPort) InFlight() int               { return 0 }

func (s serverPort) SetLAN(_ context.Context, enabled bool) error {
	to := s.l.place()
	if to.host != "" {
		return fault.New(fault.Forbidden, "LAN access is fixed by --host").WithCode("locked")
	}
	to.lan = enabled
	return s.l.move(to)
}

func (s serverPort) SetPort(_ context.Context, port int) error {
	if port < 1 || port > 65535 {
		return fault.Invalid("port", "a port is a number from 1 to 65535")
	}
	to := s.l.place()
	to.port = port
	return s.l.move(to)
}

func (s serverPort) CheckPort(_ context.Context, port int) admin.PortCheck {
	at := s.l.place()
	if at.port == port && s.Status().State == admin.ServerRunning {
		return admin.PortCheck{Port: port, Free: true, Own: true}
	}
	open, err := listen(place{host: at.host, lan: at.lan, port: port})
	if err != nil {
		e := serverError(err, port)
		return admin.PortCheck{Port: port, Message: e.Message, NextFreePort: e.NextFreePort}
	}
	for _, one := range open {
		_ = one.Close()
	}
	return admin.PortCheck{Port: port, Free: true}
}

func (s serverPort) Status() admin.ServerStatus {
	s.l.mu.Lock()
	defer s.l.mu.Unlock()
	at := s.l.at
	base := "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(at.port))
	st := admin.ServerStatus{
		State: s.l.state, Addresses: s.l.addresses(), Port: at.port, LAN: at.reachable(),
		LANAddresses: lanAddresses(at.port), AuthMode: "auto", Effective: "off", Error: s.l.failure,
		BaseURLs: admin.BaseURLs{OpenAI: base + "/v1", Anthropic: base, Gemini: base},
	}
	if st.LAN {
		st.Effective = "all_except_health"
	}
	if at.host != "" {
		st.LANLocked = "--host"
	}
	if s.l.state == admin.ServerRunning {
		since := s.l.startedAt.UTC().Format(time.RFC3339)
		st.StartedAt = &since
	}
	return st
}

func (l *listener) place() place {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at
}
