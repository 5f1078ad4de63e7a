package gemini

import (
	"io"
	"strings"
	"testing"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/sse"
)

// watch shows a stream to an observer.
func watch(in string) (protocol.Seen, error) {
	o := Upstream{}.NewObserver()
	s := sse.NewScanner(strings.NewReader(in), 0)
	defer s.Release()
	for {
		f, err := s.Next()
		if err == io.EOF {
			return o.Seen(), nil
		}
		if err != nil {
			return o.Seen(), err
		}
		if err := o.Frame(f); err != nil {
			return o.Seen(), err
		}
	}
}

// The observer and the decoder agree on every stream: on its usage, its model,
// its end and its faults.
func TestObserverAgrees(t *testing.T) {
	// Where nothing is wrong with the bytes, a fault after the answer has begun
	// is the client's to read, and types below the parts are not looked at.
	differ := map[string]bool{"malformed call": true, "wrong type": true, "huge index": true, "one choice cut": true, "garbage after the end": true, "choices in sequence": true}
	for name, tc := range streamCases() {
		if differ[name] {
			continue
		}
		t.Run(name, func(t *testing.T) {
			want, wantErr := llm.Collect(Upstream{}.DecodeStream(strings.NewReader(tc.in), nil))
			seen, err := watch(tc.in)
			if err == nil && !seen.Complete {
				err = cutStream(nil)
			}
			if codeOf(err) != codeOf(wantErr) {
				t.Fatalf("observer %v, decoder %v", err, wantErr)
			}
			if wantErr != nil {
				return
			}
			if seen.Reason != want.Choices[0].Close.Reason || !seen.Started {
				t.Errorf("seen %+v", seen)
			}
			if (seen.Usage == nil) != (want.Usage == nil) || seen.Usage != nil && *seen.Usage != *want.Usage {
				t.Errorf("usage %+v, want %+v", seen.Usage, want.Usage)
			}
			if want.Model != "" && seen.Model != want.Model {
				t.Errorf("model %q", seen.Model)
			}
		})
	}
}

func TestObserverStarted(t *testing.T) {
	for in, want := range map[string]bool{
		frames(`{"candidates":[{"content":{"parts":[{"text":""}]}}],"usageMetadata":{"promptTokenCount":1}}`): false,
		frames(`{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}`):                                       true,
		frames(`{"candidates":[{"content":{"parts":[{"text":"a","thought":true}]}}]}`):                        true,
		frames(`{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]}}]}`):                      true,
		frames(`{"usageMetadata":{"promptTokenCount":1}}`):                                                    false,
	} {
		if seen, err := watch(in); err != nil || seen.Started != want || seen.Complete {
			t.Errorf("%s: %+v %v", in, seen, err)
		}
	}
	// Before anything was sent a malformed call can be tried again; after it
	// the client reads the reason itself.
	bad := frames(`{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}]}`)
	if _, err := watch(bad); !fault.Is(err, fault.UpstreamProtocol) {
		t.Errorf("before: %v", err)
	}
	if seen, err := watch(frames(`{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}`) + bad); err != nil || !seen.Complete {
		t.Errorf("after: %+v %v", seen, err)
	}
}

func TestObserverBody(t *testing.T) {
	for name, body := range identityReplies() {
		o := Upstream{}.NewObserver()
		if err := o.Body([]byte(body)); err != nil || !o.Seen().Complete {
			t.Errorf("%s: %v", name, err)
		}
	}
	for body, want := range map[string]string{
		`{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}`: "incomplete_response",
		`{"candidates":[{"finishReason":"STOP"}]}`:              "empty_response",
		`{`:                                    "malformed_response",
		`{"error":{"code":503,"message":"x"}}`: "overloaded",
	} {
		if err := (Upstream{}).NewObserver().Body([]byte(body)); fault.From(err).CodeOrClass() != want {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return fault.From(err).CodeOrClass()
}
