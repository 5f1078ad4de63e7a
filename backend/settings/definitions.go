package settings

// Type says how a value is written, for forms and completion.
type Type string

// The types.
const (
	TypeBool     Type = "bool"
	TypeInt      Type = "int"
	TypeBytes    Type = "bytes"
	TypeDuration Type = "duration"
	TypeEnum     Type = "enum"
	TypeText     Type = "text"
	TypeURL      Type = "url"
	TypeList     Type = "list"
	TypeSecret   Type = "secret" // shown as set or not, stored sealed
)

// Definition describes one setting.
type Definition struct {
	Key         string
	Type        Type
	Default     string   // canonical
	Choices     []string // TypeEnum only
	Env         string   // environment variable that overrides it; empty: none
	Description string

	// canonical validates a text and gives its stored form, or a reason in words.
	canonical func(text string) (string, error)
	// apply puts a canonical text into a snapshot. It cannot fail.
	apply func(v *Values, canonical string)
}

// Keys of settings that other packages name.
const (
	KeyPort            = "proxy.port"
	KeyHost            = "proxy.host"
	KeyAllowLAN        = "proxy.allow_lan_access"
	KeyAuthMode        = "proxy.auth_mode"
	KeyAutoStart       = "proxy.auto_start"
	KeyPathRewrite     = "proxy.path_rewrite"
	KeyCORSOrigins     = "proxy.cors_origins"
	KeyAllowedHosts    = "proxy.allowed_hosts"
	KeyTrustedProxies  = "proxy.trusted_proxies"
	KeyMaxBodyBytes    = "proxy.max_body_bytes"
	KeyPublicURL       = "proxy.public_url"
	KeyLoopbackEnabled = "loopback.enabled"
	KeyUpstreamProxy   = "upstream.proxy_url"
	KeySchedulingMode  = "scheduling.mode"
	KeyMaxWait         = "scheduling.max_wait"
	KeyLogLevel        = "log.level"
	KeyWebSocket       = "proxy.websocket"
	KeyRetention       = "responses.retention"
	KeyOAuthClientID   = "google.oauth_client_id"
	KeyOAuthSecret     = "google.oauth_client_secret"
	KeyOAuthTokenURL   = "google.token_url"
)

// Definitions lists every setting in the order in which to show them. The answer
// is the caller's own copy.
func Definitions() []Definition {
	var all []Definition
	all = append(all, listenDefinitions()...)
	all = append(all, limitDefinitions()...)
	all = append(all, googleDefinitions()...)
	return append(all, otherDefinitions()...)
}

func listenDefinitions() []Definition {
	return []Definition{
		integer(KeyPort, 8045, 0, 65535, "Port of the gateway; 0 lets the system choose.",
			func(v *Values, n int64) { v.Port = int(n) }).env("ANTIGRAVITY_PORT"),
		text(KeyHost, TypeText, "", "Address to listen on. Empty: the LAN switch decides.", parseHost,
			func(v *Values, s string) { v.Host = s }).env("ANTIGRAVITY_HOST"),
		boolean(KeyAllowLAN, false, "Let other machines on the network reach the gateway.",
			func(v *Values, on bool) { v.AllowLAN = on }).env("ANTIGRAVITY_ALLOW_LAN"),
		enum(KeyAuthMode, "auto", []string{"off", "strict", "all_except_health", "auto"},
			"Which routes need a client key; auto asks for one while other machines can reach the gateway.",
			func(v *Values, s string) { v.AuthMode = AuthMode(s) }).env("ANTIGRAVITY_AUTH_MODE"),
		boolean(KeyAutoStart, true, "Start the gateway when the window opens.",
			func(v *Values, on bool) { v.AutoStart = on }),
		text(KeyPublicURL, TypeURL, "", "Address under which clients reach the gateway, e.g. behind a reverse proxy.", parsePublicURL,
			func(v *Values, s string) { v.PublicURL = s }).env("ANTIGRAVITY_PUBLIC_URL"),
		text(KeyCORSOrigins, TypeList, "", "Web page origins that may call the gateway; * for all, which counts only while a key is needed.", parseOrigins,
			func(v *Values, s string) { v.CORSOrigins = splitList(s) }),
		text(KeyAllowedHosts, TypeList, "", "Further host names under which the gateway may be addressed.", parseHosts,
			func(v *Values, s string) { v.AllowedHosts = splitList(s) }),
		text(KeyTrustedProxies, TypeList, "", "Addresses or networks of reverse proxies whose X-Forwarded-For counts.", parsePrefixes,
			func(v *Values, s string) { v.TrustedProxies = prefixes(s) }),
		boolean("proxy.expose_account_header", false, "Name the account that served in a reply header.",
			func(v *Values, on bool) { v.ExposeAccountHeader = on }),
		onOff(KeyWebSocket, true, "Answer the Responses protocol over WebSocket too; off sends clients to HTTP.",
			func(v *Values, on bool) { v.WebSocket = on }),
		boolean("proxy.strict_fidelity", false, "Refuse a request of which a provider cannot take all, instead of leaving out what it cannot; another provider is tried first.",
			func(v *Values, on bool) { v.StrictFidelity = on }),
		onOff(KeyPathRewrite, false, "Serve recognised wrong paths as the route they mean, instead of explaining them.",
			func(v *Values, on bool) { v.PathRewrite = on }),
	}
}

