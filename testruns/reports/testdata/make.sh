#!/usr/bin/env bash
# Makes the reports in this folder anew by running the tools themselves over small tests, some of which fail on purpose.
# Run by hand, not by CI: it needs the network, Node.js, Go, pytest, Maven with surefire's plugin, and g++ with GoogleTest;
# what the machine lacks is left out with a word. Afterwards see what changed (git diff), put the counts that the tests have
# into ../fixtures_test.go, and run go test ./testruns/reports -run Golden -update.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# keep NAME FILE puts a report here, without the names and places of the machine that made it.
keep() {
  [ -s "$2" ] || { echo "not made: $1"; return 0; }
  sed -e "s#$work#/build#g" -e "s#hostname=\"$(hostname)\"#hostname=\"runner\"#g" "$2" > "$here/$1"
  echo "made $1"
}
have() { command -v "$1" > /dev/null || { echo "left out, there is no $1: $2"; return 1; }; }

javascript() {
  mkdir "$work/js"; cd "$work/js"
  npm init -y > /dev/null
  npm install --no-audit --no-fund --silent jest@30 jest-junit@17 jest-ctrf-json-reporter@0 mocha@10 mocha-junit-reporter@2 \
    mocha-ctrf-json-reporter@0 vitest@3 @playwright/test@1 playwright-ctrf-json-reporter@0

  mkdir jest; cat > jest/cart.test.js <<'JS'
jest.retryTimes(1)
let tries = 0
describe('cart', () => {
  test('adds <b>bold</b> & "quoted"', () => { console.log('<testcase name="printed"/>'); expect(1).toBe(1) })
  test('rounds EUR', () => { expect(2).toBe(3) })
  test('is flaky', () => { expect(tries++).toBe(1) })
  test.skip('comes later', () => {})
  test.todo('is planned')
  test.each([1, 2])('of one name', () => {})
})
JS
  (cd jest && npx jest --ci --reporters=jest-junit --reporters=jest-ctrf-json-reporter > /dev/null 2>&1 || true)
  keep jest-junit.xml jest/junit.xml
  keep jest-ctrf.json jest/ctrf/ctrf-report.json

  mkdir mocha; cat > mocha/cart.js <<'JS'
const assert = require('assert')
describe('cart', () => {
  it('adds', () => {})
  it('rounds EUR', () => assert.strictEqual(2, 3))
  it.skip('comes later', () => {})
  it('is pending')
  let tries = 0
  it('is flaky', function () { this.retries(1); assert.ok(tries++ > 0) })
  describe('guest', () => { it('pays', () => {}) })
})
describe('stock', () => { before(() => { throw new Error('no database') }); it('never runs', () => {}) })
JS
  (cd mocha && npx mocha --reporter mocha-junit-reporter cart.js > /dev/null || true)
  keep mocha-junit-reporter.xml mocha/test-results.xml
  (cd mocha && npx mocha --reporter xunit --reporter-option output=xunit.xml cart.js > /dev/null || true)
  keep mocha-xunit.xml mocha/xunit.xml
  (cd mocha && npx mocha --reporter mocha-ctrf-json-reporter cart.js > /dev/null || true)
  keep mocha-ctrf.json mocha/ctrf/ctrf-report.json

  mkdir vitest; cat > vitest/cart.test.mjs <<'JS'
import { describe, expect, it } from 'vitest'
let tries = 0
describe('cart', () => {
  it('adds', () => { console.log('noise ]]> \u0007') })
  it('rounds EUR', () => { expect(2).toBe(3) })
  it('is flaky', { retry: 1 }, () => { expect(tries++).toBe(1) })
  it.skip('comes later', () => {})
  it.todo('is planned')
})
JS
  (cd vitest && npx vitest run --root . --reporter=junit --outputFile=junit.xml > /dev/null 2>&1 || true)
  keep vitest.xml vitest/junit.xml

  mkdir node; cat > node/cart.test.mjs <<'JS'
import assert from 'node:assert'
import { describe, it, test } from 'node:test'
test('top', () => {})
test('rounds EUR', () => assert.strictEqual(2, 3))
test('comes later', { skip: true }, () => {})
test('is planned', { todo: true }, () => { throw new Error('not yet') })
describe('cart', () => { it('adds', () => {}); it('fails', () => { throw new Error('a <b> ]]> & \u0001') }) })
JS
  (cd node && node --test --test-reporter=junit --test-reporter-destination=junit.xml cart.test.mjs > /dev/null || true)
  keep node-test.xml node/junit.xml

  mkdir playwright; cat > playwright/a.spec.js <<'JS'
const { test, expect } = require('@playwright/test')
test('logs in', () => { console.log('<![CDATA[ noise') })
test('is flaky', ({}, info) => { expect(info.retry).toBe(1) })
test.describe('cart', () => {
  test('pays', ({}, info) => { expect(info.project.name).toBe('chromium') })
  test.skip('comes later', () => {})
  test.fail('is known to be broken', () => { expect(1).toBe(2) })
  test.describe('guest', () => { test('logs in', () => {}) })
})
JS
  cat > playwright/playwright.config.js <<'JS'
module.exports = {
  retries: 1, workers: 1, projects: [{ name: 'chromium' }, { name: 'firefox' }],
  reporter: [['json', { outputFile: 'report.json' }], ['junit', { outputFile: 'junit.xml' }], ['playwright-ctrf-json-reporter', {}]],
}
JS
  (cd playwright && npx playwright test > /dev/null 2>&1 || true)
  keep playwright.json playwright/report.json
  keep playwright-junit.xml playwright/junit.xml
  keep playwright-ctrf.json playwright/ctrf/ctrf-report.json
  echo 'throw new Error("no database")' > playwright/b.spec.js
  (cd playwright && npx playwright test b.spec.js > /dev/null 2>&1 || true)
  keep playwright-broken.json playwright/report.json
}

