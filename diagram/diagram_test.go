package diagram

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/png"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestMain lets this binary be the child process as well.
func TestMain(m *testing.M) {
	if len(os.Args) != 2 {
		os.Exit(m.Run())
	}
	switch os.Args[1] {
	case "paint":
		if err := Paint(os.Stdin, os.Stdout); err != nil {
			fmt.Fprint(os.Stderr, err)
			os.Exit(1)
		}
	case "secrets":
		fmt.Print(os.Getenv("SECRET"))
	case "hang":
		select {}
	case "flood":
		for {
			if _, err := os.Stdout.Write(make([]byte, 1<<20)); err != nil {
				os.Exit(1)
			}
		}
	default:
		os.Exit(m.Run())
	}
}

// anything is any diagram that can be drawn.
func anything(t *rapid.T) Diagram {
	d := Diagram{Title: rapid.String().Draw(t, "title"), Note: rapid.String().Draw(t, "note")}
	n := rapid.IntRange(1, 70).Draw(t, "boxes")
	for range n {
		d.Boxes = append(d.Boxes, Box{
			Name: rapid.StringN(0, 80, 200).Draw(t, "name"), Note: "service", Look: Look(rapid.IntRange(0, int(looks)-1).Draw(t, "look")), Focus: rapid.Bool().Draw(t, "focus"),
		})
	}
	for range rapid.IntRange(0, 100).Draw(t, "arrows") {
		d.Arrows = append(d.Arrows, Arrow{rapid.IntRange(0, n-1).Draw(t, "from"), rapid.IntRange(0, n-1).Draw(t, "to")})
	}
	return d
}

// placed lays out a diagram.
func placed(t require.TestingT, d Diagram) *sheet {
	s := &sheet{Diagram: d, pen: newPen(), texts: make([]boxText, len(d.Boxes))}
	require.NoError(t, s.measure())
	s.place()
	return s
}

// rectangle is a box's place on the sheet.
type rectangle struct{ left, top, right, bottom float64 }

func rectangles(s *sheet) map[int]rectangle {
	all := map[int]rectangle{}
	for _, g := range s.groups {
		for _, n := range g.nodes {
			if n.box >= 0 {
				at, width := g.box(n)
				all[g.boxes[n.box]] = rectangle{at.x, at.y, at.x + width, at.y + boxHeight}
			}
		}
	}
	return all
}

func TestPlaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anything(t)
		s := placed(t, d)
		all := rectangles(s)
		require.Len(t, all, len(d.Boxes), "every box has a place")
		for i, a := range all {
			require.True(t, a.left >= margin-1 && a.top >= margin && a.right <= s.width && a.bottom <= s.height, "box %d is on the sheet", i)
			for k, b := range all {
				require.False(t, i < k && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom, "boxes %d and %d overlap", i, k)
			}
		}
		for _, g := range s.groups {
			for i, c := range g.chains {
				arrow := d.Arrows[g.arrows[i]]
				ends := []int{g.boxes[c.nodes[0]], g.boxes[c.nodes[len(c.nodes)-1]]}
				if c.backward {
					ends[0], ends[1] = ends[1], ends[0]
				}
				require.Equal(t, []int{arrow.From, arrow.To}, ends, "an arrow leads from where to where")
				for k := 1; k < len(c.nodes); k++ {
					require.Equal(t, g.nodes[c.nodes[k-1]].layer+1, g.nodes[c.nodes[k]].layer, "an arrow goes from column to column")
				}
			}
		}
	})
}

// hub is many boxes that need one.
func hub(n int) Diagram {
	d := Diagram{Boxes: []Box{{Name: "hub", Focus: true}}}
	for i := 1; i < n; i++ {
		d.Boxes = append(d.Boxes, Box{Name: fmt.Sprintf("service-%d", i)})
		d.Arrows = append(d.Arrows, Arrow{i, 0})
	}
	return d
}

