package reports_test

import "golang.org/x/text/encoding/unicode"

func utf16(text string) string {
	s, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		panic(err) // the fixtures are plain text
	}
	return s
}

func bigEnd(text string) string {
	s, err := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String(text)
	if err != nil {
		panic(err) // the fixtures are plain text
	}
	return s
}

// dialects are reports in the shapes that the tools named write; listless counts cases known by attributes alone.
var dialects = []struct {
	name     string
	text     string
	want     tally
	partial  bool
	listless int
	problem  string
	names    []string
}{
	{name: "surefire, with flaky and rerun", want: tally{5, 2, 1, 1, 1, 1}, text: `<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="surefire.xsd" version="3.0.2" name="com.acme.VoucherTest" time="1.234" tests="5" errors="1" skipped="1" failures="1" flakes="1">
  <properties><property name="java.version" value="21"/></properties>
  <testcase name="appliesVoucher" classname="com.acme.VoucherTest" time="0.01"/>
  <testcase name="rounding" classname="com.acme.VoucherTest" time="0.2"><flakyFailure message="expected 1" type="org.opentest4j.AssertionFailedError"><stackTrace><![CDATA[x]]></stackTrace><system-out>o</system-out></flakyFailure></testcase>
  <testcase name="refund" classname="com.acme.VoucherTest" time="0.1"><failure message="no" type="A">t</failure><rerunFailure message="no" type="A"><stackTrace>t</stackTrace></rerunFailure></testcase>
  <testcase name="timesOut" classname="com.acme.VoucherTest" time="30"><error message="timeout" type="T"/></testcase>
  <testcase name="later" classname="com.acme.VoucherTest" time="0"><skipped message="not yet"/></testcase>
</testsuite>`},
	{name: "surefire flakyError and rerunError", want: tally{2, 1, 0, 1, 0, 1}, text: `<testsuite name="s" tests="2">
<testcase name="a"><flakyError message="x"/></testcase><testcase name="b"><error/><rerunError/></testcase></testsuite>`},
	{name: "pytest", want: tally{4, 1, 1, 1, 1, 0}, text: `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4" time="0.05" timestamp="2026-11-20T10:00:00+00:00" hostname="runner-1">
<testcase classname="tests.test_money" name="test_round[EUR-2]" time="0.001"/>
<testcase classname="tests.test_money" name="test_tax" time="0.002"><failure message="assert 1 == 2">def test_tax():
&gt;   assert 1 == 2</failure></testcase>
<testcase classname="" name="tests.test_broken" time="0.000"><error message="collection failure">ImportError</error></testcase>
<testcase classname="tests.test_money" name="test_later" time="0.000"><skipped type="pytest.skip" message="no">x</skipped></testcase></testsuite></testsuites>`},
	{name: "jest-junit", want: tally{3, 2, 1, 0, 0, 0}, text: `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="jest tests" tests="3" failures="1" errors="0" time="1.2">
  <testsuite name="cart" errors="0" failures="1" skipped="0" timestamp="2026-11-20T10:00:00" time="0.7" tests="2">
    <testcase classname="cart merges" name="cart merges" time="0.004"/>
    <testcase classname="cart guest" name="cart guest" time="0.004"><failure>Error: expect(received).toBe(expected)</failure></testcase>
  </testsuite>
  <testsuite name="tax" errors="0" failures="0" skipped="0" tests="1"><testcase classname="tax" name="tax" time="0"/></testsuite>
</testsuites>`},
	{name: "vitest", want: tally{2, 1, 1, 0, 0, 0}, text: `<?xml version="1.0" encoding="UTF-8" ?>
<testsuites name="vitest tests" tests="2" failures="1" errors="0" time="0.1">
    <testsuite name="src/a.test.ts" timestamp="2026-11-20T10:00:00.000Z" hostname="h" tests="2" failures="1" errors="0" skipped="0" time="0.01">
        <testcase classname="src/a.test.ts" name="sum &gt; adds" time="0.001"></testcase>
        <testcase classname="src/a.test.ts" name="sum &gt; fails" time="0.002"><failure message="expected 3 to be 4" type="AssertionError">AssertionError: expected 3 to be 4</failure></testcase>
    </testsuite>
</testsuites>`},
	{name: "mocha, an empty root suite", want: tally{2, 1, 0, 0, 1, 0}, text: `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="Mocha Tests" time="0.01" tests="2" failures="0" skipped="1">
  <testsuite name="Root Suite" timestamp="x" tests="0" time="0" failures="0"></testsuite>
  <testsuite name="cart" file="/app/test/cart.js" time="0.01" tests="2" failures="0" skipped="1"><testcase name="cart a" time="0" classname="a"></testcase><testcase name="cart b" time="0" classname="b"><skipped/></testcase></testsuite>
</testsuites>`},
	{name: "node --test, nested and bare cases", want: tally{3, 2, 1, 0, 0, 0}, text: `<?xml version="1.0" encoding="utf-8"?>
<testsuites>
	<testcase name="top" time="0.001" classname="test"/>
	<testsuite name="outer" time="0.01" disabled="0" errors="0" tests="2" failures="1" skipped="0" hostname="h">
		<testcase name="ok" time="0.0" classname="test"/>
		<testcase name="no" time="0.0" classname="test" failure="boom"><failure type="testCodeFailure" message="boom">[Error [ERR_TEST_FAILURE]: boom]</failure></testcase>
	</testsuite>
	<!-- tests 3 --><!-- a <![CDATA[ mark in a comment ]]> -->
</testsuites>`},
	{name: "Playwright, two projects of the same names", want: tally{4, 3, 1, 0, 0, 0}, text: `<testsuites id="" name="" tests="4" failures="1" skipped="0" errors="0" time="3.1">
<testsuite name="a.spec.ts" timestamp="t" hostname="chromium" tests="2" failures="0" skipped="0" time="1" errors="0"><testcase name="logs in" classname="a.spec.ts" time="0.5"></testcase><testcase name="logs out" classname="a.spec.ts" time="0.5"></testcase></testsuite>
<testsuite name="a.spec.ts" timestamp="t" hostname="firefox" tests="2" failures="1" skipped="0" time="2" errors="0"><testcase name="logs in" classname="a.spec.ts" time="0.5"><failure message="a.spec.ts:3:1 logs in" type="FAILURE"><![CDATA[ [firefox] › a.spec.ts ]]></failure></testcase><testcase name="logs out" classname="a.spec.ts" time="0.5"></testcase></testsuite>
</testsuites>`},
	{name: "gotestsum, reruns with failures first", want: tally{3, 2, 1, 0, 0, 1}, problem: `says 6 tests, 4 failed, 0 skipped; its cases make 3, 1, 0`,
		names: []string{"TestFlaky", "TestBroken", "TestFine"}, text: `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="6" failures="4" errors="0" time="0.5">
	<testsuite tests="6" failures="4" time="0.1" name="acme/money" timestamp="t">
		<properties><property name="go.version" value="go1.26"></property></properties>
		<testcase classname="acme/money" name="TestFlaky" time="0.01"><failure message="Failed" type="">=== RUN</failure></testcase>
		<testcase classname="acme/money" name="TestBroken" time="0.01"><failure message="Failed" type=""></failure></testcase>
		<testcase classname="acme/money" name="TestBroken" time="0.01"><failure message="Failed" type=""></failure></testcase>
		<testcase classname="acme/money" name="TestBroken" time="0.01"><failure message="Failed" type=""></failure></testcase>
		<testcase classname="acme/money" name="TestFine" time="0.01"></testcase>
		<testcase classname="acme/money" name="TestFlaky" time="0.01"></testcase>
	</testsuite>
</testsuites>`},
	{name: "gotestsum, a package that does not build", want: tally{1, 0, 1, 0, 0, 0}, names: []string{"TestMain"}, text: `<testsuites tests="1" failures="1" errors="1">
	<testsuite tests="1" failures="1" time="0.000000" name="acme/broken"><testcase classname="acme/broken" name="TestMain" time="0.000000"><failure message="Failed" type="">./a.go:3:1: undefined: x</failure></testcase></testsuite>
</testsuites>`, problem: `says 1 tests, 2 failed`},
	{name: "parameterised cases of one name, all passing", want: tally{3, 3, 0, 0, 0, 0}, text: `<testsuite tests="3"><testcase name="p"/><testcase name="p"/><testcase name="p"/></testsuite>`},
	{name: "parameterised cases of one name, one failing", want: tally{3, 2, 1, 0, 0, 0}, text: `<testsuite tests="3"><testcase name="p"/><testcase name="p"><failure/></testcase><testcase name="p"/></testsuite>`},
	{name: "namesakes with a skip are no reruns", want: tally{2, 0, 1, 0, 1, 0}, text: `<testsuite><testcase name="p"><failure/></testcase><testcase name="p"><skipped/></testcase></testsuite>`},
	{name: "namesakes in two suites are two", want: tally{2, 1, 1, 0, 0, 0}, text: `<testsuites><testsuite name="a"><testcase name="p"><failure/></testcase></testsuite><testsuite name="a"><testcase name="p"/></testsuite></testsuites>`},
	{name: "GoogleTest", want: tally{3, 1, 1, 0, 1, 0}, text: `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" disabled="1" errors="0" time="0.01" timestamp="t" name="AllTests">
  <testsuite name="Money" tests="3" failures="1" disabled="1" skipped="1" errors="0" time="0.01">
    <testcase name="Adds" file="m.cc" line="3" status="run" result="completed" time="0." classname="Money" />
    <testcase name="Fails" file="m.cc" line="9" status="run" result="completed" time="0.001" classname="Money"><failure message="m.cc:10&#x0A;Expected equality" type=""><![CDATA[m.cc:10]]></failure><failure message="second" type=""/></testcase>
    <testcase name="DISABLED_Later" status="notrun" result="suppressed" time="0." classname="Money" />
  </testsuite>
</testsuites>`},
	{name: "CTest", want: tally{3, 1, 1, 0, 1, 0}, text: `<testsuite name="Linux-c++" tests="3" failures="1" disabled="1" skipped="0" hostname="h" time="0" timestamp="t">
	<testcase name="a" classname="a" time="0.1" status="run"><system-out/></testcase><testcase name="b" classname="b" time="0.1" status="fail"><failure message=""/><system-out>x</system-out></testcase>
	<testcase name="c" classname="c" time="0" status="disabled"><properties/><system-out></system-out></testcase></testsuite>`, problem: "says 3 tests, 1 failed, 0 skipped; its cases make 3, 1, 1"},
	{name: "PHPUnit, suites within suites", want: tally{2, 1, 1, 0, 0, 0}, text: `<testsuites><testsuite name="/app/phpunit.xml" tests="2" assertions="3" errors="0" failures="1" skipped="0" time="0.1">
	<testsuite name="Unit" tests="2" errors="0" failures="1" skipped="0"><testsuite name="MoneyTest" file="/app/MoneyTest.php" tests="2" errors="0" failures="1" skipped="0">
	<testcase name="testA" file="/app/MoneyTest.php" line="3" class="MoneyTest" classname="MoneyTest" assertions="1" time="0.01"/><testcase name="testB with data set &quot;x&quot;" class="MoneyTest" classname="MoneyTest" time="0.01"><failure type="E">no</failure></testcase>
	</testsuite></testsuite></testsuite></testsuites>`},
	{name: "cargo nextest", want: tally{2, 2, 0, 0, 0, 1}, text: `<testsuites name="nextest-run" tests="2" failures="0" errors="0" uuid="u" timestamp="t" time="0.1"><testsuite name="money" tests="2" disabled="0" errors="0" failures="0">
	<testcase name="a" classname="money" timestamp="t" time="0.01"/><testcase name="b" classname="money" timestamp="t" time="0.02"><flakyFailure timestamp="t" time="0.01" message="panicked" type="test failure"><system-out>o</system-out></flakyFailure></testcase></testsuite></testsuites>`},
	{name: "failure and skipped in one case", want: tally{1, 0, 1, 0, 0, 0}, text: `<testsuite><testcase name="a"><skipped/><failure/></testcase></testsuite>`},
	{name: "error and failure in one case", want: tally{1, 0, 0, 1, 0, 0}, text: `<testsuite><testcase name="a"><failure/><failure/><error/></testcase></testsuite>`},
	{name: "an error of the suite itself", want: tally{2, 1, 0, 1, 0, 0}, names: []string{"a", "(the suite itself)"}, text: `<testsuite name="s"><error message="set-up failed"/><testcase name="a"/></testsuite>`},
	{name: "counts by attributes alone", want: tally{5, 2, 1, 1, 1, 0}, listless: 5, problem: "lists no test cases", text: `<testsuites tests="5"><testsuite name="s" tests="5" failures="1" errors="1" skipped="1"/></testsuites>`},
	{name: "a suite that broke before its first test", want: tally{2, 1, 0, 1, 0, 0}, listless: 1, problem: "lists no test cases", text: `<testsuites><testsuite name="a" tests="0" errors="1"/><testsuite name="b"><testcase name="x"/></testsuite></testsuites>`},
	{name: "entities of HTML and of nobody", want: tally{1, 1, 0, 0, 0, 0}, names: []string{"caf\u00e9\u00a0&nobody; & &#xZZ; <\ufffd"}, text: `<testsuite><testcase name="caf&eacute;&nbsp;&nobody; & &#xZZ; &lt;&#1;"/></testsuite>`},
	{name: "times that are none", want: tally{4, 4, 0, 0, 0, 0}, text: `<testsuite time="NaN"><testcase name="a" time="NaN"/><testcase name="b" time="-1"/><testcase name="c" time=""/><testcase name="d" time="1,234.5"/></testsuite>`},
	{name: "a status of its own", want: tally{4, 1, 1, 0, 2, 0}, text: `<testsuite><testcase name="a" status="run"/><testcase name="b" status="notrun"/><testcase name="c"><disabled/></testcase><testcase name="d" status="failed"/></testsuite>`},
	{name: "comments and instructions with marks in them", want: tally{2, 2, 0, 0, 0, 0}, text: `<!-- <testsuite> -- ]]> --><testsuite><?php echo "<testcase/>" ?><testcase name="a"/><!-- <![CDATA[ --><testcase name="b"><system-out><![CDATA[ --> <!-- ]]></system-out></testcase></testsuite>`},
	{name: "UTF-16, big end first", want: tally{1, 1, 0, 0, 0, 0}, names: []string{"ü"}, text: "\xfe\xff" + bigEnd(`<testsuite><testcase name="ü"/></testsuite>`)},
	{name: "Shift JIS", want: tally{1, 1, 0, 0, 0, 0}, names: []string{"日本"}, text: "<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><testsuite><testcase name=\"\x93\xfa\x96\x7b\"/></testsuite>"},
	{name: "counts that are no integers", want: tally{1, 1, 0, 0, 0, 0}, problem: `tests="1.0" is no count`, text: `<testsuite tests="1.0" failures=""><testcase name="a"/></testsuite>`},
	{name: "several roots, with text between", want: tally{2, 2, 0, 0, 0, 0}, problem: "text outside of the report", text: `<testsuite name="a"><testcase name="x"/></testsuite>
Done.
<?xml version="1.0"?><testsuite name="b"><testcase name="y"/></testsuite>`},
	{name: "several documents", want: tally{2, 2, 0, 0, 0, 0}, text: "<?xml version='1.0'?>\n<testsuites><testsuite name='a'><testcase name='x'/></testsuite></testsuites>\n<?xml version='1.0'?>\n<testsuites><testcase name='y'/></testsuites>"},
	{name: "a foreign wrapper and namespaces", want: tally{1, 0, 1, 0, 0, 0}, text: `<r:results xmlns:r="urn:x"><j:testsuite xmlns:j="urn:junit"><j:testcase name="a"><j:failure/></j:testcase></j:testsuite></r:results>`},
	{name: "XML 1.1 with control characters", want: tally{1, 1, 0, 0, 0, 0}, names: []string{"a\ufffdb\ufffd"}, text: "<?xml version=\"1.1\"?><testsuite><testcase name=\"a\x01b&#8;\"/></testsuite>"},
	{name: "ISO-8859-1", want: tally{1, 1, 0, 0, 0, 0}, names: []string{"größer"}, text: "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><testsuite><testcase name=\"gr\xf6\xdfer\"/></testsuite>"},
	{name: "windows-1252", want: tally{1, 1, 0, 0, 0, 0}, names: []string{"“€”"}, text: "<?xml version='1.0' encoding='windows-1252'?><testsuite><testcase name=\"\x93\x80\x94\"/></testsuite>"},
	{name: "UTF-8 with a byte order mark", want: tally{1, 1, 0, 0, 0, 0}, names: []string{"ü"}, text: "\ufeff<?xml version=\"1.0\"?><testsuite><testcase name=\"ü\"/></testsuite>"},
	{name: "UTF-16 with a byte order mark", want: tally{1, 1, 0, 0, 0, 0}, names: []string{"ü😀"}, text: utf16(`<?xml version="1.0" encoding="UTF-16"?><testsuite><testcase name="ü😀"/></testsuite>`)},
	{name: "UTF-16 without one", want: tally{1, 1, 0, 0, 0, 0}, names: []string{"ü"}, text: utf16(`<?xml version="1.0" encoding="UTF-16"?><testsuite><testcase name="ü"/></testsuite>`)[2:]},
	{name: "UTF-16 only by declaration", want: tally{1, 1, 0, 0, 0, 0}, names: []string{"a"}, text: `<?xml version="1.0" encoding="UTF-16"?><testsuite><testcase name="a"/></testsuite>`},
	{name: "invalid UTF-8", want: tally{1, 1, 0, 0, 0, 0}, names: []string{"a\ufffdb"}, text: "<testsuite><testcase name=\"a\xffb\"/></testsuite>"},
	{name: "CDATA ends in attributes and text", want: tally{1, 0, 1, 0, 0, 0}, names: []string{"a]]>b"}, text: `<testsuite><testcase name="a]]>b"><failure>x ]]> y <![CDATA[ ]] > ]]></failure></testcase></testsuite>`},
	{name: "tags in output that nobody escaped", want: tally{2, 2, 0, 0, 0, 0}, text: `<testsuite><testcase name="a"><system-out>List<String> </div> <testcase name="no"/> a < b </testcase></system-out></testcase><testcase name="b"/></testsuite>`},
	{name: "tags in a failure that nobody escaped", want: tally{1, 0, 1, 0, 0, 0}, text: `<testsuite><testcase name="a"><failure message="x">expected <div> but <failure> was </failure> <br></failure></testcase></testsuite>`},
	{name: "attributes without quotes or value", want: tally{2, 2, 0, 0, 0, 0}, names: []string{"a", "b"}, text: `<testsuite disabled><testcase name=a time=1/><testcase name = 'b' ></testcase></testsuite>`},
	{name: "a raw angle in an attribute", want: tally{1, 1, 0, 0, 0, 0}, names: []string{"a < b > c"}, text: `<testsuite><testcase name="a < b > c"/></testsuite>`},
	{name: "a document type without entities", want: tally{1, 1, 0, 0, 0, 0}, text: `<!DOCTYPE testsuite SYSTEM "junit.dtd" [<!ELEMENT a (b)>]><testsuite><testcase name="a"/></testsuite>`},
	{name: "no tests at all", want: tally{}, text: `<testsuites/>`},
	{name: "no name", want: tally{1, 1, 0, 0, 0, 0}, names: []string{"(no name)"}, text: `<testcase/>`},
	{name: "cut off in a case that passed so far", want: tally{1, 1, 0, 0, 0, 0}, partial: true, problem: "ends early", text: `<testsuite tests="9"><testcase name="a"/><testcase name="b"><system-out>hal`},
	{name: "cut off in a case that had failed", want: tally{2, 1, 1, 0, 0, 0}, partial: true, problem: "ends early", text: `<testsuite><testcase name="a"/><testcase name="b"><failure>hal`},
	{name: "an element that is not closed", want: tally{1, 1, 0, 0, 0, 0}, partial: true, problem: "not closed", text: `<testsuites><testsuite><testcase name="a"/></testsuites>`},
	{name: "a case that is not closed", want: tally{1, 1, 0, 0, 0, 0}, partial: true, problem: "cut off", text: `<testsuite><testcase name="a"><testcase name="b"></testcase></testsuite>`},
}
