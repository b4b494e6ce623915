package reports

import "bytes"

// keeper holds the beginning of a text. A nil keeper keeps nothing.
type keeper struct {
	text []byte // as in the input, still to be decoded
	max  int
}

// raw takes text whose references are still to be decoded.
func (k *keeper) raw(b []byte) {
	if k == nil || len(k.text) >= k.max {
		return
	}
	k.text = append(k.text, b[:min(len(b), k.max-len(k.text))]...)
}

// literal takes text in which nothing is a reference.
func (k *keeper) literal(b []byte) {
	if k == nil || len(k.text) >= k.max {
		return
	}
	b = b[:min(len(b), k.max-len(k.text))]
	k.text = append(k.text, bytes.ReplaceAll(b, []byte("&"), []byte("&amp;"))...)
}