func limitDefinitions() []Definition {
	return []Definition{
		bytes(KeyMaxBodyBytes, 100<<20, 1, 4<<30, "Largest request body after decompression.",
			func(v *Values, n int64) { v.MaxBodyBytes = n }),
		duration("proxy.first_byte_timeout", "300s", false, "How long one attempt waits for the upstream's first event.",
			func(v *Values, s string) { v.FirstByteTimeout = mustDuration(s) }),
		duration("proxy.idle_timeout", "300s", false, "How long a stream may be silent between two upstream events.",
			func(v *Values, s string) { v.IdleTimeout = mustDuration(s) }),
		duration("proxy.total_timeout", "0s", true, "How long a request may take in all; 0 for no limit.",
			func(v *Values, s string) { v.TotalTimeout = mustDuration(s) }),
		duration(KeyMaxWait, "30s", true, "How long a request waits for an account while all are limited; 0 for not at all.",
			func(v *Values, s string) { v.MaxWait = mustDuration(s) }),
	}
}

func otherDefinitions() []Definition {
	modes := SchedulingModes()
	return []Definition{
		enum(KeySchedulingMode, modes[0], modes, "How accounts are chosen: cache-first keeps a conversation on its account, balance spreads requests.",
			func(v *Values, s string) { v.SchedulingMode = s }),
		enum(KeyLoopbackEnabled, "auto", []string{"auto", "on", "off"}, "The built-in test models; auto offers them while no account is enabled.",
			func(v *Values, s string) { v.LoopbackEnabled = Switch(s) }),
		text(KeyUpstreamProxy, TypeURL, "", "Proxy for calls to the providers (http, https, socks5). Empty: the environment's; direct: none.", parseProxyURL,
			func(v *Values, s string) { v.UpstreamProxyURL = s }),
		duration(KeyRetention, "86400s", true, "How long responses are stored for clients of the Responses protocol; 0 stores none.",
			func(v *Values, s string) { v.Retention = mustDuration(s) }),
		integer("monitor.retention_days", 30, 0, 3650, "Days that request records are kept; 0 for ever.",
			func(v *Values, n int64) { v.RetentionDays = int(n) }),
		enum("ui.theme", "system", []string{"system", "light", "dark"}, "Colours of the window.",
			func(v *Values, s string) { v.UITheme = s }),
		enum("ui.language", "en", []string{"en"}, "Language of the window.",
			func(v *Values, s string) { v.UILanguage = s }),
		enum(KeyLogLevel, "info", []string{"debug", "info", "warn", "error"}, "How much is logged.",
			func(v *Values, s string) { v.LogLevel = s }).env("ANTIGRAVITY_LOG_LEVEL"),
	}
}

func (d Definition) env(name string) Definition { d.Env = name; return d }

// googleDefinitions are of the user's own OAuth client; none is shipped.
func googleDefinitions() []Definition {
	return []Definition{
		text(KeyOAuthClientID, TypeText, "", "Your own OAuth client, which Google accounts sign in to; none is shipped.", parseWord,
			func(v *Values, s string) { v.OAuthClientID = s }),
		text(KeyOAuthSecret, TypeSecret, "", "The secret of your OAuth client.", parseWord,
			func(v *Values, s string) { v.OAuthClientSecret = s }),
		text(KeyOAuthTokenURL, TypeURL, "https://oauth2.googleapis.com/token", "Where Google accounts' access tokens come from; change it only for a proxy of your own.", parseTokenURL,
			func(v *Values, s string) { v.OAuthTokenURL = s }),
	}
}

// SecretKeys lists the settings that are stored sealed.
func SecretKeys() []string { return []string{KeyOAuthSecret} }

func boolean(key string, def bool, description string, apply func(*Values, bool)) Definition {
	return Definition{Key: key, Type: TypeBool, Default: boolText(def), Description: description, canonical: parseBool,
		apply: func(v *Values, s string) { apply(v, s == "true") }}
}

// onOff is a boolean that is written on and off.
func onOff(key string, def bool, description string, apply func(*Values, bool)) Definition {
	return Definition{Key: key, Type: TypeEnum, Choices: []string{"off", "on"}, Default: onOffText(def), Description: description,
		canonical: parseOnOff, apply: func(v *Values, s string) { apply(v, s == "on") }}
}

func integer(key string, def, low, high int64, description string, apply func(*Values, int64)) Definition {
	return Definition{Key: key, Type: TypeInt, Default: intText(def), Description: description,
		canonical: parseInt(low, high), apply: func(v *Values, s string) { apply(v, mustInt(s)) }}
}

func bytes(key string, def, low, high int64, description string, apply func(*Values, int64)) Definition {
	return Definition{Key: key, Type: TypeBytes, Default: intText(def), Description: description,
		canonical: parseBytes(low, high), apply: func(v *Values, s string) { apply(v, mustInt(s)) }}
}

func duration(key, def string, zero bool, description string, apply func(*Values, string)) Definition {
	return Definition{Key: key, Type: TypeDuration, Default: def, Description: description, canonical: parseDuration(zero), apply: apply}
}

func enum(key, def string, choices []string, description string, apply func(*Values, string)) Definition {
	return Definition{Key: key, Type: TypeEnum, Default: def, Choices: choices, Description: description,
		canonical: parseEnum(choices), apply: apply}
}

func text(key string, kind Type, def, description string, canonical func(string) (string, error), apply func(*Values, string)) Definition {
	return Definition{Key: key, Type: kind, Default: def, Description: description, canonical: canonical, apply: apply}
}
