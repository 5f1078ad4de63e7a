package sse

// AppendEvent appends a frame with a name and data, lines ended by LF. Without a
// name the event field is left out. Line ends within data become further data
// lines.
func AppendEvent(dst []byte, event string, data []byte) []byte {
	if event != "" {
		dst = append(dst, "event: "...)
		for i := range len(event) {
			// A line end would let a name forge fields.
			if c := event[i]; c != '\n' && c != '\r' {
				dst = append(dst, c)
			}
		}
		dst = append(dst, '\n')
	}
	return AppendData(dst, data)
}

// AppendData appends a frame that has only data, lines ended by LF.
func AppendData(dst, data []byte) []byte { return appendLines(dst, "data: ", data, "\n") }

// AppendDataCRLF appends a frame that has only data, lines ended by CRLF, as the
// Gemini API does.
func AppendDataCRLF(dst, data []byte) []byte { return appendLines(dst, "data: ", data, "\r\n") }

// AppendComment appends a frame that clients ignore, for instance to keep a
// connection alive.
func AppendComment(dst []byte, text string) []byte {
	return appendLines(dst, ": ", []byte(text), "\n")
}

// appendLines appends each line of text with that prefix, then a blank line.
func appendLines(dst []byte, prefix string, text []byte, end string) []byte {
	all := lines{b: text}
	for line, done := all.next(); !done; line, done = all.next() {
		dst = append(dst, prefix...)
		dst = append(dst, line...)
		dst = append(dst, end...)
	}
	return append(dst, end...)
}
