package chat

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxDuration bounds what somebody can type; a year is longer than any policy allows.
const maxDuration = 366 * 24 * time.Hour

var durationWord = regexp.MustCompile(`^(?i)(\d{1,6})(?:\.(\d))?([a-z]*)$`)

// ParseDuration reads 90m, 48h, 2d, 1w, 1.5h, "3 days" or "2h 30m"; ok is false for anything else, for zero and for
// more than a year.
func ParseDuration(text string) (d time.Duration, ok bool) {
	words := Words(text)
	d, n := duration(words)
	if n == 0 || n < len(words) || d > maxDuration {
		return 0, false
	}
	return d, true
}

// duration reads a length of time at the beginning of words and tells how many it took; 0 means there is none. All that
// is more than maxDuration is a little more than that.
func duration(words []Word) (total time.Duration, taken int) {
	for taken < len(words) {
		d, n := oneDuration(words[taken:])
		if n == 0 {
			break
		}
		total = min(total+d, maxDuration+1)
		taken += n
	}
	if total == 0 {
		return 0, 0
	}
	return total, taken
}

// oneDuration reads a number with its unit, in one word or two.
func oneDuration(words []Word) (time.Duration, int) {
	if words[0].Quoted {
		return 0, 0
	}
	text := words[0].Text
	var total time.Duration
	for text != "" { // 2h30m is one word
		end := strings.IndexFunc(text, func(r rune) bool { return r > '9' })
		if end < 0 {
			end = len(text)
		}
		for end < len(text) && text[end] > '9' {
			end++
		}
		m := durationWord.FindStringSubmatch(text[:end])
		if m == nil {
			return 0, 0
		}
		name, taken := m[3], 1
		if name == "" {
			if len(words) < 2 || total > 0 || end < len(text) {
				return 0, 0
			}
			name, taken = words[1].Text, 2
		}
		u, ok := unit(name)
		if !ok {
			return 0, 0
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return 0, 0
		}
		total = min(total+amount(n, m[2], u), maxDuration+1)
		if taken == 2 {
			return total, taken
		}
		text = text[end:]
	}
	return total, 1
}

// amount is n.tenth units, or more than maxDuration when that is too long to count.
func amount(n int, tenth string, u time.Duration) time.Duration {
	if time.Duration(n) > maxDuration/u {
		return maxDuration + 1
	}
	d := time.Duration(n) * u
	if tenth != "" {
		d += time.Duration(tenth[0]-'0') * u / 10
	}
	return d
}

func unit(name string) (time.Duration, bool) {
	switch strings.ToLower(name) {
	case "m", "min", "mins", "minute", "minutes":
		return time.Minute, true
	case "h", "hr", "hrs", "hour", "hours":
		return time.Hour, true
	case "d", "day", "days":
		return 24 * time.Hour, true
	case "w", "week", "weeks":
		return 7 * 24 * time.Hour, true
	}
	return 0, false
}

// moment reads a point in time at the beginning of words, as people say it at now (whose zone counts), and tells how
// many words it took; 0 means there is none: 18:00, 6pm, tomorrow, tomorrow 9:00, friday, fri 17:00, 2026-11-30,
// 2026-11-30 12:00. A time alone is the next one; a day alone is its end.
func moment(words []Word, now time.Time) (time.Time, int) {
	if len(words) == 0 || words[0].Quoted {
		return time.Time{}, 0
	}
	if h, m, n := timeOfDay(words); n > 0 {
		at := onDay(now, 0, h, m)
		if !at.After(now) {
			at = onDay(now, 1, h, m)
		}
		return at, n
	}
	text := words[0].Text
	if at, err := time.ParseInLocation("2006-01-02T15:04", text, now.Location()); err == nil {
		return at, 1
	}
	days, ok := dayAhead(text, now)
	if !ok {
		return time.Time{}, 0
	}
	rest, taken := words[1:], 1
	if len(rest) > 1 && rest[0].Is("at") {
		rest, taken = rest[1:], 2
	}
	if h, m, n := timeOfDay(rest); n > 0 {
		return onDay(now, days, h, m), taken + n
	}
	return onDay(now, days+1, 0, 0), 1
}

// onDay is h:m so many days ahead of now; a time that a clock change skips is the moment after it.
func onDay(now time.Time, days, h, m int) time.Time {
	return time.Date(now.Year(), now.Month(), now.Day()+days, h, m, 0, 0, now.Location())
}

// dayAhead is how many days ahead a day is that was named or dated.
func dayAhead(text string, now time.Time) (int, bool) {
	switch strings.ToLower(text) {
	case "today", "tonight":
		return 0, true
	case "tomorrow":
		return 1, true
	}
	if date, err := time.Parse("2006-01-02", text); err == nil {
		today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
		if days := int(date.Sub(today).Hours() / 24); days >= -1 && days < 36600 {
			return days, true
		}
		return 0, false
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		name := strings.ToLower(d.String())
		if lower := strings.ToLower(text); lower == name || lower == name[:3] {
			ahead := (int(d) - int(now.Weekday()) + 7) % 7
			if ahead == 0 {
				ahead = 7
			}
			return ahead, true
		}
	}
	return 0, false
}

var clockWord = regexp.MustCompile(`^(?i)(\d{1,2})(?::(\d{2}))?(am|pm|h)?$`)

// timeOfDay reads 18:00, 9am, 6:30pm or "6 pm", and tells how many words it took.
func timeOfDay(words []Word) (hour, minute, taken int) {
	if len(words) == 0 || words[0].Quoted {
		return 0, 0, 0
	}
	m := clockWord.FindStringSubmatch(words[0].Text)
	if m == nil {
		return 0, 0, 0
	}
	taken = 1
	half := strings.ToLower(m[3])
	if half == "" && len(words) > 1 && words[1].Is("am", "pm") {
		half, taken = strings.ToLower(words[1].Text), 2
	}
	if m[2] == "" && half == "" {
		return 0, 0, 0 // a bare number is no time
	}
	hour, err := strconv.Atoi(m[1])
	if err != nil {
		return 0, 0, 0
	}
	if m[2] != "" {
		if minute, err = strconv.Atoi(m[2]); err != nil {
			return 0, 0, 0
		}
	}
	if half == "am" || half == "pm" {
		if hour < 1 || hour > 12 {
			return 0, 0, 0
		}
		hour %= 12
		if half == "pm" {
			hour += 12
		}
	}
	if hour > 23 || minute > 59 {
		return 0, 0, 0
	}
	return hour, minute, taken
}
