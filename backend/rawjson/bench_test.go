package rawjson_test

import (
	"fmt"
	"strings"
	"testing"

	"antigravity-tools/backend/rawjson"
)

// imageBody is a request of 5 MB, almost all of it one base64 image.
func imageBody() []byte {
	image := strings.Repeat("iVBORw0KGgoAAAANSUhEUgAAA+/4", 5<<20/28)
	return []byte(`{"model":"m","messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","data":"` + image +
		`"}},{"type":"text","text":"What is this?"}]}],"stream":true}`)
}

// agentBody is a request of about 100 KB: 20 tools and 30 tool rounds.
func agentBody() []byte {
	w := rawjson.NewWriter(128 << 10)
	w.Obj()
	w.StrField("model", "m")
	w.Key("tools")
	w.Arr()
	for i := range 20 {
		w.Raw(fmt.Appendf(nil, `{"name":"tool_%d","description":"Reads a file.\nThen \"prints\" it.","input_schema":{"type":"object","properties":{"path":{"type":"string"},"limit":{"type":"integer"}},"required":["path"]}}`, i))
	}
	w.EndArr()
	w.Key("messages")
	w.Arr()
	code := strings.Repeat("func main() {\n\tfmt.Println(\"hello, world\")\n}\n", 60)
	for i := range 30 {
		w.Raw(fmt.Appendf(nil, `{"role":"assistant","content":[{"type":"tool_use","id":"toolu_%d","name":"tool_1","input":{"path":"/a/b.go","limit":100}}]}`, i))
		w.Obj()
		w.StrField("role", "user")
		w.StrField("content", code)
		w.End()
	}
	w.EndArr()
	w.End()
	return w.Bytes()
}

func eachBody(b *testing.B, run func(body []byte)) {
	for _, c := range []struct {
		name string
		body []byte
	}{{"image5MB", imageBody()}, {"agent100KB", agentBody()}} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.body)))
			b.ReportAllocs()
			for b.Loop() {
				run(c.body)
			}
		})
	}
}

func BenchmarkCheck(b *testing.B) {
	eachBody(b, func(body []byte) {
		if err := rawjson.Check(body, 200); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkGetModel(b *testing.B) {
	eachBody(b, func(body []byte) {
		if _, ok := rawjson.Get(body, "model"); !ok {
			b.Fatal("no model")
		}
	})
}

func BenchmarkSetModel(b *testing.B) {
	value := []byte(`"another-model"`)
	eachBody(b, func(body []byte) {
		if _, err := rawjson.Set(body, value, "model"); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkWalkAll visits every value and unquotes every string.
func BenchmarkWalkAll(b *testing.B) {
	eachBody(b, func(body []byte) { walkAll(body) })
}

func walkAll(raw []byte) (n int) {
	switch rawjson.KindOf(raw) {
	case rawjson.KindObject:
		for _, v := range rawjson.Members(raw) {
			n += walkAll(v)
		}
	case rawjson.KindArray:
		for v := range rawjson.Items(raw) {
			n += walkAll(v)
		}
	case rawjson.KindString:
		s, _ := rawjson.String(raw)
		n += len(s)
	}
	return n
}

func BenchmarkAppendString(b *testing.B) {
	text := strings.Repeat("func main() {\n\tfmt.Println(\"hello, wörld\")\n}\n", 1000)
	buf := rawjson.AppendString(nil, text)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		buf = rawjson.AppendString(buf[:0], text)
	}
}
