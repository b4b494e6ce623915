package catalog_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/catalog"
)

func TestAskAboutAPastedTrace(t *testing.T) {
	asker := pastedAsker(t)
	for name, c := range map[string]struct{ text, want string }{
		"Go": {`panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x47d3a5]

goroutine 1 [running]:
encoding/json.(*Decoder).Decode(0x0, {0x4a1b20, 0xc00001c0a8})
	/usr/local/go/src/encoding/json/stream.go:49 +0x1d
github.com/acme/payments/src.(*Service).Do(0xc000012120, 0x2)
	/home/runner/work/payments/payments/src/refund.go:42 +0x1d
github.com/acme/checkout/cart.Pay(...)
	/home/runner/go/pkg/mod/github.com/acme/checkout@v1.2.0/cart/pay.go:9
main.main()
	/home/runner/work/payments/payments/main.go:12 +0x20
exit status 2`, "refund.go:42 → component:payments → group:ledger by CODEOWNERS line 3; also component:checkout"},
		"Go with a major version": {"github.com/acme/payments/v3/src.Run[...]({0x1, 0x2})\n\t/src/x/refund.go:7 +0x1", "refund.go:7 → component:payments → group:ledger by CODEOWNERS line 3"},
		"Go's cache of modules":   {"/root/go/pkg/mod/github.com/acme/payments@v1.4.0/src/refund.go:7: x", "refund.go:7 → component:payments → group:ledger by CODEOWNERS line 3"},
		"Go under another name":   {"goroutine 7 [running]:\ngo.acme.dev/pay/refund.Do(0x1)\n\t/build/refund/do.go:3 +0x1", "do.go:3 → component:payments by package go.acme.dev/pay"},
		"Java": {`Exception in thread "main" java.lang.IllegalStateException: no money
	at java.base/java.util.Objects.requireNonNull(Objects.java:233)
	at org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:897) ~[spring-webmvc-6.1.jar!/:6.1]
	at com.acme.checkout.cart.Basket.pay(Basket.java:31)
	at com.acme.pay.refund.RefundService$Inner.refund(RefundService.java:42)
	... 12 more`, "Basket.java:31 → component:checkout by package com.acme.checkout.cart.Basket; also component:payments"},
		"Java's innermost cause": {`com.acme.checkout.CheckoutException: failed
	at com.acme.checkout.Basket.pay(Basket.java:31)
Caused by: com.acme.pay.RefundException: no money
	at com.acme.pay.RefundService.refund(RefundService.java:42)
	... 1 more`, "RefundException → component:payments by package com.acme.pay; also component:checkout"},
		"an archive of Java": {"\tat a.b.C.d(C.java:1) ~[web-shop-2.4.1.jar!/:2.4.1]", " → component:web-shop by web-shop-2.4.1.jar"},
		"Python": {`Traceback (most recent call last):
  File "/usr/lib/python3.12/runpy.py", line 198, in _run_module_as_main
    return _run_code(code, main_globals, None,
  File "/app/web-shop/main.py", line 3, in <module>
    pay()
  File "/usr/lib/python3/site-packages/acme_checkout/basket.py", line 42, in pay
    raise ValueError("no money")
ValueError: no money`, "basket.py:42 → component:checkout by package acme_checkout; also component:web-shop"},
		"JavaScript": {`TypeError: Cannot read properties of undefined (reading 'amount')
    at Object.<anonymous> (/srv/node_modules/.pnpm/@acme+checkout@1.2.3/node_modules/@acme/checkout/dist/refund.js:10:5)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
    at async handler (/srv/web-shop/src/handler.ts:3:1)`, "refund.js:10 → component:checkout by package @acme/checkout; also component:web-shop"},
		"Ruby": {"/app/vendor/bundle/ruby/3.3.0/gems/acme-checkout-1.2.3/lib/refund.rb:42:in `refund': no money (RuntimeError)\n\tfrom /app/bin/run:3:in `<main>'", "refund.rb:42 → component:checkout by package acme-checkout"},
		".NET": {`Unhandled exception. System.InvalidOperationException: no money
   at Acme.WebShop.Basket.Pay(String id) in C:\src\Acme.WebShop\Basket.cs:line 42
   at Program.<Main>$(String[] args)`, "Acme.WebShop.Basket.Pay → component:web-shop by package Acme.WebShop.Basket.Pay"},
		"PHP":                {"#0 /var/www/html/vendor/acme/checkout/src/Refund.php(42): Acme\\Checkout\\Refund->run()", "Refund.php:42 → component:checkout by package acme/checkout"},
		"a log line in JSON": {`{"level":"error","service":"payments","msg":"cannot reach checkout:8080","pod":"payments-7d9f8b6c5-x2x9z"}`, " → component:payments by service=payments; also component:checkout"},
		"zap's trace within JSON": {`{"level":"error","caller":"src/refund.go:42","msg":"no money","stacktrace":"github.com/acme/payments/src.(*Service).Do\n\t/src/refund.go:42\ngithub.com/acme/checkout/cart.Pay\n\t/x/pay.go:9"}`,
			"refund.go:42 → component:payments → group:ledger by CODEOWNERS line 3; also component:checkout"},
		"a trace of the JVM within JSON": {`{"@timestamp":"2026-11-24T10:00:00Z","stack_trace":"java.lang.IllegalStateException: no\n\tat com.acme.pay.A.b(A.java:1)\n"}`, "A.java:1 → component:payments by package com.acme.pay"},
		"Spring Boot's line":             {`2026-11-24T10:00:00.123Z ERROR 1 --- [checkout] [nio-8080-exec-1] c.a.c.Basket : failed`, " → component:checkout by checkout"},
		"logback's line":                 {`10:00:00.123 [main] ERROR com.acme.checkout.Basket - failed`, "com.acme.checkout.Basket → component:checkout by package com.acme.checkout.Basket"},
		"nginx":                          {`2026/11/24 10:00:00 [error] 7#7: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.1, server: pay.acme.example, request: "GET /x HTTP/1.1", upstream: "http://10.0.0.3:8080/x", host: "pay.acme.example"`, "pay.acme.example → component:payments by a link to that host"},
		"Kotlin's coroutines":            {"kotlinx.coroutines.JobCancellationException: x\n\tat com.acme.pay.RefundKt$main$1.invokeSuspend(Refund.kt:12)\n\tat kotlin.coroutines.jvm.internal.BaseContinuationImpl.resumeWith(ContinuationImpl.kt:33)", "Refund.kt:12 → component:payments by package com.acme.pay"},
		"modules of Node":                {"    at file:///srv/web-shop/dist/index.js:3:9\n    at ModuleJob.run (node:internal/modules/esm/module_job:263:25)", "index.js:3 → component:web-shop by folder web-shop"},
		"an exception group of Python":   {"  + Exception Group Traceback (most recent call last):\n  |   File \"/app/checkout/main.py\", line 3, in <module>\n  |     run()", "main.py:3 → component:checkout by folder checkout"},
		"Rust":                           {"thread 'main' panicked at services/billing/src/main.rs:4:5:\nindex out of bounds", "main.rs:4 → component:billing → group:ledger by CODEOWNERS line 2"},
		"a job of Actions":               {"Run cd /home/runner/work/payments/payments && make\n/home/runner/work/payments/payments/src/refund.go:3:1: undefined: x", "refund.go:3 → component:payments → group:ledger by CODEOWNERS line 3"},
		"an event of Kubernetes":         {"30s  Warning  FailedScheduling  pod/web-shop-7d9f8b6c5-x2x9z  0/3 nodes are available", " → component:web-shop by web-shop-7d9f8b6c5-x2x9z"},
		"an alert":                       {"[FIRING:1] HighErrorRate (checkout acme critical)\nalertname = HighErrorRate\nservice = checkout\nhttps://grafana.acme.example/d/checkout?x=1", "grafana.acme.example/d/checkout → component:checkout by the link “Dashboard”"},
		"a log line in logfmt":           {`ts=2026-11-24T10:00:00Z level=error app=web-shop msg="no such host" host=ip-10-0-0-1`, " → component:web-shop by app=web-shop"},
		"a pod":                          {"Warning  BackOff  pod/checkout-5c6f7d8b9-abcde  Back-off restarting failed container", " → component:checkout by checkout-5c6f7d8b9-abcde"},
		"docker compose":                 {"web-shop  | Error: connect ECONNREFUSED 10.0.0.1:5432", " → component:web-shop by web-shop"},
		"an address that fails":          {`level=error msg="Get \"https://pay.acme.example/refunds/7\": context deadline exceeded"`, "pay.acme.example → component:payments by a link to that host"},
		"a fence around it":              {"hm?\n```\ngithub.com/acme/payments/src.Do()\n\t/x/refund.go:1 +0x1\n```", "refund.go:1 → component:payments → group:ledger by CODEOWNERS line 3"},
		"nothing of ours":                {"goroutine 1 [running]:\nmain.main()\n\t/tmp/x/prog.go:8 +0x1d", " →  by "},
		"Windows and line feeds":         {"at com.acme.pay.A.b(A.java:1)\r\nat com.acme.pay.C.d(C.java:2)\r\n", "A.java:1 → component:payments by package com.acme.pay"},
		"Slack's own permalink":          {"https://acme.slack.com/archives/C02PAYMENTS/p1764000000000100", " →  by "},
		"an image that won't run":        {`Failed to pull image "ghcr.io/acme/checkout:1.2": not found`, " → component:checkout by repository acme/checkout"},
	} {
		a, err := asker.Ask(t.Context(), catalog.Question{Text: c.text, Message: true})
		require.NoError(t, err, name)
		assert.Equal(t, c.want, told(a), name)
	}
}

