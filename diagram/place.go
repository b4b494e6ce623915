package diagram

import (
	"cmp"
	"math"
	"slices"
)

// sheet is a diagram on its way to a picture.
type sheet struct {
	Diagram
	pen           *pen
	texts         []boxText
	groups        []group
	width, height float64
	down          bool // arrows lead down, not to the right
}

// boxText is what stands in a box, cut to fit, and how wide that is.
type boxText struct {
	name, note string
	width      float64
}

// group is boxes that hang together, laid out and placed. Arrows lead along its columns, which are rows where they lead down.
type group struct {
	*layout
	boxes   []int     // the diagram's, by the layout's
	arrows  []int     // likewise
	columns []float64 // where each begins
	depths  []float64 // how much of the way each takes
	down    bool
	at      point // its upper left corner
	width   float64
	height  float64
}

// point is a place on the sheet, by how far along the arrows it is and how far across.
func (g group) point(along, across float64) point {
	if g.down {
		along, across = across, along
	}
	return point{g.at.x + along, g.at.y + across}
}

// box is where a node's box stands, and how wide it is.
func (g group) box(n node) (at point, width float64) {
	width = g.depths[n.layer]
	if g.down {
		width = g.size.boxHeight
	}
	return g.point(g.columns[n.layer], n.y-g.size.boxHeight/2), width
}

// measure cuts texts to their boxes.
func (s *sheet) measure() (err error) {
	for i, box := range s.Boxes {
		t := &s.texts[i]
		if t.name, err = s.pen.fit(box.Name, nameFace, mostWidth); err != nil {
			return err
		}
		if t.note, err = s.pen.fit(box.Note, noteFace, mostWidth); err != nil {
			return err
		}
		name, err := s.pen.width(t.name, nameFace)
		if err != nil {
			return err
		}
		note, err := s.pen.width(t.note, noteFace)
		if err != nil {
			return err
		}
		t.width = max(leastWidth, name, note) + 2*padding
	}
	return nil
}

// inMessage is how wide and high a picture is shown in a message, about: Slack makes larger ones smaller.
const inMessage = 640.0

// place lays the sheet out, with arrows to the right, or down where that makes a large picture smaller.
func (s *sheet) place() {
	s.layOut()
	if max(s.width, s.height) <= inMessage {
		return
	}
	down := &sheet{Diagram: s.Diagram, pen: s.pen, texts: s.texts, down: true}
	if down.layOut(); max(down.width, down.height) < max(s.width, s.height) {
		*s = *down
	}
}

// layOut lays out each group and puts them beside and under each other, as text is set; lonely boxes share a grid under them.
func (s *sheet) layOut() {
	title, _ := s.pen.width(s.Title, titleFace) // the face was there for names
	note, _ := s.pen.width(s.Note, noteFace)
	s.width = 2*margin + max(title, note, s.legendWidth())
	var singles []group
	area := 0.0
	for _, members := range s.together() {
		g := s.group(members)
		if len(members) == 1 {
			singles = append(singles, g)
			continue
		}
		area += (g.width + apart) * (g.height + apart)
		s.width = max(s.width, 2*margin+g.width)
		s.groups = append(s.groups, g)
	}
	widest := max(s.width, math.Sqrt(area*1.6)) // a little wider than high
	x, y, highest := margin, margin+titleSpace, 0.0
	for i := range s.groups {
		g := &s.groups[i]
		if x > margin && x+g.width > widest-margin {
			x, y, highest = margin, y+highest+apart, 0
		}
		g.at = point{x, y}
		s.width = max(s.width, x+g.width+margin)
		x, highest = x+g.width+apart, max(highest, g.height)
	}
	if len(s.groups) > 0 {
		y += highest + apart
	}
	y = s.placeSingles(singles, y)
	s.height = y - apart + margin
	if len(s.legendLooks()) > 0 {
		s.height += noteSpace
	}
	if s.Note != "" {
		s.height += noteSpace / 1.5
	}
}

