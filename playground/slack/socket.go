package slack

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Slack: at most 10 open sockets an app, and a ping often enough that a client may take 30 s without one for a dead
// connection.
const (
	maxSockets   = 10
	pingInterval = 10 * time.Second
	writeWait    = 10 * time.Second
	ticketLife   = 30 * time.Second // how long the address of apps.connections.open is good, once
)

// sockets are the open Socket Mode connections and the envelopes that await their ack.
type sockets struct {
	open    []*socket
	tickets map[string]time.Time // when each ticket was given
	pending map[string]*delivery // by envelope id
	turn    int
}

// socket is one connection. Frames go out through one goroutine.
type socket struct {
	id   string
	conn *websocket.Conn
	out  chan []byte
	gone chan struct{} // closed when the connection has ended
	once sync.Once
}

func newSockets() sockets {
	return sockets{tickets: map[string]time.Time{}, pending: map[string]*delivery{}}
}

func disconnectReason(reason string) bool {
	return slices.Contains([]string{"warning", "refresh_requested", "link_disabled", "too_many_websockets"}, reason)
}

// connectionsOpen is apps.connections.open: an address that is good for one connection.
func (s *Server) connectionsOpen(args) (object, error) {
	ticket := randomHex(16)
	now := s.now()
	for old, given := range s.sockets.tickets {
		if now.Sub(given) > ticketLife {
			delete(s.sockets.tickets, old)
		}
	}
	s.sockets.tickets[ticket] = now
	return object{"url": websocketURL(s.cfg.BaseURL) + "/socket/" + ticket + "?app_id=" + s.cfg.World.App.ID}, nil
}

func websocketURL(base string) string { return "ws" + base[len("http"):] }

// useTicket takes a ticket; it is good once.
func (s *Server) useTicket(ticket string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	given, ok := s.sockets.tickets[ticket]
	delete(s.sockets.tickets, ticket)
	return ok && s.now().Sub(given) <= ticketLife
}

// serveSocket is one Socket Mode connection from hello to its end.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !s.useTicket(r.PathValue("ticket")) {
		writeJSON(w, http.StatusNotFound, object{"ok": false, "error": "invalid_ticket"})
		return
	}
	// slack-go sends Slack's own origin and browsers never come here: the ticket is what lets a client in.
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	c := &socket{id: randomID("W"), conn: conn, out: make(chan []byte, 256), gone: make(chan struct{})}
	if !s.admit(c) {
		return
	}
	go s.writeFrames(c)
	s.readFrames(c)
	s.dropSocket(c)
}

// admit counts the connection and greets it, or turns the eleventh away.
func (s *Server) admit(c *socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sockets.open) >= maxSockets || s.ctx.Err() != nil {
		frame := disconnectFrame("too_many_websockets")
		// The connection is being turned away; a failed word of farewell changes nothing.
		_ = c.conn.WriteMessage(websocket.TextMessage, frame)
		c.end()
		return false
	}
	s.sockets.open = append(s.sockets.open, c)
	c.send(marshal(object{
		"type":            "hello",
		"num_connections": len(s.sockets.open),
		"debug_info": object{
			"host": "playground", "build_number": 1, "approximate_connection_time": 18060,
		},
		"connection_info": object{"app_id": s.cfg.World.App.ID},
	}))
	s.live.tell(note{Type: "socket", Name: "open"})
	return true
}

func disconnectFrame(reason string) []byte {
	return marshal(object{"type": "disconnect", "reason": reason, "debug_info": object{"host": "playground"}})
}

func marshal(v any) []byte {
	data, err := encode(v)
	if err != nil {
		panic("slack playground: encode a frame: " + err.Error()) // every frame is made of plain JSON values
	}
	return data
}

// encode is v as JSON in which <, > and & stand as they are, as in Slack's.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// send queues a frame. A connection that does not read is ended.
func (c *socket) send(frame []byte) {
	select {
	case c.out <- frame:
	case <-c.gone:
	default:
		c.end()
	}
}

// end closes the connection; whoever reads or writes it comes back with an error.
func (c *socket) end() {
	c.once.Do(func() {
		close(c.gone)
		// The connection is given up; how closing it goes makes no difference.
		_ = c.conn.Close()
	})
}

// closing is a frame that ends the connection after it was written.
const closing = "\x00close"

func (s *Server) writeFrames(c *socket) {
	defer c.end()
	ping := time.NewTicker(pingInterval)
	defer ping.Stop()
	// Slack's first ping comes soon; slack-go counts the silence from its last one.
	if !s.ping(c) {
		return
	}
	for {
		select {
		case <-c.gone:
			return
		case <-ping.C:
			if !s.ping(c) {
				return
			}
		case frame := <-c.out:
			if string(frame) == closing {
				farewell := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
				// The other side may have gone first.
				_ = c.conn.WriteControl(websocket.CloseMessage, farewell, time.Now().Add(writeWait))
				return
			}
			if c.conn.SetWriteDeadline(time.Now().Add(writeWait)) != nil ||
				c.conn.WriteMessage(websocket.TextMessage, frame) != nil {
				return
			}
		}
	}
}

func (s *Server) ping(c *socket) bool {
	s.mu.Lock()
	quiet := s.wire.noPings
	s.mu.Unlock()
	return quiet || c.conn.WriteControl(websocket.PingMessage, []byte("Ping from playground"), time.Now().Add(writeWait)) == nil
}

// readFrames takes acks until the connection ends.
func (s *Server) readFrames(c *socket) {
	c.conn.SetReadLimit(maxBody)
	for {
		_, frame, err := c.conn.ReadMessage()
		if err != nil {
			return
		}
		var ack struct {
			EnvelopeID string          `json:"envelope_id"`
			Payload    json.RawMessage `json:"payload"`
		}
		if json.Unmarshal(frame, &ack) == nil && ack.EnvelopeID != "" {
			s.acked(c, ack.EnvelopeID, ack.Payload)
		}
	}
}

// dropSocket forgets a connection. Events that it took without an ack are lost to it and go their second way.
func (s *Server) dropSocket(c *socket) {
	c.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets.open = slices.DeleteFunc(s.sockets.open, func(o *socket) bool { return o == c })
	for _, d := range s.sockets.pending {
		if d.on == c {
			d.lose()
		}
	}
	s.live.tell(note{Type: "socket", Name: "closed"})
}

// next is the connection whose turn it is, or nil.
func (k *sockets) next() *socket {
	for range k.open {
		k.turn++
		c := k.open[k.turn%len(k.open)]
		select {
		case <-c.gone:
		default:
			return c
		}
	}
	return nil
}

// disconnect asks the n longest open connections to go, or all where n is 0. A warning lets a connection live on for a
// while, as Slack does; every other reason closes it.
func (k *sockets) disconnect(reason string, n int) {
	if n == 0 || n > len(k.open) {
		n = len(k.open)
	}
	for _, c := range k.open[:n] {
		c.send(disconnectFrame(reason))
		if reason != "warning" {
			c.send([]byte(closing))
		}
	}
}

// killAll cuts every connection without a word.
func (k *sockets) killAll() {
	for _, c := range k.open {
		c.end()
	}
}
