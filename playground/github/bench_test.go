package github

import (
	"testing"
	"time"
)

// The two weeks of history have to be there before anybody waits for them.
func BenchmarkHistory(b *testing.B) {
	w := wholeWorld(b)
	epoch := time.Date(2026, 11, 20, 15, 4, 5, 0, time.UTC)
	for b.Loop() {
		if _, err := newState(&w, "http://127.0.0.1:8484", epoch); err != nil {
			b.Fatal(err)
		}
	}
}