// FuzzClues: whatever is pasted, it ends soon and within its bounds, and each clue can be looked up.
func FuzzClues(f *testing.F) {
	for _, text := range []string{
		"github.com/acme/payments/v3/src.Run[...]({0x1})\n\t/src/x/refund.go:7 +0x1", "at com.acme.A.b(A.java:1)", `File "/a/b.py", line 3`,
		"https://github.com/acme/x/blob/main/a/../b.go#L1", "https://a.example:99999/%zz?q", "git@a:b", "@a/b a@b.c service=x [y] z-0123456-abcde",
		"x.go of y", "ghcr.io/a/b:c@sha256:0", "\xff\x00://", "./", strings.Repeat("a/", 5000), strings.Repeat("a.b.c ", 5000),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		clues := catalog.Clues(text)
		if len(clues) > 250 {
			t.Fatalf("%d clues", len(clues))
		}
		for i, c := range clues {
			if i > 0 && c.Kind < clues[i-1].Kind {
				t.Fatal("not in order")
			}
			if c.Slug == "" && c.Path == "" && len(c.Names) == 0 || strings.Contains(strings.Join(c.Names, "")+c.Path+c.Slug, "\x00") || !utf8.ValidString(c.Text) {
				t.Fatalf("nothing to look up: %+v", c)
			}
			if c.Kind == catalog.ClueHost && len(c.Names) != 2 {
				t.Fatalf("%+v", c)
			}
			_ = fmt.Sprint(c)
		}
	})
}
