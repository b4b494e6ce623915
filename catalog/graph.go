package catalog

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
)

// Graph is entities and what they need of each other.
type Graph struct {
	// Nodes are what was asked about, then what is near to it: nearest first, and in the order of their references.
	Nodes []GraphNode
	// Edges are all needs between the nodes, in order.
	Edges []GraphEdge
	// More is how many entities within reach were left out.
	More int
}

// GraphNode is an entity in a Graph.
type GraphNode struct {
	Entity Entity
	// Missing tells that the catalog has nothing of that name; Entity then holds the reference alone.
	Missing bool
	// Steps is how far it is from what was asked about: 0 is that itself, 1 is needed by it, -1 needs it. A way through an API to
	// who provides it is one step.
	Steps int
	// Via is what it was reached by; zero for what was asked about and for what is next to it.
	Via Ref
	// Owner is what it names as its owner; zero where it names none.
	Owner Ref
}

// GraphEdge says that From needs To: it depends on it, consumes it, is provided by it, or has it as its subcomponent.
type GraphEdge struct{ From, To Ref }

// Reach is how far a Graph goes.
type Reach struct {
	Needs    int // steps towards what is needed
	NeededBy int // steps towards what needs it
	Most     int // nodes
}

// farReach is how many steps mean all of them.
const farReach = 1 << 20

// Graph is what is around an entity. Systems and domains are taken as what they consist of, teams with those
// under them and people as what they own.
func (c *Catalog) Graph(ctx context.Context, of Entity, reach Reach) (Graph, error) {
	g, err := c.graph(ctx, of, reach)
	if err != nil {
		return Graph{}, fmt.Errorf("graph of %s: %w", of.Ref, err)
	}
	return g, nil
}

// Impact is everything that would feel it if an entity stood still, nearest first: what needs it, what needs that, and so on.
// What was asked about stands first. No more than most are given.
func (c *Catalog) Impact(ctx context.Context, of Entity, most int) (Graph, error) {
	return c.Graph(ctx, of, Reach{NeededBy: farReach, Most: most})
}

func (c *Catalog) graph(ctx context.Context, of Entity, reach Reach) (Graph, error) {
	seeds, err := c.constituents(ctx, of)
	if err != nil {
		return Graph{}, err
	}
	w := walk{store: c.store, most: reach.Most, seen: map[string]int{}}
	if err := w.add(ctx, hops(seeds, Ref{}), 0); err != nil {
		return Graph{}, err
	}
	down, up := slices.Clone(w.nodes), slices.Clone(w.nodes)
	for step := 1; step <= max(reach.Needs, reach.NeededBy) && len(down)+len(up) > 0; step++ {
		if down, err = w.step(ctx, down, needs, step, step <= reach.Needs); err != nil {
			return Graph{}, err
		}
		if up, err = w.step(ctx, up, neededBy, -step, step <= reach.NeededBy); err != nil {
			return Graph{}, err
		}
	}
	return w.graph(), nil
}

// constituents are what a graph of an entity begins with.
func (c *Catalog) constituents(ctx context.Context, of Entity) ([]Ref, error) {
	relations := []RelationType{HasPart}
	switch {
	case of.Is(KindGroup), of.Is(KindUser):
		relations = []RelationType{OwnerOf, ParentOf}
	case !of.Is(KindSystem) && !of.Is(KindDomain):
		return []Ref{of.Ref}, nil
	}
	var refs []Ref
	seen := map[string]bool{of.Ref.String(): true}
	for whole := []Ref{of.Ref}; len(whole) > 0; whole = whole[1:] {
		parts, err := c.relatedBy(ctx, whole[0], relations...)
		if err != nil {
			return nil, err
		}
		for _, part := range parts {
			if seen[part.Ref.String()] {
				continue
			}
			seen[part.Ref.String()] = true
			switch {
			case part.Is(KindComponent), part.Is(KindAPI), part.Is(KindResource):
				refs = append(refs, part.Ref)
			case part.Is(KindGroup), relations[0] == HasPart: // a domain's systems, a department's teams
				whole = append(whole, part.Ref)
			}
		}
	}
	if len(refs) == 0 {
		refs = []Ref{of.Ref}
	}
	return refs, nil
}

