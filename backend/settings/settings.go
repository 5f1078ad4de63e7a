// Package settings holds the typed settings: what keys there are, what values
// they take, where a value in force comes from, and who is told of a change.
//
// Every setting is a dotted key with a text value, stored one row each. Readers
// use Values, an immutable snapshot behind an atomic pointer; writers change
// exactly the keys they name. Everything applies without a restart.
package settings

import (
	"net/netip"
	"time"
)

// AuthMode says which public routes need a client key.
type AuthMode string

// The authentication modes; AuthAuto is all_except_health while other machines
// can reach the gateway, and off otherwise.
const (
	AuthOff             AuthMode = "off"
	AuthStrict          AuthMode = "strict"
	AuthAllExceptHealth AuthMode = "all_except_health"
	AuthAuto            AuthMode = "auto"
)

// Switch is a setting that can also be left to the program.
type Switch string

// The positions of a switch.
const (
	SwitchAuto Switch = "auto"
	SwitchOn   Switch = "on"
	SwitchOff  Switch = "off"
)

// ProxyDirect as Values.UpstreamProxyURL means: no proxy, not the environment's either.
const ProxyDirect = "direct"

// Values is a snapshot of all settings in force. It is immutable: whoever holds
// one must not change it, its slices included.
type Values struct {
	Port                int            // 0: the system chooses
	Host                string         // address to listen on; empty: AllowLAN decides
	AllowLAN            bool           // as set; see LAN for what is in force
	AuthMode            AuthMode       // see access.EffectiveMode for what is in force
	AutoStart           bool           // open the listener when the window opens
	MaxBodyBytes        int64          // limit of a decoded request body
	FirstByteTimeout    time.Duration  // per attempt
	IdleTimeout         time.Duration  // between two upstream events
	TotalTimeout        time.Duration  // 0: none
	WebSocket           bool           // serve the Responses protocol over sockets
	PathRewrite         bool           // serve recognised wrong paths
	LoopbackEnabled     Switch         // auto: on while no account is enabled
	CORSOrigins         []string       // further browser origins; "*" counts while a key is needed
	AllowedHosts        []string       // further Host names, lower case
	TrustedProxies      []netip.Prefix // whose X-Forwarded-For counts
	ExposeAccountHeader bool           // name the account in a reply header
	StrictFidelity      bool           // refuse a request rather than leave part of it out
	PublicURL           string         // base URL to show instead of the listener's; no slash at the end
	UpstreamProxyURL    string         // empty: the environment's; ProxyDirect: none
	SchedulingMode      string         // one of SchedulingModes
	MaxWait             time.Duration  // how long a request waits for an account
	Retention           time.Duration  // how long responses are stored; 0: not at all
	RetentionDays       int            // days that records are kept; 0: for ever
	UITheme             string         // system, light, dark
	UILanguage          string         // BCP 47
	LogLevel            string         // debug, info, warn, error
	OAuthClientID       string         // of the user's own OAuth client, empty: none
	OAuthClientSecret   string         // never shown
	OAuthTokenURL       string         // https, or this machine
}

// LAN says whether other machines are meant to reach the gateway: an explicit
// host decides, else the LAN switch.
func (v *Values) LAN() bool {
	if v.Host == "" {
		return v.AllowLAN
	}
	return !isLoopbackHost(v.Host)
}

// ListenHosts gives the addresses to listen on. IPv6 ones are to be tried and
// left out where a machine has none.
func (v *Values) ListenHosts() []string {
	switch {
	case v.Host != "":
		return []string{v.Host}
	case v.AllowLAN:
		return []string{"0.0.0.0", "::"}
	default:
		return []string{"127.0.0.1", "::1"}
	}
}

func isLoopbackHost(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// SchedulingModes lists the account scheduling modes that exist.
func SchedulingModes() []string { return []string{"cache-first", "balance"} }
