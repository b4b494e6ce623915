package diagram

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"math"
	"slices"
)

// The measures of a picture, in pixels at scale 1.
const (
	margin     = 24.0
	padding    = 14.0 // between a box's edge and its text
	boxHeight  = 46.0
	bendHeight = 8.0
	boxGap     = 12.0
	leastWidth = 96.0
	mostWidth  = 250.0 // of a box's text
	apart      = 34.0  // between what hangs together and what else hangs together
	titleSpace = 34.0
	noteSpace  = 30.0

	// sharp is the scale for screens with many dots; a picture that would be too large at it is drawn smaller.
	sharp = 2.0
	// maxPixels bounds a picture's memory: four bytes each.
	maxPixels = 16e6
)

var (
	titleFace = typeface{true, 18}
	nameFace  = typeface{true, 14}
	noteFace  = typeface{false, 12}

	ink    = color.RGBA{0x1d, 0x1c, 0x1d, 0xff}
	grey   = color.RGBA{0x61, 0x60, 0x61, 0xff}
	white  = color.RGBA{0xff, 0xff, 0xff, 0xff}
	faint  = color.RGBA{0x9a, 0xa3, 0xad, 0xff}
	strong = color.RGBA{0x3d, 0x46, 0x50, 0xff}
)

// paint is how a look is drawn.
type paint struct {
	name       string
	edge, fill color.RGBA
}

func (l Look) paint() paint {
	return [looks]paint{
		Component: {"component", color.RGBA{0x2c, 0x6c, 0xb0, 0xff}, color.RGBA{0xe6, 0xf0, 0xfa, 0xff}},
		API:       {"API", color.RGBA{0x22, 0x7d, 0x4f, 0xff}, color.RGBA{0xe5, 0xf5, 0xec, 0xff}},
		Resource:  {"resource", color.RGBA{0xa8, 0x6c, 0x0a, 0xff}, color.RGBA{0xfd, 0xf2, 0xdc, 0xff}},
		Other:     {"other", color.RGBA{0x6b, 0x5a, 0xa8, 0xff}, color.RGBA{0xf0, 0xec, 0xfa, 0xff}},
		Missing:   {"not in the catalog", color.RGBA{0xb3, 0x26, 0x1e, 0xff}, white},
	}[l]
}

// Draw draws a diagram as PNG.
func Draw(d Diagram) ([]byte, error) {
	if err := d.check(); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	p := newPen()
	s := sheet{Diagram: d, pen: p, texts: make([]boxText, len(d.Boxes))}
	if err := s.measure(); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	s.place()
	scale := min(sharp, math.Sqrt(maxPixels/(s.width*s.height)))
	p.canvas(s.width, s.height, scale)
	if err := s.draw(); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, p.picture); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	return b.Bytes(), nil
}

func (s *sheet) draw() error {
	if err := s.pen.text(s.Title, titleFace, point{margin, margin + 14}, ink); err != nil {
		return err
	}
	for _, g := range s.groups {
		s.arrows(g)
	}
	for _, g := range s.groups {
		if err := s.boxes(g); err != nil {
			return err
		}
	}
	y := s.height - margin
	if s.Note != "" {
		if err := s.pen.text(s.Note, noteFace, point{margin, y}, grey); err != nil {
			return err
		}
		y -= noteSpace / 1.5
	}
	return s.legend(y)
}

// boxes draws a group's boxes.
func (s *sheet) boxes(g group) error {
	for _, n := range g.nodes {
		if n.box < 0 {
			continue
		}
		i := g.boxes[n.box]
		at, width := g.box(n)
		if err := s.box(s.Boxes[i], s.texts[i], at, width); err != nil {
			return err
		}
	}
	return nil
}

func (s *sheet) box(box Box, text boxText, at point, width float64) error {
	look, nameInk, noteInk := box.Look.paint(), ink, grey
	outline := rounded(at, width, boxHeight, 7)
	switch {
	case box.Focus:
		s.pen.fill(outline, look.edge)
		nameInk, noteInk = white, white
	default:
		s.pen.fill(outline, look.fill)
		s.edge(outline, box.Look)
	}
	if err := s.pen.text(text.name, nameFace, point{at.x + padding, at.y + 20}, nameInk); err != nil {
		return err
	}
	return s.pen.text(text.note, noteFace, point{at.x + padding, at.y + 37}, noteInk)
}