golang() {
  GOBIN="$work/bin" go install gotest.tools/gotestsum@v1.13.0
  mkdir -p "$work/go/money" "$work/go/broken" "$work/go/leaky" "$work/go/panics"; cd "$work/go"
  printf 'module acme\n\ngo 1.26\n' > go.mod
  cat > money/money_test.go <<'GO'
package money

import (
	"os"
	"testing"
)

func TestAdds(t *testing.T)   { t.Log("=== RUN  a line like go test's own") }
func TestLater(t *testing.T)  { t.Skip("not yet") }
func TestBroken(t *testing.T) { t.Error("want <1> & got \x1b[31m2\x1b[0m") }
func TestTable(t *testing.T) {
	t.Run("EUR", func(t *testing.T) { t.Parallel() })
	t.Run("USD", func(t *testing.T) { t.Parallel(); t.Errorf("rounds %s", "wrongly") })
}
func TestFlaky(t *testing.T) {
	if _, err := os.Stat("tried"); err != nil {
		_ = os.WriteFile("tried", nil, 0o600)
		t.Fatal("the first time it fails")
	}
}
GO
  printf 'package broken\n\nimport "testing"\n\nfunc TestMoney(t *testing.T) { undefined() }\n' > broken/broken_test.go
  cat > leaky/leaky_test.go <<'GO'
package leaky

import (
	"fmt"
	"os"
	"testing"
)

func TestMain(m *testing.M) { m.Run(); fmt.Println("a goroutine leaked"); os.Exit(3) }
func TestFine(t *testing.T) {}
GO
  cat > panics/panics_test.go <<'GO'
package panics

import "testing"

func TestBefore(t *testing.T) {}
func TestPanics(t *testing.T) { t.Run("sub", func(t *testing.T) { var m map[string]int; m["a"] = 1 }) }
func TestAfter(t *testing.T)  {}
GO
  go test -json ./... > go-test.json 2>&1 || true
  keep go-test.json go-test.json
  rm -f money/tried
  go test -json ./... 2>&1 | head -c 1500 > killed.json || true
  keep go-test-killed.json killed.json
  rm -f money/tried
  "$work/bin/gotestsum" --junitfile gotestsum.xml --jsonfile rerun.json --rerun-fails --packages ./money > /dev/null 2>&1 || true
  keep gotestsum-rerun.xml gotestsum.xml
  keep go-test-rerun.json rerun.json
  "$work/bin/gotestsum" --junitfile broken.xml --packages './broken ./leaky ./panics' > /dev/null 2>&1 || true
  keep gotestsum-broken.xml broken.xml
}

