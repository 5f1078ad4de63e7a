package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/server"
)

// place is where the public listener is or shall be.
type place struct {
	host string // empty: by lan
	port int
	lan  bool
}

func (p place) hosts() []string {
	switch {
	case p.host != "":
		return []string{p.host}
	case p.lan:
		return []string{""} // all interfaces, IPv4 and IPv6
	default:
		return []string{"127.0.0.1", "::1"}
	}
}

func (p place) reachable() bool {
	if p.host == "" {
		return p.lan
	}
	ip := net.ParseIP(p.host)
	return p.host != "localhost" && (ip == nil || !ip.IsLoopback())
}

// listener is the public listener: one http.Server behind listeners that come and go. Connections
// already accepted go on when it moves.
type listener struct {
	srv         *http.Server
	closeOnStop bool // the window closes the listener; headless it answers 503
	changed     func()
	onTLS       func(remote string)     // a TLS handshake on the plain port
	cut         context.CancelCauseFunc // ends the requests that still run, with this error to their clients
	halt        func(stopped bool)      // opens and closes the public routes behind an open listener
	mu          sync.Mutex              // held while the listener changes, never while a request is served
	at          place
	open        []net.Listener
	state       admin.ServerState
	failure     *admin.ServerError
	startedAt   time.Time
	serving     sync.WaitGroup
}

func (l *listener) start() error {
	l.mu.Lock()
	defer l.changed()
	defer l.mu.Unlock()
	if l.state == admin.ServerRunning {
		return nil
	}
	if len(l.open) == 0 {
		open, err := listen(l.at)
		if err != nil {
			l.state, l.failure = admin.ServerFailed, serverError(err, l.at.port)
			return asFault(l.failure, err)
		}
		l.serve(open)
	}
	l.halt(false)
	l.state, l.failure, l.startedAt = admin.ServerRunning, nil, time.Now()
	return nil
}

func (l *listener) stop() {
	l.mu.Lock()
	defer l.changed()
	defer l.mu.Unlock()
	l.halt(true)
	if l.closeOnStop {
		l.closeAll()
	}
	l.state, l.failure = admin.ServerStopped, nil
}

// move takes another place; on failure the old one is back.
func (l *listener) move(to place) error {
	l.mu.Lock()
	defer l.changed()
	defer l.mu.Unlock()
	if to == l.at && l.state != admin.ServerFailed {
		return nil
	}
	if l.state == admin.ServerStopped && l.closeOnStop {
		l.at = to
		return nil
	}
	// The wildcard address is refused while a loopback listener holds the port: the old one closes first.
	l.closeAll()
	open, err := listen(to)
	if err == nil {
		l.at = to
		l.serve(open)
		if l.state == admin.ServerFailed {
			l.state, l.startedAt = admin.ServerRunning, time.Now()
		}
		l.failure = nil
		return nil
	}
	problem := serverError(err, to.port)
	if back, again := listen(l.at); again == nil {
		l.serve(back)
	} else if l.state != admin.ServerFailed {
		l.state, l.failure = admin.ServerFailed, serverError(again, l.at.port)
	}
	return asFault(problem, err)
}

func (l *listener) serve(open []net.Listener) {
	l.open = open
	for _, one := range open {
		l.serving.Go(func() { _ = l.srv.Serve(server.WatchConns(one, openai.Client{}, l.onTLS)) }) // ends when the listener closes
	}
}

func (l *listener) closeAll() {
	for _, one := range l.open {
		_ = one.Close()
	}
	l.open = nil
}

// drain stops accepting and waits for running requests until the context ends.
func (l *listener) drain(ctx context.Context) error {
	l.mu.Lock()
	l.state = admin.ServerStopping
	l.mu.Unlock()
	err := l.srv.Shutdown(ctx)
	if err != nil {
		l.cut(fault.New(fault.Overloaded, "the gateway is being stopped").WithCode("service_stopped"))
		last, cancel := context.WithTimeout(context.Background(), cutGrace)
		defer cancel()
		if l.srv.Shutdown(last) != nil {
			_ = l.srv.Close()
		}
	}
	l.mu.Lock()
	l.closeAll()
	l.state = admin.ServerStopped
	l.mu.Unlock()
	l.serving.Wait()
	return err
}

func (l *listener) addresses() []string {
	list := []string{}
	for _, one := range l.open {
		list = append(list, one.Addr().String())
	}
	return list
}

// listen opens every address of a place; the IPv6 loopback is best effort.
func listen(p place) ([]net.Listener, error) {
	var open []net.Listener
	var cfg net.ListenConfig
	for i, host := range p.hosts() {
		one, err := cfg.Listen(context.Background(), "tcp", net.JoinHostPort(host, strconv.Itoa(p.port)))
		if err == nil {
			open = append(open, one)
			continue
		}
		if i > 0 {
			break
		}
		return nil, err
	}
	return open, nil
}

func serverError(err error, port int) *admin.ServerError {
	e := &admin.ServerError{Code: "address_unavailable", Port: port, Message: "The address cannot be listened on.", Hint: "Check host and port."}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		e.Code, e.Message = "port_taken", "Port "+strconv.Itoa(port)+" is taken."
		if owner := server.PortOwner(port); owner != "" {
			e.Message = "Port " + strconv.Itoa(port) + " is taken by " + owner + "."
		}
		e.NextFreePort = nextFreePort(port)
		e.Hint = "End the other program, or use another port."
		if e.NextFreePort > 0 {
			e.Hint = "End the other program, or use port " + strconv.Itoa(e.NextFreePort) + "."
		}
	case errors.Is(err, syscall.EACCES):
		e.Code, e.Message = "permission_denied", "Port "+strconv.Itoa(port)+" needs more rights than this program has."
		e.Hint = "Use a port above 1023."
	}
	return e
}

func asFault(e *admin.ServerError, cause error) error {
	return fault.Wrap(fault.Internal, e.Message, cause).WithCode(e.Code).WithHint(e.Hint)
}

func nextFreePort(after int) int {
	for port := after + 1; port <= min(after+100, 65535); port++ {
		if open, err := listen(place{port: port}); err == nil {
			for _, one := range open {
				_ = one.Close()
			}
			return port
		}
	}
	return 0
}

// lanAddresses lists the addresses of this machine that others may reach, and their interfaces.
func lanAddresses(port int) []admin.LANAddress {
	list := []admin.LANAddress{}
	interfaces, err := net.Interfaces()
	if err != nil {
		return list
	}
	for _, one := range interfaces {
		if one.Flags&net.FlagUp == 0 || one.Flags&net.FlagLoopback != 0 {
			continue
		}
		addrs, _ := one.Addrs()
		for _, a := range addrs {
			ipnet, ok := a.(*net.IPNet)
			if !ok || ipnet.IP.IsLinkLocalUnicast() {
				continue
			}
			host := ipnet.IP.String()
			list = append(list, admin.LANAddress{Address: host, Interface: one.Name,
				URL: "http://" + net.JoinHostPort(host, strconv.Itoa(port))})
		}
	}
	// IPv4 first: it is what people type.
	slices.SortStableFunc(list, func(a, b admin.LANAddress) int {
		return strings.Count(a.Address, ":") - strings.Count(b.Address, ":")
	})
	return list
}

// hasIPv6 tells whether ::1 is listened on, so that "localhost" cannot miss.
func (l *listener) hasIPv6() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.open, func(one net.Listener) bool {
		at, ok := one.Addr().(*net.TCPAddr)
		return ok && at.IP.To4() == nil
	})
}

// runs tells whether clients are answered.
func (l *listener) runs() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state == admin.ServerRunning
}
