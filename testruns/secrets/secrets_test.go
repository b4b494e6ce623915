package secrets_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"bellhop/testruns/secrets"
)

// The tokens are put together here, so that nobody's scanner takes them for real ones.
const (
	classic   = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
	fine      = "github_pat_" + "11ABCDEFG0abcdefghijkl_MNOPQRSTUVWXYZ0123456789abcdefghijklmnop"
	stateless = "ghs_" + "12345_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxMjM0NSJ9.c2lnbmF0dXJl-Zw"
	slackBot  = "xoxb-" + "17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy"
	slackApp  = "xapp-" + "1-A111111111-1111111111111-" + "abcdef0123456789"
	rotating  = "xoxe.xoxp-" + "1-Mi0yLTEyMzQ1Njc4OTA"
	awsID     = "AKIAIOSFODNN7EXAMPLE"
	awsKey    = "pW4l9rXUt3nFE/K7Md2NG+bP8xRf1iCY" + "z0Kq5vTe"
	jwt       = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
	drawn     = "q7Rz2Kd9Xw4Lm8Tn1Vb6Yc3Hj5Pf0Sg"
)

func TestMask(t *testing.T) {
	const key = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIEow\nIBAAK=\n-----END RSA PRIVATE KEY-----"
	for text, want := range map[string]string{
		"":                                     "",
		"push with " + classic + ".":           "push with [masked GitHub token].",
		"TOKEN_" + classic:                     "TOKEN_[masked GitHub token]",
		"used " + fine + ", then " + stateless: "used [masked GitHub token], then [masked GitHub token]",
		"cut off in ghp_16C7e42F29":            "cut off in [masked GitHub token]",
		"bot " + slackBot + " app " + slackApp: "bot [masked Slack token] app [masked Slack token]",
		"refreshed " + rotating:                "refreshed [masked Slack token]",
		"POST https://hooks.slack.com/services/T000/B000/XXXX gave 404":       "POST https://hooks.slack.com/[masked Slack webhook] gave 404",
		"key " + awsID + " is " + awsKey:                                      "key [masked AWS key] is [masked]",
		"AWS_SECRET_ACCESS_KEY=" + awsKey + " make":                           "AWS_SECRET_ACCESS_KEY=[masked] make",
		"got " + jwt + " for bob":                                             "got [masked JWT] for bob",
		"in\n" + key + "\nout":                                                "in\n[masked private key]\nout",
		"cut " + key[:60]:                                                     "cut [masked private key]",
		`"-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n" bad`: `"[masked private key]\n" bad`,
		"gitlab glpat-" + "abcDEF0123456789abcd, stripe sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc": "gitlab [masked GitLab token], stripe [masked Stripe key]",

		// Addresses.
		"dial postgres://app:hunter2@db:5432/app?sslmode=off":                "dial postgres://app:[masked]@db:5432/app?sslmode=off",
		"redis://:s3cr3t@cache:6379, amqp://a:b@mq":                          "redis://:[masked]@cache:6379, amqp://a:[masked]@mq",
		`parse "postgres://app:p#ss/w@d@db/x": invalid port ":p" after host`: `parse "postgres://app:[masked]@db/x": invalid port ":[masked]" after host`,
		"GET https://x.blob.core.windows.net/a?se=2026&sig=abc%2Fd&sp=r":     "GET https://x.blob.core.windows.net/a?se=2026&sig=[masked]&sp=r",
		"GET https://s3/x?X-Amz-Signature=0a1b2c&x=1":                        "GET https://s3/x?X-Amz-Signature=[masked]&x=1",
		"GET /login?access_token=abcdef&next=/":                              "GET /login?access_token=[masked]&next=/",

		// Names.
		"connect user=app password=hunter host=db":               "connect user=app password=[masked] host=db",
		`{"user":"bob","password":"hun\"ter 2","n":1}`:           `{"user":"bob","password":"[masked]","n":1}`,
		`body: "{\"password\":\"hunter2\",\"n\":1}"`:             `body: "{\"password\":\"[masked]\",\"n\":1}"`,
		`cut off: {"password":"hunt`:                             `cut off: {"password":"[masked]`,
		"&{User:bob Password:hunter Token:abc}":                  "&{User:bob Password:[masked] Token:[masked]}",
		"User[name=bob, password=hunter2]":                       "User[name=bob, password=[masked]]",
		"{'client_secret': 'a b', :api_key=>\"c\"}":              "{'client_secret': '[masked]', :api_key=>\"[masked]\"}",
		"db_password: hunter\nother":                             "db_password: [masked]\nother",
		"STRIPE_API_KEY = abc123":                                "STRIPE_API_KEY = [masked]",
		"<password>hunter</password><user>bob</user>":            "<password>[masked]</password><user>bob</user>",
		"mysql --password hunter2 --host db":                     "mysql --password [masked] --host db",
		"curl -u bob:hunter2 https://x":                          "curl -u bob:[masked] https://x",
		"> Authorization: Basic Ym9iOmh1bnRlcg==\n> Accept: */*": "> Authorization: Basic [masked]\n> Accept: */*",
		`map[Authorization:[Bearer abc.def]]`:                    `map[Authorization:[Bearer [masked]]]`,
		`Authorization: Digest username="bob", response="66"`:    `Authorization: Digest [masked]`,
		"sent bearer 0a1b2c3d4e5f6071":                           "sent bearer [masked]",
		"Set-Cookie: sid=0a1b2c; Path=/\nHost: x":                "Set-Cookie: [masked]\nHost: x",

		// Drawn by chance.
		"license " + drawn + " refused": "license [masked] refused",
	} {
		require.Equal(t, want, secrets.Mask(text), text)
		require.Equal(t, want, secrets.Mask(want), "masked twice")
	}
}