python() {
  mkdir "$work/py"; cd "$work/py"
  cat > test_money.py <<'PY'
import pytest

@pytest.mark.parametrize("code", ["EUR", "größer", "a]]>b", "\x07"])
def test_round(code): print("<noise/> \x1b[31m")

def test_tax(): assert 1 == 2, "ü < 3"

@pytest.mark.skip(reason="not yet")
def test_later(): pass

@pytest.mark.xfail
def test_known(): assert False

@pytest.fixture
def database(): raise RuntimeError("no database")

def test_set_up(database): pass

@pytest.fixture
def leak():
    yield
    raise RuntimeError("did not close")

def test_tear_down(leak): assert False
PY
  echo 'import nowhere' > test_broken.py
  /usr/bin/python3 -m pytest -q --continue-on-collection-errors --junitxml=pytest.xml > /dev/null || true
  keep pytest.xml pytest.xml
  /usr/bin/python3 -m pytest -q --continue-on-collection-errors --junitxml=xunit1.xml -o junit_family=xunit1 > /dev/null || true
  keep pytest-xunit1.xml xunit1.xml
}

java() {
  mkdir -p "$work/java/src/test/java/acme"; cd "$work/java"
  cat > pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>acme</groupId><artifactId>money</artifactId><version>1</version>
<properties><maven.compiler.source>11</maven.compiler.source><maven.compiler.target>11</maven.compiler.target></properties>
<dependencies><dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4.x</version><scope>test</scope></dependency></dependencies></project>
XML
  cat > src/test/java/acme/MoneyTest.java <<'JAVA'
package acme;

import static org.junit.Assert.*;
import org.junit.*;

public class MoneyTest {
  static int tries;
  @Test public void adds() { System.out.println("]]> <testcase/> \u0001"); }
  @Test public void rounds() { assertEquals("a <b>", 1, 2); }
  @Test public void breaks() { throw new IllegalStateException(); }
  @Test public void flaky() { assertEquals(1, tries++); }
  @Ignore("not yet") @Test public void later() {}
}
JAVA
  mvn -o -q -Dmaven.repo.local="${MAVEN_REPOSITORY:-/usr/share/maven-repo}" -Dmaven.test.failure.ignore -Dsurefire.rerunFailingTestsCount=1 \
    -Dorg.slf4j.simpleLogger.defaultLogLevel=error test > mvn.log 2>&1 || { tail -5 mvn.log; return 0; }
  # The properties are those of the machine.
  sed -i -e '/<property name=/d' target/surefire-reports/TEST-acme.MoneyTest.xml
  keep surefire.xml target/surefire-reports/TEST-acme.MoneyTest.xml
}

cplusplus() {
  mkdir "$work/cc"; cd "$work/cc"
  cat > money.cc <<'CC'
#include <gtest/gtest.h>
TEST(Money, Adds) {}
TEST(Money, Fails) { EXPECT_EQ(1, 2) << "<&>"; EXPECT_TRUE(false); }
TEST(Money, Skips) { GTEST_SKIP() << "not yet"; }
TEST(Money, DISABLED_Later) {}
class Codes : public testing::TestWithParam<int> {};
TEST_P(Codes, Rounds) { EXPECT_LT(GetParam(), 2); }
INSTANTIATE_TEST_SUITE_P(All, Codes, testing::Values(1, 2));
CC
  g++ -o money money.cc -lgtest -lgtest_main -pthread 2> g++.log || { echo 'left out, no GoogleTest'; return 0; }
  ./money --gtest_output=xml:gtest.xml > /dev/null || true
  keep googletest.xml gtest.xml
}

for part in ${*:-javascript golang python java cplusplus}; do
  case $part in
    javascript) have npm 'jest, mocha, vitest, node, Playwright' || continue ;;
    golang) have go 'go test, gotestsum' || continue ;;
    python) have python3 pytest || continue ;;
    java) have mvn "surefire (Debian: libsurefire-java junit4 libmaven-compiler-plugin-java libmaven-resources-plugin-java)" || continue ;;
    cplusplus) have g++ GoogleTest || continue ;;
  esac
  (set -e; "$part")
done
