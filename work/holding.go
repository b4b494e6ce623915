package work

import "sync"

// holding is what a loop has under way. A jump of the clock ends a lease before its holder could extend it, and the loop
// then claims its own item again: the step under way goes on under the new lease, which nobody may use or lose meanwhile.
type holding struct {
	claiming sync.RWMutex // held for writing from a claim until its leases are where they belong
	mu       sync.Mutex
	items    map[string]*held
}

// held is one item under way.
type held struct {
	mu   sync.Mutex
	item Item
}

func (h *held) now() Item {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.item
}

// claim runs take and returns how many items it took and those of them that are not under way already.
func (h *holding) claim(take func() ([]Item, error)) (claimed int, fresh []*held, err error) {
	h.claiming.Lock()
	defer h.claiming.Unlock()
	items, err := take()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, item := range items {
		if under, ok := h.items[item.ID]; ok {
			under.mu.Lock()
			under.item.Lease = item.Lease
			under.mu.Unlock()
			continue
		}
		if h.items == nil {
			h.items = map[string]*held{}
		}
		under := &held{item: item}
		h.items[item.ID] = under
		fresh = append(fresh, under)
	}
	return len(items), fresh, err
}

// with runs use with the item under its present lease.
func (h *holding) with(under *held, use func(Item) error) error {
	h.claiming.RLock()
	defer h.claiming.RUnlock()
	return use(under.now())
}

// finish settles an item whose step has ended and forgets it, before it can be claimed again.
func (h *holding) finish(under *held, settle func(Item) error) error {
	h.claiming.RLock()
	defer h.claiming.RUnlock()
	defer h.drop(under)
	return settle(under.now())
}

// drop forgets an item.
func (h *holding) drop(under *held) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.items, under.item.ID)
}
