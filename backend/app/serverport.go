package app

import (
	"context"
	"strconv"
	"time"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/server"
	"antigravity-tools/backend/settings"
)

// serverPort is the listener as the service sees it.
type serverPort struct{ a *App }

func (s serverPort) Start(context.Context) error { return s.a.listener.start() }
func (s serverPort) Stop(context.Context) error  { s.a.listener.stop(); return nil }
func (s serverPort) InFlight() int               { return s.a.parts.server.InFlight() }

// SetLAN and SetPort are settings that move the listener.
func (s serverPort) SetLAN(ctx context.Context, enabled bool) error {
	return s.set(ctx, settings.KeyAllowLAN, strconv.FormatBool(enabled))
}

func (s serverPort) SetPort(ctx context.Context, port int) error {
	if port < 1 || port > 65535 {
		return fault.Invalid("port", "a port is a number from 1 to 65535")
	}
	return s.set(ctx, settings.KeyPort, strconv.Itoa(port))
}

func (s serverPort) set(ctx context.Context, key, value string) error {
	port := settingsPort{s.a.parts.settings, s.a.relocate}
	_, err := port.Set(ctx, []admin.SettingChange{{Key: key, Value: value}})
	return err
}

func (s serverPort) CheckPort(_ context.Context, port int) admin.PortCheck {
	at := s.a.listener.place()
	if at.port == port && s.Status().State == admin.ServerRunning {
		return admin.PortCheck{Port: port, Free: true, Own: true}
	}
	open, err := listen(place{host: at.host, lan: at.lan, port: port})
	if err != nil {
		e := serverError(err, port)
		return admin.PortCheck{Port: port, Holder: server.PortOwner(port), Message: e.Message, NextFreePort: e.NextFreePort}
	}
	for _, one := range open {
		_ = one.Close()
	}
	return admin.PortCheck{Port: port, Free: true}
}

func (s serverPort) Status() admin.ServerStatus {
	v, l := s.a.parts.settings.Values(), s.a.listener
	origin, effective := s.a.site().Origin, s.a.authMode()
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.at
	st := admin.ServerStatus{
		State: l.state, Addresses: l.addresses(), Port: at.port, LAN: at.reachable(),
		LANAddresses: lanAddresses(at.port), AuthMode: string(v.AuthMode), Effective: string(effective), Error: l.failure,
		LANLocked: s.locked(settings.KeyAllowLAN), PortLocked: s.locked(settings.KeyPort),
		BaseURLs: admin.BaseURLs{OpenAI: origin + "/v1", Anthropic: origin, Gemini: origin},
	}
	if l.state == admin.ServerRunning {
		since := l.startedAt.UTC().Format(time.RFC3339)
		st.StartedAt = &since
	}
	return st
}

// locked names what holds a setting, "" if nothing does.
func (s serverPort) locked(key string) string {
	item, err := s.a.parts.settings.Get(key)
	if err != nil {
		return ""
	}
	return item.LockedBy
}

func (l *listener) place() place {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at
}
