package doctor

import (
	"net/http"
	"strings"
	"testing"
)

// TestDiagnoseHost: whatever client enters 0.0.0.0 or a foreign name, behind whatever path, is told its own
// base URL with this gateway's address.
func TestDiagnoseHost(t *testing.T) {
	for _, a := range actors() {
		if a.name == "" {
			continue
		}
		for _, base := range append([]string{"/v1beta"}, a.right...) {
			for _, adds := range a.adds {
				s := Seen{Method: a.method, Path: base + adds, Header: a.header}
				for host, code := range map[string]string{"0.0.0.0:8045": CodeUnspecified, "[::]:8045": CodeUnspecified, "0.0.0.0": CodeUnspecified, "gw.example:8045": CodeOtherHost} {
					v := DiagnoseHost(s, host, site())
					if v.Code != code || v.Client != a.name || v.Protocol == None || !namesAny(v, a.right, false) || !strings.Contains(v.Message, "enter "+v.BaseURL+" ") {
						t.Errorf("%s %s at %s: %+v, want %s and one of %q", a.name, s.Path, host, v, code, a.right)
					}
				}
			}
		}
	}
}

func TestDiagnoseHostOfNoClient(t *testing.T) {
	for _, path := range []string{"/", "/healthz", "/api/hello"} {
		v := DiagnoseHost(Seen{Path: path}, "0.0.0.0:8045", site())
		if v.Protocol != None || v.BaseURL != origin {
			t.Errorf("%s: %+v", path, v)
		}
	}
	v := DiagnoseHost(Seen{Method: http.MethodPost, Path: "/v1/chat/completions"}, "0.0.0.0", site())
	if v.Protocol != OpenAI || !names(v, origin+"/v1") {
		t.Errorf("an unknown client: %+v", v)
	}
	if v := DiagnoseHost(Seen{}, "a\x00\nb", site()); strings.ContainsAny(v.Message, "\x00\n") {
		t.Errorf("what cannot be printed is repeated: %q", v.Message)
	}
}

// TestStatus: Claude Code prints what a 400 says and hides what a 404 says; all others get the 404.
func TestStatus(t *testing.T) {
	for _, a := range actors() {
		want := http.StatusNotFound
		if a.name == "Claude Code" {
			want = http.StatusBadRequest
		}
		v := Diagnose(Seen{Method: a.method, Path: "/v1/v1" + a.adds[0], Header: a.header}, site())
		if v.Status() != want {
			t.Errorf("%s: %d, want %d", a.name, v.Status(), want)
		}
	}
}
