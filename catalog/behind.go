package catalog

import "context"

// behind writes what was read while more is being read. It holds at most one batch that waits, so that reading does not run
// away from writing.
type behind struct {
	batches chan []Record
	done    chan struct{}
	err     error // once done is closed
}

// startBehind begins; end must be called.
func startBehind(ctx context.Context, write Refresh) *behind {
	b := &behind{batches: make(chan []Record, 1), done: make(chan struct{})}
	go func() {
		defer close(b.done)
		for records := range b.batches {
			if b.err = write.Put(ctx, records); b.err != nil {
				return
			}
		}
	}()
	return b
}

// put hands over records, which are the writer's from now on. It returns the error of a batch before.
func (b *behind) put(records []Record) error {
	select {
	case b.batches <- records:
		return nil
	case <-b.done:
		return b.err
	}
}

// end waits until all is written.
func (b *behind) end() error {
	close(b.batches)
	<-b.done
	return b.err
}
