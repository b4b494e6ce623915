package diagram

import (
	"cmp"
	"slices"
)

// layout gives every box a place. It works in layers (Sugiyama, Tagawa, Toda 1981): columns by who needs whom, bends where an
// arrow passes a column, an order within columns that lets few arrows cross, and then heights that make arrows straight. Lengths
// are in pixels at scale 1.
type layout struct {
	nodes  []node
	chains []chain // one an arrow
	bends  map[bend]int
	layers [][]int // nodes by column, from top to bottom
	size   sizes
}

// sizes are the measures that a layout keeps to: of boxes and bends within their column, and how many boxes that has at most, as
// long as some can move outward.
type sizes struct {
	boxHeight, bendHeight, gap float64
	most                       int
}

// node is a box, or the bend of an arrow on its way past a column.
type node struct {
	box     int // its place in the diagram; -1 for bends
	layer   int
	y       float64 // its middle
	in, out []int   // neighbours in the column before and behind
}

// chain is an arrow's way: the nodes from the left to the right. An arrow against the current goes it backwards.
type chain struct {
	nodes    []int
	backward bool
}

// The most boxes of a column, and of a row where arrows lead down.
const tallest, broadest = 18, 6

// newLayout lays out boxes 0 … n-1, all of which hang together or none.
func newLayout(n int, arrows []Arrow, size sizes) *layout {
	l := &layout{size: size, bends: map[bend]int{}}
	forward, backward := acyclic(n, arrows)
	for i, layer := range narrowed(columns(n, forward), forward, size.most) {
		l.nodes = append(l.nodes, node{box: i, layer: layer})
	}
	ends := make([]int, n)
	for _, a := range forward {
		ends[a.From]++
		ends[a.To]++
	}
	for i, a := range forward {
		l.connect(a, backward[i], ends)
	}
	l.stack()
	l.order()
	l.settle()
	return l
}

// acyclic turns arrows about that would lead back to where one came from, and drops those from a box to itself.
func acyclic(n int, arrows []Arrow) (forward []Arrow, backward []bool) {
	out := make([][]int, n)
	in := make([]int, n)
	for i, a := range arrows {
		out[a.From] = append(out[a.From], i)
		in[a.To]++
	}
	const fresh, open, done = 0, 1, 2
	state, turned := make([]int, n), make([]bool, len(arrows))
	var visit func(box int)
	visit = func(box int) {
		state[box] = open
		for _, i := range out[box] {
			switch to := arrows[i].To; state[to] {
			case fresh:
				visit(to)
			case open:
				turned[i] = true
			}
		}
		state[box] = done
	}
	for _, sources := range []bool{true, false} { // what nothing leads to first: it belongs to the left
		for box := range n {
			if state[box] == fresh && (in[box] == 0) == sources {
				visit(box)
			}
		}
	}
	for i, a := range arrows {
		if a.From == a.To {
			continue
		}
		if turned[i] {
			a.From, a.To = a.To, a.From
		}
		forward, backward = append(forward, a), append(backward, turned[i])
	}
	return forward, backward
}

// columns gives each box a column behind those of all that lead to it, and then moves to the right what is bound to the right
// more than to the left.
func columns(n int, arrows []Arrow) []int {
	in, out := make([][]int, n), make([][]int, n)
	waits := make([]int, n)
	for _, a := range arrows {
		out[a.From], in[a.To] = append(out[a.From], a.To), append(in[a.To], a.From)
		waits[a.To]++
	}
	layer := make([]int, n)
	var sorted []int
	for box := range n {
		if waits[box] == 0 {
			sorted = append(sorted, box)
		}
	}
	for i := 0; i < len(sorted); i++ {
		for _, to := range out[sorted[i]] {
			layer[to] = max(layer[to], layer[sorted[i]]+1)
			if waits[to]--; waits[to] == 0 {
				sorted = append(sorted, to)
			}
		}
	}
	for _, box := range slices.Backward(sorted) {
		if len(out[box]) == 0 || len(out[box]) < len(in[box]) {
			continue
		}
		nearest := layer[out[box][0]]
		for _, to := range out[box] {
			nearest = min(nearest, layer[to])
		}
		layer[box] = nearest - 1
	}
	return layer
}

