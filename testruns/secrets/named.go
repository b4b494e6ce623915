package secrets

import (
	"regexp"
	"strings"
)

// telling are the words in a name that tell that its value is a secret.
const telling = `(?:pass(?:word|wd|phrase)|pwd|secret|token|api[_-]?key|(?:access|private|signing|encryption)[_-]?key|credential|authorization|session[_-]?id)`

var (
	// assigned is a name, what joins it to its value, and the value: in quotes (which a cut may have left open), in quotes
	// within quotes, or up to the next space.
	assigned = regexp.MustCompile(`(?is)([a-z0-9_.-]*` + telling + `[a-z0-9_-]*)(\\?["']?\s*(?::=|=>|=|:)\s*)` +
		`(\\"[^"]*(?:"|\z)|"(?:[^"\\]|\\.)*\\?(?:"|\z)|'[^']*(?:'|\z)|[^\s"'&;<>=][^\s"'&;<>]*)`)
	// flagged is an option of a command.
	flagged = regexp.MustCompile(`(?i)(--[a-z0-9-]*` + telling + `[a-z0-9-]*)(\s+)([^\s"'-][^\s"']*)`)
	// element is one of XML.
	element = regexp.MustCompile(`(?i)(<[\w:.-]*` + telling + `[\w.-]*>)[^<]+(</)`)

	header = regexp.MustCompile(`(?i)(authorization["']?\s*[:=,]\s*\[?["']?)(?:(basic|bearer|token|negotiate)\s+(?:\[masked\]|[^\s"',\]]+)|(digest|aws4-hmac-sha256)\s[^\r\n]*)`)
	cookie = regexp.MustCompile(`(?i)(\b(?:set-)?cookie["']?\s*[:=]\s*\[?["']?)[^\s=;"']+=[^\r\n"']*`)
	// bearing is an authorization without the header's name; curl's -u is another.
	bearing = regexp.MustCompile(`(?i)\b(bearer|basic)(\s+)([a-z0-9._~+/-]{12,}=*)`)
	user    = regexp.MustCompile(`(\s(?:-u|--user)[ =][^\s:"']+:)([^\s"']*[A-Za-z][^\s"']*)`)
)

// names are what one of stands in a text wherever the patterns match, in small letters.
var names = []string{"pass", "pwd", "secret", "token", "key", "credential", "auth", "session", "cookie", "bearer", "basic", "-u"}

// maskNamed masks the values that have a telling name before them.
func maskNamed(text string) string {
	if !containsAny(strings.ToLower(text), names) {
		return text
	}
	text = header.ReplaceAllString(text, "${1}${2}${3} "+masked)
	text = cookie.ReplaceAllString(text, "${1}"+masked)
	text = element.ReplaceAllString(text, "${1}"+masked+"${2}")
	text = user.ReplaceAllString(text, "${1}"+masked)
	text = maskValues(text, bearing)
	text = maskValues(text, flagged)
	return maskValues(text, assigned)
}

// maskValues masks the third group of a pattern, the value, where by the first, its name, and the second, what joins them,
// it is one.
func maskValues(text string, pattern *regexp.Regexp) string {
	var out strings.Builder
	end := 0
	for _, m := range pattern.FindAllStringSubmatchIndex(text, -1) {
		value := strings.TrimRight(text[m[6]:m[7]], ",)}].")
		after := text[m[6]+len(value):]
		if !isSecret(strings.ToLower(text[m[2]:m[3]]), text[m[4]:m[5]], value, after) {
			continue
		}
		out.WriteString(text[end:m[6]])
		out.WriteString(inQuotes(value))
		end = m[6] + len(value)
	}
	return out.String() + text[end:]
}

// inQuotes is a masked value in the quotes that it has.
func inQuotes(value string) string {
	for _, quote := range []string{`\"`, `"`, `'`} {
		if rest, ok := strings.CutPrefix(value, quote); ok {
			if !strings.HasSuffix(rest, quote) {
				quote = "" // cut off
			}
			return value[:len(value)-len(rest)] + masked + quote
		}
	}
	return masked
}

const (
	letters = "abcdefghijklmnopqrstuvwxyz"
	digits  = "0123456789"
)

// isSecret tells a value from what else stands behind such a name: nothing, a placeholder, or a sentence about it
// ("password: must not be empty", "unexpected token: foo").
func isSecret(name, join, value, after string) bool {
	bare := strings.ToLower(strings.Trim(value, `\"'`))
	isPassword := strings.Contains(name, "pass") || strings.Contains(name, "pwd")
	hasDigit, hasLetter := strings.ContainsAny(bare, digits), strings.ContainsAny(bare, letters)
	switch bare {
	case "null", "nil", "none", "true", "false", "undefined", "empty":
		return false
	case "[bearer", "[basic", "[digest", "bearer", "basic", "digest": // of a header, whose value comes behind
		return false
	}
	switch {
	case !hasDigit && !hasLetter && (len(bare) < 6 || strings.Trim(bare, "*•x.") == ""),
		strings.HasPrefix(bare, "[masked"), strings.HasPrefix(bare, "${"), strings.HasPrefix(bare, "<"):
		return false
	case strings.HasSuffix(name, "pwd") && strings.ContainsAny(bare, `/\`): // the working directory
		return false
	case !hasLetter && hasDigit && !isPassword && len(bare) < 6: // max_tokens=100
		return false
	case name == "bearer" || name == "basic":
		return hasDigit || strings.HasSuffix(bare, "=")
	case bare != strings.ToLower(value): // in quotes
		return true
	case join != "" && strings.TrimRight(join, " \t\r\n") == join: // password=hunter
		return true
	case strings.ContainsAny(bare, "()"): // token = sign(user)
		return false
	case hasDigit || strings.ContainsAny(bare, "!@#$%^&*+/") || len(bare) >= 24:
		return true
	}
	return isPassword && endsLine(after)
}

// endsLine tells whether nothing more is said on a line: a word alone is a value, one of several begins a sentence.
func endsLine(after string) bool {
	after = strings.TrimLeft(after, " \t")
	return after == "" || strings.ContainsAny(after[:1], "\r\n,;)}]&")
}