func TestWhatIsNoSecretStays(t *testing.T) {
	for _, text := range []string{
		"expected 3 but was 17",
		"commit 4f2c1ab9e07d7b6b4d4a4bb27e2d5d3f2c1ab9e0 is not in main",
		"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 differs",
		"integrity sha512-q7Rz2Kd9Xw4Lm8Tn1Vb6Yc3Hj5Pf0Sg== differs",
		"order 123e4567-e89b-12d3-a456-426614174000 not found",
		"order 01ARZ3NDEKTSV4RRFFQ69G5FAV not found",
		"pod payments-7d9f8b6c5d-x2x4z is not ready",
		"/home/runner/work/app/app/src/main/java/com/acme/VoucherServiceV2Test.java:88",
		"at Object.shouldReturnTheRightValueWhenTwoVouchersAreGiven2Times (VoucherServiceIntegrationTest.java)",
		"TestReaders/reads_a_report_of_UTF16_with_BOM_2_times failed",
		"password: must be at least 8 characters",
		"Unexpected token: foo in JSON at position 3",
		`Unexpected token '<', "<!DOCTYPE "... is not valid JSON`,
		"password=null, token: undefined, secret=${SECRET}, password=***",
		"max_tokens=100 exceeded",
		"expected token == other",
		"const token = sign(user)",
		"PWD=/home/runner/work/app",
		"GET http://localhost:34567/api/users/a@example.com gave 503",
		"dial tcp [::1]:5432: connect: connection refused",
		"basic authentication is required, bearer authentication too",
		"highs_and_lows_of_the_day and npm_config_user_agent_of_the_runner",
		"--token is required",
		"täglich 3 × größer als “12”",
	} {
		require.Equal(t, text, secrets.Mask(text))
	}
}

// FuzzMask puts secrets among any text: none of them may come through.
func FuzzMask(f *testing.F) {
	for _, seed := range []string{"", "password=", `{"a":"`, "https://a:b@c ", "-----BEGIN", "\x00\xff", "Cookie: a=b", "'"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		for _, secret := range []string{classic, slackBot, awsID, jwt, "password=hunter2hunter2"} {
			text := before + " " + secret + " " + after
			got := secrets.Mask(text)
			if bare := strings.TrimPrefix(secret, "password="); strings.Contains(got, bare) && !strings.Contains(before+after, bare) {
				t.Fatalf("%q became %q", text, got)
			}
			if utf8.ValidString(text) && !utf8.ValidString(got) {
				t.Fatalf("%q became %q", text, got)
			}
		}
	})
}

func BenchmarkMask(b *testing.B) {
	text := strings.Repeat("java.lang.AssertionError: expected <3> but was <17>\n\tat com.acme.VoucherServiceTest.applies(VoucherServiceTest.java:88)\n", 17)[:2000]
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		secrets.Mask(text)
	}
}
