package catalogtest_test

import (
	"testing"

	"bellhop/catalog"
	"bellhop/catalog/catalogtest"
)

func TestMemory(t *testing.T) {
	catalogtest.Suite(t, func(*testing.T) catalog.Store { return catalogtest.NewMemory() })
}
