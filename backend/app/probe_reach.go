package app

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/doctor"
)

// reachLimit is how long one address may take to answer, maxReach how many are
// asked at once.
const (
	reachLimit = 3 * time.Second
	maxReach   = 32
)

// reach asks an address for this gateway's health. at replaces the URL's host
// when dialling, for one address of a name; from is the address to call from,
// nil: the system's choice.
func reach(ctx context.Context, url string, at string, from net.IP) doctor.Reach {
	out := doctor.Reach{URL: url}
	ctx, cancel := context.WithTimeout(ctx, reachLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/healthz", nil)
	if err != nil {
		out.Problem = "it is no address"
		return out
	}
	nonce := "doctor-" + rand.Text()
	req.Header.Set("X-Request-Id", nonce)
	res, err := reachClient(at, from).Do(req)
	if err != nil {
		out.Problem = transportProblem(err)
		return out
	}
	_ = res.Body.Close()
	// The gateway sends a request's id back whatever it answers: its mark.
	if res.Header.Get("X-Request-Id") != nonce {
		out.Other, out.Problem = true, "something else answers there"
		return out
	}
	out.OK = true
	return out
}

// reachClient goes straight to the address: no proxy, no redirect.
func reachClient(at string, from net.IP) *http.Client {
	dialer := &net.Dialer{}
	if from != nil {
		dialer.LocalAddr = &net.TCPAddr{IP: from}
	}
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if at != "" {
			addr = at
		}
		return dialer.DialContext(ctx, network, addr)
	}}
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// transportProblem says in words why nothing came back.
func transportProblem(err error) string {
	var record tls.RecordHeaderError
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused: nothing listens there"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT):
		return "no answer in time: a firewall may drop it"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "the network does not lead there"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "this machine cannot use that address now"
	case errors.As(err, &record):
		return "it does not speak TLS"
	case errors.As(err, &cert):
		return "its certificate is not trusted"
	case errors.As(err, &dns):
		return "the name is not known"
	default:
		return "the connection broke off"
	}
}

// reachOwn asks the addresses at which clients of this machine reach the
// gateway: the one that messages name, each one that "localhost" stands for,
// and the public URL, if there is one.
func (a *App) reachOwn(ctx context.Context) []doctor.Reach {
	at := a.listener.place()
	port := strconv.Itoa(at.port)
	origin := a.localOrigin()
	list := []doctor.Reach{reach(ctx, origin, "", nil)}
	if host, _, _ := net.SplitHostPort(strings.TrimPrefix(origin, "http://")); host == "127.0.0.1" {
		addrs, _ := net.DefaultResolver.LookupIPAddr(ctx, "localhost")
		for _, one := range addrs {
			if one.IP.Equal(net.IPv4(127, 0, 0, 1)) {
				continue
			}
			r := reach(ctx, "http://localhost:"+port, net.JoinHostPort(one.IP.String(), port), nil)
			r.URL += " as [" + one.IP.String() + "]"
			r.Name = true
			list = append(list, r)
		}
	}
	if public := strings.TrimSuffix(a.parts.settings.Values().PublicURL, "/"); public != "" {
		list = append(list, reach(ctx, public, "", nil))
	}
	return list
}

// localOrigin is where this machine reaches the listener, whatever the public
// URL is.
func (a *App) localOrigin() string {
	at := a.listener.place()
	host := "127.0.0.1"
	if ip := net.ParseIP(at.host); ip != nil && !ip.IsUnspecified() {
		host = at.host
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(at.port))
}

// reachLAN asks every outside address, each from itself, which is as near to
// the network as this machine can come.
func (a *App) reachLAN(ctx context.Context, only string) []doctor.Reach {
	var list []admin.LANAddress
	for _, one := range lanAddresses(a.listener.place().port) {
		if (only == "" || only == one.Address) && len(list) < maxReach {
			list = append(list, one)
		}
	}
	out := make([]doctor.Reach, len(list))
	var asking sync.WaitGroup
	for i, one := range list {
		asking.Go(func() {
			out[i] = reach(ctx, one.URL, "", net.ParseIP(one.Address))
			out[i].Interface = one.Interface
		})
	}
	asking.Wait()
	return out
}