func TestTallColumnsAreSplit(t *testing.T) {
	outward := hub(60)
	inward := hub(60)
	for i, a := range inward.Arrows {
		inward.Arrows[i] = Arrow{a.To, a.From}
	}
	for _, d := range []Diagram{outward, inward} {
		s := placed(t, d)
		for _, layer := range s.groups[0].layers {
			assert.LessOrEqual(t, len(layer), tallest+1, "eighteen boxes and the arrows that pass them")
		}
		assert.Less(t, s.height, 1.2*s.width)
	}
}

func TestALongWayLeadsDown(t *testing.T) {
	long, short := Diagram{Boxes: make([]Box, 8)}, hub(3)
	for i := range 7 {
		long.Arrows = append(long.Arrows, Arrow{i, i + 1})
	}
	assert.True(t, placed(t, long).down, "so that it can be read where a message shows it")
	assert.Less(t, placed(t, long).width, inMessage)
	assert.False(t, placed(t, short).down)
}

func TestFewArrowsCross(t *testing.T) {
	// Twelve pairs, named so that their order says nothing: no arrow has to cross another.
	var arrows []Arrow
	for i := range 12 {
		arrows = append(arrows, Arrow{i, 12 + (i*5+3)%12}, Arrow{12 + (i*5+3)%12, 24 + (i*7+1)%12}, Arrow{24 + (i*7+1)%12, 36})
	}
	assert.Zero(t, newLayout(37, arrows, sizes{46, 8, 12, tallest}).crossings())
}

func TestDraw(t *testing.T) {
	d := hub(24)
	d.Boxes[3].Look, d.Note = Missing, "and 12 more"
	d.Arrows = append(d.Arrows, Arrow{0, 5}, Arrow{7, 7}) // a cycle, and one to itself
	first, err := Draw(d)
	require.NoError(t, err)
	again, err := Draw(d)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(first, again), "the same each time")
	picture, err := png.DecodeConfig(bytes.NewReader(first))
	require.NoError(t, err)
	assert.LessOrEqual(t, float64(picture.Width*picture.Height), maxPixels*1.01)
	assert.Greater(t, picture.Width, 1000, "sharp")

	for _, wrong := range []Diagram{
		{},
		{Boxes: make([]Box, maxBoxes+1)},
		{Boxes: make([]Box, 1), Arrows: []Arrow{{0, 1}}},
		{Boxes: make([]Box, 1), Arrows: []Arrow{{-1, 0}}},
		{Boxes: []Box{{Look: looks}}},
	} {
		_, err := Draw(wrong)
		assert.Error(t, err)
	}
}

func painter(t *testing.T, does string) *Painter {
	self, err := os.Executable()
	require.NoError(t, err)
	return NewPainter(self, does)
}

func TestPainter(t *testing.T) {
	d := hub(9)
	t.Setenv("SECRET", "xoxb-secret")
	picture, err := painter(t, "paint").Draw(t.Context(), d)
	require.NoError(t, err)
	own, err := Draw(d)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(own, picture))

	inherited, err := painter(t, "secrets").Draw(t.Context(), d)
	require.NoError(t, err)
	assert.Empty(t, inherited, "a child sees no secrets")

	_, err = painter(t, "flood").Draw(t.Context(), d)
	require.Error(t, err)
	require.NotErrorIs(t, err, context.DeadlineExceeded, "too much is refused at once")

	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = painter(t, "hang").Draw(short, d)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	_, err = NewPainter("/nowhere/bot").Draw(t.Context(), d)
	require.Error(t, err)
}

func TestPaintSaysWhatIsWrong(t *testing.T) {
	require.ErrorContains(t, Paint(bytes.NewReader([]byte("{")), &bytes.Buffer{}), "read the diagram")
	empty, err := json.Marshal(Diagram{})
	require.NoError(t, err)
	require.ErrorIs(t, Paint(bytes.NewReader(empty), &bytes.Buffer{}), errNoBoxes)
}