// narrowed moves boxes of columns that are too tall into new ones beside them: those with nothing before them to the left, those
// with nothing behind them to the right.
func narrowed(layer []int, arrows []Arrow, most int) []int {
	hasIn, hasOut := make([]bool, len(layer)), make([]bool, len(layer))
	for _, a := range arrows {
		hasOut[a.From], hasIn[a.To] = true, true
	}
	for column := 0; column <= slices.Max(layer); column++ {
		var all, first, last []int
		for box, at := range layer {
			if at != column {
				continue
			}
			all = append(all, box)
			switch {
			case !hasIn[box]:
				first = append(first, box)
			case !hasOut[box]:
				last = append(last, box)
			}
		}
		excess := len(all) - most
		if excess <= 0 || len(first)+len(last) == 0 {
			continue
		}
		movable, left := first, true
		if len(last) > len(first) {
			movable, left = last, false
		}
		moved := movable[len(movable)-min(excess, len(movable), max(most, len(all)/2)):]
		for box, at := range layer {
			if moves := slices.Contains(moved, box); at > column || at == column && left != moves {
				layer[box]++
			}
		}
		column-- // which may be too tall still
	}
	return layer
}

// bend is where arrows pass a column together: all that lead to one box, or come from one.
type bend struct {
	box, layer         int
	fromIt, isBackward bool
}

// connect makes an arrow's chain. At the end where most arrows meet they go together.
func (l *layout) connect(a Arrow, backward bool, ends []int) {
	c := chain{nodes: []int{a.From}, backward: backward}
	for layer := l.nodes[a.From].layer + 1; layer < l.nodes[a.To].layer; layer++ {
		key := bend{a.To, layer, false, backward}
		if ends[a.From] > ends[a.To] {
			key.box, key.fromIt = a.From, true
		}
		i, ok := l.bends[key]
		if !ok {
			i = len(l.nodes)
			l.nodes = append(l.nodes, node{box: -1, layer: layer})
			l.bends[key] = i
		}
		c.nodes = append(c.nodes, i)
	}
	c.nodes = append(c.nodes, a.To)
	for i := 1; i < len(c.nodes); i++ {
		from, to := c.nodes[i-1], c.nodes[i]
		if !slices.Contains(l.nodes[from].out, to) {
			l.nodes[from].out, l.nodes[to].in = append(l.nodes[from].out, to), append(l.nodes[to].in, from)
		}
	}
	l.chains = append(l.chains, c)
}

// stack puts nodes into their columns, in the order in which the arrows lead to them.
func (l *layout) stack() {
	seen := make([]bool, len(l.nodes))
	var visit func(i int)
	visit = func(i int) {
		if seen[i] {
			return
		}
		seen[i] = true
		for layer := l.nodes[i].layer; layer >= len(l.layers); {
			l.layers = append(l.layers, nil)
		}
		l.layers[l.nodes[i].layer] = append(l.layers[l.nodes[i].layer], i)
		for _, next := range l.nodes[i].out {
			visit(next)
		}
	}
	for i := range l.nodes {
		if len(l.nodes[i].in) == 0 {
			visit(i)
		}
	}
}

// orderRounds is how often columns are put in order, there and back; more changes little.
const orderRounds = 16

// order sorts each column by where its neighbours stand, from left to right and back, and keeps the best that it saw.
func (l *layout) order() {
	best, least := l.copyLayers(), l.crossings()
	for round := range orderRounds {
		rightward := round%2 == 0
		for i := range l.layers {
			if !rightward {
				i = len(l.layers) - 1 - i
			}
			l.sortByNeighbours(i, rightward)
		}
		l.swapNeighbours()
		if n := l.crossings(); n <= least { // as few, and nearer to what it leads to
			best, least = l.copyLayers(), n
		}
	}
	l.layers = best
}

func (l *layout) copyLayers() [][]int {
	layers := make([][]int, len(l.layers))
	for i, layer := range l.layers {
		layers[i] = slices.Clone(layer)
	}
	return layers
}

// middles is where each node stands in its column, from 0 at its top to 1 at its bottom.
func (l *layout) middles() []float64 {
	middles := make([]float64, len(l.nodes))
	for _, layer := range l.layers {
		for place, i := range layer {
			middles[i] = (float64(place) + 0.5) / float64(len(layer))
		}
	}
	return middles
}

// places is where each node stands in its column.
func (l *layout) places() []int {
	places := make([]int, len(l.nodes))
	for _, layer := range l.layers {
		for place, i := range layer {
			places[i] = place
		}
	}
	return places
}

