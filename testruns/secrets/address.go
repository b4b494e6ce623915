package secrets

import (
	"regexp"
	"strings"
)

var (
	// credentials are a user and a password in an address: everything up to the last @, since who puts a password into an
	// address does not always escape it.
	credentials = regexp.MustCompile("([A-Za-z][A-Za-z0-9+.-]*://[^\\s/?#:@\"'<>`]*:)([^\\s\"'<>`]+)@")
	// port is what may stand behind a host instead.
	port = regexp.MustCompile(`^\d{1,5}(?:[/?#,]|$)`)
	// badPort is how Go's net/url tells of an unescaped password.
	badPort = regexp.MustCompile(`(invalid port ":)[^"]*[^"0-9][^"]*"`)
	// signed are the parts of an address by which whoever has it is let in.
	signed = regexp.MustCompile(`(?i)([?&](?:amp;)?(?:sig|signature|jwt|x-(?:amz|goog)-(?:signature|credential|security-token))=)[^&\s"'<>]+`)
)

// maskAddresses masks the passwords and signatures in addresses.
func maskAddresses(text string) string {
	if strings.Contains(text, "://") && strings.Contains(text, "@") {
		text = credentials.ReplaceAllStringFunc(text, func(address string) string {
			m := credentials.FindStringSubmatch(address)
			if port.MatchString(m[2]) {
				return address
			}
			return m[1] + masked + "@"
		})
	}
	text = badPort.ReplaceAllString(text, `${1}`+masked+`"`)
	if strings.ContainsAny(text, "?&") {
		text = signed.ReplaceAllString(text, "${1}"+masked)
	}
	return text
}