// placeSingles puts lonely boxes into a grid.
func (s *sheet) placeSingles(singles []group, y float64) float64 {
	if len(singles) == 0 {
		return y
	}
	const gap = 20.0
	cell := 0.0
	for _, g := range singles {
		cell = max(cell, g.width+gap)
	}
	perRow := max(1, min(len(singles), max(4, int((s.width-2*margin)/cell))))
	for i := range singles {
		singles[i].at = point{margin + float64(i%perRow)*cell, y + float64(i/perRow)*(boxHeight+boxGap)}
	}
	s.groups = append(s.groups, singles...)
	s.width = max(s.width, 2*margin+float64(perRow)*cell-gap)
	rows := (len(singles) + perRow - 1) / perRow
	return y + float64(rows)*(boxHeight+boxGap) - boxGap + apart
}

// together are the boxes that hang together by arrows, the most first.
func (s *sheet) together() [][]int {
	head := make([]int, len(s.Boxes))
	for i := range head {
		head[i] = i
	}
	var find func(i int) int
	find = func(i int) int {
		if head[i] != i {
			head[i] = find(head[i])
		}
		return head[i]
	}
	for _, a := range s.Arrows {
		head[find(a.To)] = find(a.From)
	}
	byHead := map[int][]int{}
	for i := range s.Boxes {
		byHead[find(i)] = append(byHead[find(i)], i)
	}
	var all [][]int
	for i := range s.Boxes {
		if members := byHead[find(i)]; members[0] == i {
			all = append(all, members)
		}
	}
	slices.SortStableFunc(all, func(a, b []int) int { return cmp.Compare(len(b), len(a)) })
	return all
}

// group lays out boxes that hang together.
func (s *sheet) group(boxes []int) group {
	within := map[int]int{}
	for i, box := range boxes {
		within[box] = i
	}
	g := group{boxes: boxes, down: s.down}
	var arrows []Arrow
	for i, a := range s.Arrows {
		if from, ok := within[a.From]; ok && a.From != a.To {
			arrows = append(arrows, Arrow{from, within[a.To]})
			g.arrows = append(g.arrows, i)
		}
	}
	g.layout = newLayout(len(boxes), arrows, s.sizes(boxes))
	top, bottom := math.Inf(1), math.Inf(-1)
	x := 0.0
	for k, layer := range g.layers {
		depth, leaving := 0.0, 0
		for _, i := range layer {
			n := g.nodes[i]
			top, bottom = min(top, n.y-g.layout.height(i)/2), max(bottom, n.y+g.layout.height(i)/2)
			leaving += len(n.out)
			switch {
			case s.down:
				depth = boxHeight
			case n.box >= 0:
				depth = max(depth, s.texts[boxes[n.box]].width)
			}
		}
		g.columns, g.depths = append(g.columns, x), append(g.depths, depth)
		x += depth
		if k < len(g.layers)-1 {
			x += s.channel(leaving)
		}
	}
	for i := range g.nodes {
		g.nodes[i].y -= top
	}
	g.width, g.height = x, bottom-top
	if s.down {
		g.width, g.height = g.height, g.width
	}
	return g
}

// sizes are what a group of boxes is laid out by. Where arrows lead down, all its boxes are as wide as the widest.
func (s *sheet) sizes(boxes []int) sizes {
	if !s.down {
		return sizes{boxHeight: boxHeight, bendHeight: bendHeight, gap: boxGap, most: tallest}
	}
	widest := 0.0
	for _, box := range boxes {
		widest = max(widest, s.texts[box].width)
	}
	return sizes{boxHeight: widest, bendHeight: bendHeight, gap: boxGap, most: broadest}
}

// channel is the room between two columns, or rows, for the arrows that leave the first.
func (s *sheet) channel(leaving int) float64 {
	if s.down {
		return 40 + min(40, 2*float64(leaving))
	}
	return 64 + min(90, 2.5*float64(leaving))
}