func (l *layout) sortByNeighbours(layer int, rightward bool) {
	middles := l.middles()
	wanted := make(map[int]float64, len(l.layers[layer]))
	for _, i := range l.layers[layer] {
		neighbours := l.nodes[i].in
		if !rightward {
			neighbours = l.nodes[i].out
		}
		wanted[i] = middles[i]
		if len(neighbours) > 0 {
			wanted[i] = mean(neighbours, func(n int) float64 { return middles[n] })
		}
	}
	slices.SortStableFunc(l.layers[layer], func(a, b int) int { return cmp.Compare(wanted[a], wanted[b]) })
}

// mean is the middle of what some nodes have.
func mean(nodes []int, of func(node int) float64) float64 {
	sum := 0.0
	for _, n := range nodes {
		sum += of(n)
	}
	return sum / float64(len(nodes))
}

// swapNeighbours swaps two that stand one above the other wherever that lets fewer arrows cross.
func (l *layout) swapNeighbours() {
	places := l.places()
	for range 4 {
		better := false
		for _, layer := range l.layers {
			for k := 1; k < len(layer); k++ {
				a, b := layer[k-1], layer[k]
				now := cross(l.nodes[a].in, l.nodes[b].in, places) + cross(l.nodes[a].out, l.nodes[b].out, places)
				then := cross(l.nodes[b].in, l.nodes[a].in, places) + cross(l.nodes[b].out, l.nodes[a].out, places)
				if then < now {
					layer[k-1], layer[k] = b, a
					places[a], places[b] = k, k-1
					better = true
				}
			}
		}
		if !better {
			return
		}
	}
}

// cross counts the crossings of arrows at two nodes, the first above the second.
func cross(upper, lower []int, places []int) int {
	n := 0
	for _, u := range upper {
		for _, v := range lower {
			if places[u] > places[v] {
				n++
			}
		}
	}
	return n
}

// crossings counts all of them.
func (l *layout) crossings() int {
	places := l.places()
	n := 0
	for _, layer := range l.layers {
		for i, a := range layer {
			for _, b := range layer[i+1:] {
				n += cross(l.nodes[a].out, l.nodes[b].out, places)
			}
		}
	}
	return n
}

// settleRounds is how often columns are moved towards their neighbours; more changes little.
const settleRounds = 24

// settle finds heights: each column by turns comes as near to its neighbours' as its order and gaps let it.
func (l *layout) settle() {
	for _, layer := range l.layers {
		l.spread(layer, func(int) float64 { return 0 })
	}
	for round := range settleRounds {
		for k := range l.layers {
			if round%2 == 1 {
				k = len(l.layers) - 1 - k
			}
			l.spread(l.layers[k], func(i int) float64 {
				n := l.nodes[i]
				neighbours := slices.Concat(n.in, n.out)
				if round < settleRounds/2 && round%2 == 0 && len(n.in) > 0 {
					neighbours = n.in
				} else if round < settleRounds/2 && round%2 == 1 && len(n.out) > 0 {
					neighbours = n.out
				}
				if len(neighbours) == 0 {
					return n.y
				}
				return mean(neighbours, func(other int) float64 { return l.nodes[other].y })
			})
		}
	}
}

// spread places a column's nodes as near as can be to where each wants to be, without changing their order and with their gaps
// kept: the least sum of squares, by pooling those that push each other (isotonic regression).
func (l *layout) spread(layer []int, wanted func(node int) float64) {
	type pool struct {
		sum, weight float64
		from        int
	}
	var pools []pool
	offsets := make([]float64, len(layer))
	for k, i := range layer {
		if k > 0 {
			offsets[k] = offsets[k-1] + (l.height(layer[k-1])+l.height(i))/2 + l.size.gap
		}
		weight := 1.0
		if l.nodes[i].box < 0 {
			weight = 2 // long arrows had better be straight
		}
		p := pool{(wanted(i) - offsets[k]) * weight, weight, k}
		for len(pools) > 0 {
			last := pools[len(pools)-1]
			if last.sum/last.weight <= p.sum/p.weight {
				break
			}
			p = pool{p.sum + last.sum, p.weight + last.weight, last.from}
			pools = pools[:len(pools)-1]
		}
		pools = append(pools, p)
	}
	for k, i := range layer {
		for len(pools) > 1 && pools[1].from <= k {
			pools = pools[1:]
		}
		l.nodes[i].y = pools[0].sum/pools[0].weight + offsets[k]
	}
}

func (l *layout) height(i int) float64 {
	if l.nodes[i].box < 0 {
		return l.size.bendHeight
	}
	return l.size.boxHeight
}
