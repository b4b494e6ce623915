package secrets

import "strings"

// shortest is the length from which a word may be drawn by chance, in bytes.
const shortest = 24

// maskRandom masks the words that look like drawn by chance.
func maskRandom(text string) string {
	var out strings.Builder
	end := 0
	for start := 0; start < len(text); start++ {
		stop := start
		for stop < len(text) && inWord(text[stop]) {
			stop++
		}
		if stop-start >= shortest && !isChecksum(text[:start], text[start:stop]) && isRandom(text[start:stop]) {
			out.WriteString(text[end:start])
			out.WriteString(masked)
			end = stop
		}
		start = stop
	}
	return out.String() + text[end:]
}

// inWord tells the signs of base64, in both its alphabets.
func inWord(c byte) bool {
	return classOf(c) != other || c == '+' || c == '/' || c == '_' || c == '-' || c == '='
}

// isChecksum tells what stands behind sha512- or sha256:.
func isChecksum(before, word string) bool {
	return strings.HasPrefix(word, "sha") || strings.Contains(before[max(0, len(before)-len("sha512:")):], "sha")
}

// isRandom tells whether a word looks like drawn by chance. Names of people's making change from small letters to capitals
// and digits and back once a word or so; what is drawn of letters and digits does so at three signs of five.
func isRandom(word string) bool {
	var (
		count          [4]int // capitals, small letters, digits, other
		pairs, changes int
		last           = other
		hex            = true
	)
	for i := range len(word) {
		c := word[i]
		class := classOf(c)
		count[class]++
		hex = hex && (class == other || class == digit || c|0x20 <= 'f')
		if class == other {
			continue
		}
		if last != other {
			pairs++
			if class != last {
				changes++
			}
		}
		last = class
	}
	const (
		mixed  = 0.4  // of the pairs change: of 32 drawn of letters and digits, 0.62 on average and less than this in 1 of 100
		simple = 0.35 // likewise of digits and letters of one case, 0.40
		long   = 28   // ULIDs, which are no secrets, have 26
	)
	share := float64(changes) / float64(max(pairs, 1))
	switch {
	case hex: // commits, checksums and UUIDs
		return false
	case count[capital] > 0 && count[small] > 0 && count[digit] >= 2 && share >= mixed,
		count[other] == 0 && len(word) >= long && count[digit] >= 6 && share >= simple:
		return true
	}
	return false
}

const (
	capital = iota
	small
	digit
	other
)

func classOf(c byte) int {
	switch {
	case c >= 'A' && c <= 'Z':
		return capital
	case c >= 'a' && c <= 'z':
		return small
	case c >= '0' && c <= '9':
		return digit
	}
	return other
}