// edge draws a box's outline, dashed around what does not exist.
func (s *sheet) edge(outline []point, look Look) {
	if look != Missing {
		s.pen.stroke(append(outline, outline[0], outline[1]), 1.2, look.paint().edge)
		return
	}
	for _, dash := range dashes(outline, 5) {
		s.pen.stroke(dash, 1.4, look.paint().edge)
	}
}

// arrows draws a group's arrows; those at what the diagram is about stand out.
func (s *sheet) arrows(g group) {
	drawn := map[[2]int]bool{}
	for _, standOut := range []bool{false, true} {
		for i, c := range g.chains {
			a := s.Arrows[g.arrows[i]]
			if focus := s.Boxes[a.From].Focus || s.Boxes[a.To].Focus; focus != standOut {
				continue
			}
			shade := faint
			if standOut {
				shade = strong
			}
			s.chain(g, c, shade, drawn)
		}
	}
}

// chain draws one arrow. What it shares with others is drawn once.
func (s *sheet) chain(g group, c chain, shade color.RGBA, drawn map[[2]int]bool) {
	const head = 9.0
	onSheet := func(line []point) []point { // from along and across
		for i, p := range line {
			line[i] = g.point(p.x, p.y)
		}
		return line
	}
	for k := 1; k < len(c.nodes); k++ {
		a, b := g.nodes[c.nodes[k-1]], g.nodes[c.nodes[k]]
		from, to := point{g.columns[a.layer] + g.depths[a.layer], a.y}, point{g.columns[b.layer], b.y}
		key := [2]int{c.nodes[k-1], c.nodes[k]}
		if c.backward && k == 1 {
			s.pen.fill(onSheet([]point{{from.x + 1, from.y}, {from.x + head, from.y - 4.2}, {from.x + head, from.y + 4.2}}), shade)
			from.x += head - 1
		}
		if !c.backward && k == len(c.nodes)-1 {
			s.pen.fill(onSheet([]point{{to.x - 1, to.y}, {to.x - head, to.y - 4.2}, {to.x - head, to.y + 4.2}}), shade)
			to.x -= head - 1
		}
		if drawn[key] {
			continue
		}
		drawn[key] = true
		line := curve(from, to)
		if b.box < 0 { // past the column, in a straight line
			line = append(line, point{to.x + g.depths[b.layer], to.y})
		}
		s.pen.stroke(onSheet(line), 1.5, shade)
	}
}

const legendSwatch, legendGap = 16.0, 18.0

// legendLooks are the looks that occur, once there is more than one to be told apart.
func (s *sheet) legendLooks() []Look {
	var found []Look
	for look := range looks {
		if slices.ContainsFunc(s.Boxes, func(b Box) bool { return b.Look == look }) {
			found = append(found, look)
		}
	}
	if len(found) == 1 {
		return nil
	}
	return found
}

func (s *sheet) legendWidth() float64 {
	width := 0.0
	for _, look := range s.legendLooks() {
		w, _ := s.pen.width(look.paint().name, noteFace) // the face was there for notes
		width += legendSwatch + 6 + w + legendGap
	}
	return width
}

func (s *sheet) legend(y float64) error {
	at := point{margin, y}
	for _, look := range s.legendLooks() {
		paint := look.paint()
		outline := rounded(point{at.x, at.y - 10}, legendSwatch, 12, 3)
		s.pen.fill(outline, paint.fill)
		s.edge(outline, look)
		if err := s.pen.text(paint.name, noteFace, point{at.x + legendSwatch + 6, at.y}, grey); err != nil {
			return err
		}
		w, err := s.pen.width(paint.name, noteFace)
		if err != nil {
			return err
		}
		at.x += legendSwatch + 6 + w + legendGap
	}
	return nil
}