// needs and neededBy tell whether a relation leads from its source to what that needs, or to what needs it.
func needs(r Relation) bool {
	switch r.Type {
	case DependsOn, ConsumesAPI, APIProvidedBy:
		return true
	case HasPart: // systems only hold together what does the work
		return r.Source.Is(KindComponent) && r.Target.Is(KindComponent)
	}
	return false
}

func neededBy(r Relation) bool { return needs(r.Inverse()) }

// walk collects nodes, breadth first, and reads each level of them at once.
type walk struct {
	store Store
	most  int
	nodes []walked
	seen  map[string]int // place in nodes by reference; -1 for what was left out
}

type walked struct {
	GraphNode
	relations []Relation
}

// hop is a way to an entity.
type hop struct{ to, via Ref }

func hops(to []Ref, via Ref) []hop {
	all := make([]hop, len(to))
	for i, ref := range to {
		all[i] = hop{ref, via}
	}
	return all
}

// step goes from some nodes to the next ones, and gives these. APIs on the way are gone through.
func (w *walk) step(ctx context.Context, from []walked, leads func(Relation) bool, steps int, within bool) ([]walked, error) {
	var reached []walked
	for within && len(from) > 0 {
		var next []hop
		for _, node := range from {
			via := node.Entity.Ref
			if node.Steps == 0 {
				via = Ref{}
			}
			for _, r := range node.relations {
				if leads(r) {
					next = append(next, hop{r.Target, via})
				}
			}
		}
		before := len(w.nodes)
		if err := w.add(ctx, next, steps); err != nil {
			return nil, err
		}
		reached = append(reached, w.nodes[before:]...)
		from = slices.DeleteFunc(slices.Clone(w.nodes[before:]), func(n walked) bool { return !n.Entity.Is(KindAPI) })
	}
	return reached, nil
}

// add reads what has not been seen yet, as far as there is room for it.
func (w *walk) add(ctx context.Context, next []hop, steps int) error {
	slices.SortStableFunc(next, func(a, b hop) int { return cmp.Compare(a.to.String(), b.to.String()) })
	var fresh []hop
	for _, h := range next {
		key := h.to.String()
		if _, ok := w.seen[key]; ok {
			continue
		}
		w.seen[key] = -1
		if len(w.nodes)+len(fresh) < w.most {
			w.seen[key] = len(w.nodes) + len(fresh)
			fresh = append(fresh, h)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	refs := make([]Ref, len(fresh))
	for i, h := range fresh {
		refs[i] = h.to
	}
	described, err := w.store.Describe(ctx, refs)
	if err != nil {
		return err
	}
	found := make(map[string]Described, len(described))
	for _, d := range described {
		found[d.Entity.Ref.String()] = d
	}
	for _, h := range fresh {
		node := walked{GraphNode: GraphNode{Entity: Entity{Ref: h.to}, Missing: true, Steps: steps, Via: h.via}}
		if d, ok := found[h.to.String()]; ok {
			node.Entity, node.Missing, node.relations = d.Entity, false, d.Relations
		}
		for _, r := range node.relations {
			if r.Type == OwnedBy && node.Owner.IsZero() {
				node.Owner = r.Target
			}
		}
		w.nodes = append(w.nodes, node)
	}
	return nil
}

// graph is what was walked.
func (w *walk) graph() Graph {
	g := Graph{More: len(w.seen) - len(w.nodes)}
	edges := map[[2]string]GraphEdge{}
	for _, node := range w.nodes {
		g.Nodes = append(g.Nodes, node.GraphNode)
		for _, r := range node.relations {
			if neededBy(r) {
				r = r.Inverse()
			} else if !needs(r) {
				continue
			}
			from, to := r.Source.String(), r.Target.String()
			if w.holds(from) && w.holds(to) && from != to {
				edges[[2]string{from, to}] = GraphEdge{r.Source, r.Target}
			}
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(edges), func(a, b [2]string) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) }) {
		g.Edges = append(g.Edges, edges[key])
	}
	slices.SortStableFunc(g.Nodes, func(a, b GraphNode) int {
		return cmp.Or(cmp.Compare(max(a.Steps, -a.Steps), max(b.Steps, -b.Steps)), cmp.Compare(a.Entity.Ref.String(), b.Entity.Ref.String()))
	})
	return g
}

func (w *walk) holds(ref string) bool {
	place, ok := w.seen[ref]
	return ok && place >= 0
}
