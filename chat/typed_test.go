package chat_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellhop/chat"
)

func TestAsTypedIsWhatWasPasted(t *testing.T) {
	for text, want := range map[string]string{
		"a\n\tb  c": "a\n\tb  c",
		"<http://github.com/acme/payments|github.com/acme/payments>.Do(0x1)\n": "github.com/acme/payments.Do(0x1)\n",
		"<https://github.com/acme/payments/pull/482|#482>":                     "https://github.com/acme/payments/pull/482",
		"<https://x.example/?a=1&amp;b=2>":                                     "https://x.example/?a=1&b=2",
		"<mailto:alice@acme.example|alice@acme.example>":                       "alice@acme.example",
		"<#C02PAYMENTS|payments> <@U01ALICE|alice> <!subteam^S01|@ledger>":     "#payments <@U01ALICE|alice> <!subteam^S01|@ledger>",
		"at Object.&lt;anonymous&gt; (a.js:1)":                                 "at Object.<anonymous> (a.js:1)",
		"at Object.<anonymous> (a.js:1)":                                       "at Object.<anonymous> (a.js:1)",
		"&lt;https://x.example&gt;":                                            "<https://x.example>",
	} {
		require.Equal(t, want, chat.AsTyped(text))
	}
}
