package fakeopenai

import (
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Transcript is what the fake hears in every recording.
const Transcript = "Good morning to you."

// transcribe takes the fields of AudioTranscriptionNewParams of openai-go v3.
func (s *Server) transcribe(w http.ResponseWriter, r *http.Request, body []byte) error {
	fields, files, err := form(r, body)
	if err != nil {
		return err
	}
	for name := range fields {
		known := []string{"model", "language", "prompt", "response_format", "temperature", "stream", "timestamp_granularities[]", "include[]", "chunking_strategy"}
		if !slices.Contains(known, name) {
			return refuse(name, "Unrecognized request argument supplied: %s", name)
		}
	}
	if len(files) != 1 || files[0].field != "file" || len(files[0].data) == 0 {
		return refuse("file", "Missing required parameter: 'file'.")
	}
	if ext := strings.TrimPrefix(path.Ext(files[0].name), "."); !slices.Contains([]string{"flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm"}, ext) {
		return refuse("file", "Unrecognized file format. Supported formats: ['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']")
	}
	model, format := fields["model"], fields["response_format"]
	formats := []string{"json", "text", "srt", "verbose_json", "vtt"}
	if model == Listener4o { // "the only supported format is json"
		formats = formats[:1]
	}
	if err := first(needModel(model, Listener, Listener4o), oneOf("response_format", format, formats...)); err != nil {
		return err
	}
	if v, has := fields["temperature"]; has {
		if t, err := strconv.ParseFloat(v, 64); err != nil || t < 0 || t > 1 {
			return refuse("temperature", "Invalid 'temperature'.")
		}
	}
	const use = `{"type":"tokens","input_tokens":14,"output_tokens":7,"total_tokens":21,"input_token_details":{"text_tokens":0,"audio_tokens":14}}`
	if fields["stream"] == "true" && model == Listener4o { // whisper-1 ignores it
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		for _, word := range strings.SplitAfter(Transcript, " ") {
			fmt.Fprintf(w, "event: transcript.text.delta\ndata: {\"type\":\"transcript.text.delta\",\"delta\":%q}\n\n", word)
			w.(http.Flusher).Flush()
		}
		fmt.Fprintf(w, "event: transcript.text.done\ndata: {\"type\":\"transcript.text.done\",\"text\":%q,\"usage\":%s}\n\n", Transcript, use)
		return nil
	}
	switch format {
	case "text":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, Transcript+"\n")
	case "srt":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, "1\n00:00:00,000 --> 00:00:01,000\n"+Transcript+"\n")
	case "verbose_json":
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"task":"transcribe","language":"english","duration":1.5,"text":%q,"segments":[],"usage":{"type":"duration","seconds":2}}`, Transcript)
	default:
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"text":%q,"usage":%s}`, Transcript, use)
	}
	return nil
}

// speechRequest is AudioSpeechNewParams of openai-go v3.
type speechRequest struct {
	Model        string   `json:"model"`
	Input        string   `json:"input"`
	Voice        string   `json:"voice"`
	Instructions string   `json:"instructions"`
	Format       string   `json:"response_format"`
	Speed        *float64 `json:"speed"`
	StreamFormat string   `json:"stream_format"`
}

// SpeechPieces are the pieces in which the fake sends what it says.
func SpeechPieces() []string { return []string{"ID3-one-", "two-", "three"} }

func (s *Server) speak(w http.ResponseWriter, r *http.Request, body []byte) error {
	var req speechRequest
	if err := strictBody(r, body, &req); err != nil {
		return err
	}
	switch {
	case req.Input == "" || len([]rune(req.Input)) > 4096:
		return refuse("input", "Invalid 'input': string too long or missing. Expected 1 to 4096 characters.")
	case req.Voice == "":
		return refuse("voice", "Missing required parameter: 'voice'.")
	case req.Speed != nil && (*req.Speed < 0.25 || *req.Speed > 4):
		return refuse("speed", "Invalid 'speed'.")
	}
	err := first(needModel(req.Model, Speaker),
		oneOf("voice", req.Voice, "alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse", "marin", "cedar"),
		oneOf("response_format", req.Format, "mp3", "opus", "aac", "flac", "wav", "pcm"),
		oneOf("stream_format", req.StreamFormat, "sse", "audio"))
	if err != nil {
		return err
	}
	if req.StreamFormat == "sse" {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		io.WriteString(w, "data: {\"type\":\"speech.audio.delta\",\"audio\":\"SUQz\"}\n\ndata: {\"type\":\"speech.audio.done\",\"usage\":{\"input_tokens\":5,\"output_tokens\":40,\"total_tokens\":45}}\n\n")
		return nil
	}
	w.Header().Set("Content-Type", "audio/mpeg")
	for i, piece := range SpeechPieces() {
		if i > 0 {
			select { // the client must have the piece before
			case <-s.nextPiece():
			case <-r.Context().Done():
				return nil
			case <-time.After(10 * time.Second):
			}
		}
		io.WriteString(w, piece)
		w.(http.Flusher).Flush()
		if strings.Contains(req.Input, "break off") {
			panic(http.ErrAbortHandler)
		}
	}
	return nil
}

// Step makes the fake wait before each piece of speech but the first until the
// function that is returned is called.
func (s *Server) Step() (next func()) {
	pieces := make(chan struct{}, 16)
	s.steps.Lock()
	s.pieces = pieces
	s.steps.Unlock()
	return func() { pieces <- struct{}{} }
}

func (s *Server) nextPiece() <-chan struct{} {
	s.steps.Lock()
	defer s.steps.Unlock()
	if s.pieces != nil {
		return s.pieces
	}
	open := make(chan struct{})
	close(open)
	return open
}
