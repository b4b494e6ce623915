package catalog

import "bytes"

// Bounds of what is read; what is over them is a problem and not read.
const (
	maxFileBytes     = 16 << 20
	maxDocumentBytes = 1 << 20
	maxDocuments     = 5000   // in a file
	maxDepth         = 50     // of nesting in a document
	maxValues        = 50_000 // in a document, aliases counted each time
	maxSigns         = 4 * maxValues
	maxProblems      = 5000 // kept in all
)

// chunk is the text of one YAML document.
type chunk struct {
	text     []byte
	document int // from 1
	line     int // of the text's first line within the file, from 1
}

// splitDocuments cuts a file at its document markers, so that one broken document cannot hold back its neighbours. YAML
// forbids `---` and `...` at the start of a line inside a document, also in quoted and block texts.
func splitDocuments(data []byte) []chunk {
	var (
		chunks []chunk
		start  = 0 // of the present document
		line   = 1 // of start
		at     = 1 // the line looked at
		opened = false
	)
	end := func(offset int) {
		text := data[start:offset]
		if opened || hasContent(text) {
			chunks = append(chunks, chunk{text, len(chunks) + 1, line})
		}
	}
	for offset := 0; offset < len(data); at++ {
		next := len(data)
		if i := bytes.IndexByte(data[offset:], '\n'); i >= 0 {
			next = offset + i + 1
		}
		switch text := data[offset:next]; {
		case isMarker(text, "---"):
			if opened || hasContent(data[start:offset]) {
				end(offset)
				start, line = offset, at
			} // else directives and comments before the marker belong to its document
			opened = true
		case isMarker(text, "..."):
			end(offset)
			start, line, opened = next, at+1, false
		}
		offset = next
	}
	end(len(data))
	return chunks
}

func isMarker(line []byte, marker string) bool {
	rest, ok := bytes.CutPrefix(line, []byte(marker))
	return ok && (len(rest) == 0 || bytes.ContainsAny(rest[:1], " \t\r\n"))
}

// hasContent tells that there is more than comments, directives and empty lines.
func hasContent(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' && line[0] != '%' {
			return true
		}
	}
	return false
}
