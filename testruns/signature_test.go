package testruns_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"bellhop/testruns"
)

func TestSignature(t *testing.T) {
	for message, want := range map[string]string{
		"":                                     "",
		"expected 3 but was 17":                "expected <n> but was <n>",
		"expected 1,234.50 but was -2e-9":      "expected <n> but was -<n>",
		"timeout after 5001ms\n\tin worker_12": "timeout after <n>ms in worker_<n>",
		"open /home/runner/work/app/app/testdata/case-17.json: no such file":    "open <path>/case-<n>.json: no such file",
		`C:\Users\runner\AppData\Local\Temp\a81f\out is missing`:                "<path> is missing",
		"src/main/java/VoucherTest.java:88: NullPointerException":               "<path>/VoucherTest.java:<n>: NullPointerException",
		"java.lang.Object@4e25154f is not com.acme.Order@beefc":                 "java.lang.Object@<hex> is not com.acme.Order@<hex>",
		"panic at 0x7ffee3b2 [recovered] goroutine 118":                         "panic at <hex> [recovered] goroutine <n>",
		"commit 4f2c1ab9 is not 4f2c1ab9e07d7b6b4d4a4bb27e2d5d3f2c1ab9e0":       "commit <hex> is not <hex>",
		"order 123e4567-e89b-12d3-a456-426614174000 not found":                  "order <id> not found",
		"token 01ARZ3NDEKTSV4RRFFQ69G5FAV is unknown":                           "token <id> is unknown",
		"at 2026-11-25T00:24:03.123Z, after 00:24:03,5, on 2026-11-25":          "at <time>, after <time>, on <time>",
		`dial tcp 127.0.0.1:45123: connection refused`:                          "dial tcp <n>:<n>: connection refused",
		"GET http://localhost:34567/api/users/17?x=2 gave 503":                  "GET http://localhost:<n>/api/users/<n>?x=<n> gave <n>",
		"user87311 has no vouchers":                                             "user<n> has no vouchers",
		"expected sha256 as int64, in utf8, of VoucherTest2":                    "expected sha256 as int64, in utf8, of VoucherTest2",
		"wrong application/json for and/or in effaced internationalizationKeys": "wrong application/json for and/or in effaced internationalizationKeys",
		"täglich 3 × größer als “12”":                                           "täglich <n> × größer als “<n>”",
	} {
		require.Equal(t, want, testruns.Signature(message), message)
	}
}

func FuzzSignature(f *testing.F) {
	for _, seed := range []string{"", "expected 3 but was 17", "open /a/b/c.go:12", "@beef1 0x12", "a://b:1/2", "\x00\xff1234", strings.Repeat("1 ", 500)} {
		f.Add(seed)
	}
	long := regexp.MustCompile(`\d{4,}`)
	f.Fuzz(func(t *testing.T, message string) {
		s := testruns.Signature(message)
		if len(s) > 400 || long.MatchString(s) || strings.ContainsAny(s, "\n\t") {
			t.Fatalf("%q has the signature %q", message, s)
		}
		if utf8.ValidString(message) && !utf8.ValidString(s) {
			t.Fatalf("%q is no UTF-8", s)
		}
	})
}
