package responses

import (
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

type itemKind uint8

const (
	itemMessage itemKind = iota
	itemReasoning
	itemFunction
	itemCustom
	itemTrained
	itemImage
	itemCode
	itemSearch
	itemLoading
)

// outputItem is an item of the output in the making.
type outputItem struct {
	kind  itemKind
	id    string
	index int // in the output

	parts []contentPartOut // message

	text    text // summary, arguments, input or logs
	summary bool // reasoning: there is text
	sealed  string

	call    llm.Call
	trained trainedItem
	action  []byte
	media   *llm.Media

	code      *llm.Code // text holds what it printed
	container string
	ran       bool

	search  llm.Search
	sources bool // are wanted

	loading llm.Loading // action holds the tools that were found
}

// contentPartOut is a content part of a message.
type contentPartOut struct {
	index   int
	refusal bool
	text    text
	tokens  []llm.TokenLogprob
	notes   []annotation
	shift   int // runes written before the part's own text
}

// annotation is a URL citation; its span is counted in runes.
type annotation struct {
	start, end int
	url, title string
}

func (it *outputItem) last() *contentPartOut { return &it.parts[len(it.parts)-1] }

func (it *outputItem) deltaEvent() string {
	if it.kind == itemCustom {
		return "response.custom_tool_call_input.delta"
	}
	return "response.function_call_arguments.delta"
}

// cut reports whether the end of a reply at a limit left the item unfinished.
func (it *outputItem) cut() bool {
	switch it.kind {
	case itemFunction:
		return rawjson.Check([]byte(it.text.String()), maxArgsDepth) != nil
	case itemTrained, itemImage, itemCode, itemSearch, itemLoading:
		return false
	}
	return true
}

// write writes the item as it stands in the output and in output_item.done.
func (it *outputItem) write(w *rawjson.Writer, status string) {
	w.Obj()
	w.StrField("id", it.id)
	switch it.kind {
	case itemMessage:
		w.StrField("type", "message")
		w.StrField("status", status)
		w.StrField("role", "assistant")
		w.Key("content")
		w.Arr()
		for i := range it.parts {
			it.parts[i].write(w)
		}
		w.EndArr()
	case itemReasoning:
		it.writeReasoning(w)
	case itemFunction:
		w.StrField("type", "function_call")
		w.StrField("status", status)
		w.StrField("arguments", it.text.String())
		it.writeCall(w)
	case itemCustom:
		w.StrField("type", "custom_tool_call")
		w.StrField("input", it.text.String())
		it.writeCall(w)
	case itemTrained:
		w.StrField("type", it.trained.kind)
		w.StrField("status", status)
		w.StrField("call_id", it.call.ID)
		w.RawField(it.trained.key, it.shownAction(status))
		rawjson.AppendRest(w, []byte("{"+it.trained.more+"}"))
	case itemImage:
		it.writeImage(w, status)
	case itemCode:
		it.writeCode(w, status)
	case itemSearch:
		it.writeSearch(w, status)
	case itemLoading:
		it.writeLoading(w, status)
	}
	w.End()
}

// commands are those of a shell call, nil of anything else.
func (it *outputItem) commands() []byte {
	if it.kind != itemTrained || it.trained.kind != "shell_call" {
		return nil
	}
	commands, _ := rawjson.Get(it.action, "commands")
	return commands
}

// shownAction is the action at a status: a shell's commands have events of their
// own, which come after the item has opened.
func (it *outputItem) shownAction(status string) []byte {
	if status == statusInProgress && it.commands() != nil {
		return setMember(it.action, []byte("[]"), "commands")
	}
	return it.action
}

func (it *outputItem) writeReasoning(w *rawjson.Writer) {
	w.StrField("type", "reasoning")
	w.Key("summary")
	w.Arr()
	if text := it.text.String(); text != "" {
		writeSummary(w, text)
	}
	w.EndArr()
	if it.sealed != "" {
		w.StrField("encrypted_content", it.sealed)
	}
}

func writeSummary(w *rawjson.Writer, text string) {
	w.Obj()
	w.StrField("type", "summary_text")
	w.StrField("text", text)
	w.End()
}

func (it *outputItem) writeCall(w *rawjson.Writer) {
	w.StrField("call_id", it.call.ID)
	w.StrField("name", it.call.Name)
	if it.call.Namespace != "" {
		w.StrField("namespace", it.call.Namespace)
	}
}

func (it *outputItem) writeImage(w *rawjson.Writer, status string) {
	w.StrField("type", "image_generation_call")
	w.StrField("status", status)
	w.Key("result")
	if status == statusInProgress {
		w.Null()
		return
	}
	w.Grow(len(it.media.Data) + 64)
	w.Str(it.media.Data)
	if format, ok := strings.CutPrefix(it.media.MIME, "image/"); ok {
		w.StrField("output_format", format)
	}
}

func (it *outputItem) writeCode(w *rawjson.Writer, status string) {
	w.StrField("type", "code_interpreter_call")
	w.StrField("status", status)
	w.StrField("container_id", it.container)
	text := it.code.Text
	if status == statusInProgress {
		text = ""
	}
	w.StrField("code", text)
	w.Key("outputs")
	w.Arr()
	if logs := it.text.String(); logs != "" {
		w.Obj()
		w.StrField("type", "logs")
		w.StrField("logs", logs)
		w.End()
	}
	w.EndArr()
}

func (c *contentPartOut) write(w *rawjson.Writer) {
	w.Obj()
	if c.refusal {
		w.StrField("type", "refusal")
		w.StrField("refusal", c.text.String())
		w.End()
		return
	}
	w.StrField("type", "output_text")
	w.Key("annotations")
	w.Arr()
	for i := range c.notes {
		c.notes[i].write(w)
	}
	w.EndArr()
	w.Key("logprobs")
	writeTokens(w, c.tokens, true)
	w.StrField("text", c.text.String())
	w.End()
}

func (n *annotation) write(w *rawjson.Writer) {
	w.Obj()
	w.StrField("type", "url_citation")
	w.IntField("start_index", int64(n.start))
	w.IntField("end_index", int64(n.end))
	w.StrField("url", n.url)
	w.StrField("title", n.title)
	w.End()
}

// writeTokens writes log probabilities; the deltas of a stream leave the bytes
// out.
func writeTokens(w *rawjson.Writer, tokens []llm.TokenLogprob, bytes bool) {
	w.Arr()
	for i := range tokens {
		writeToken(w, &tokens[i], bytes, true)
	}
	w.EndArr()
}

func writeToken(w *rawjson.Writer, t *llm.TokenLogprob, bytes, top bool) {
	w.Obj()
	w.StrField("token", t.Token)
	w.Key("logprob")
	if t.Logprob == "" {
		w.Int(unlikely)
	} else {
		w.Raw([]byte(t.Logprob))
	}
	if bytes {
		w.Key("bytes")
		w.Arr()
		if t.Bytes == nil {
			for _, b := range []byte(t.Token) {
				w.Int(int64(b))
			}
		}
		for _, b := range t.Bytes {
			w.Int(int64(b))
		}
		w.EndArr()
	}
	if top {
		w.Key("top_logprobs")
		w.Arr()
		for i := range t.Top {
			writeToken(w, &t.Top[i], bytes, false)
		}
		w.EndArr()
	}
	w.End()
}

// unlikely is OpenAI's value for a token outside the likely ones.
const unlikely = -9999

// text is a string in pieces; one piece, as a replayed part has, is not
// copied.
type text struct {
	one  string
	many []byte
}

func (t *text) add(s string) {
	switch {
	case s == "":
	case t.many != nil:
		t.many = append(t.many, s...)
	case t.one == "":
		t.one = s
	default:
		t.many = append(append(make([]byte, 0, 2*(len(t.one)+len(s))), t.one...), s...)
	}
}

func (t *text) empty() bool { return t.one == "" }

func (t *text) String() string {
	if t.many != nil {
		return string(t.many)
	}
	return t.one
}
