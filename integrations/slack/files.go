package slack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	goslack "github.com/slack-go/slack"

	"bellhop/chat"
)

// attachment is something to upload, and where it is shared; without a channel the bot alone can see it until a message
// shows it.
type attachment struct {
	name, alt       string
	data            []byte
	channel, thread string
	comment         string // said with it in the channel
}

// upload gives a reply's pictures to Slack and returns their file ids by their place among the parts. A picture that
// cannot be uploaded is left to its words.
func (c *Client) upload(ctx context.Context, r chat.Reply) map[int]string {
	ids := map[int]string{}
	for i, part := range r.Parts {
		if picture, ok := part.(chat.Image); ok && len(picture.Data) > 0 {
			c.picture(ctx, ids, i, attachment{name: picture.Name, alt: picture.Alt, data: picture.Data})
		}
	}
	return ids
}

// picture uploads one picture and notes its id once it can be shown.
func (c *Client) picture(ctx context.Context, ids map[int]string, place int, a attachment) {
	id, err := c.send(ctx, a)
	if err == nil {
		err = c.takenIn(ctx, id)
	}
	if err != nil {
		c.log.Warn().Err(err).Str("file", a.name).Msg("upload picture")
		return
	}
	ids[place] = id
}

// shareFiles attaches a reply's files to the thread of the message that names them, or below it in direct messages.
func (c *Client) shareFiles(ctx context.Context, r chat.Reply, channel, thread string) {
	if strings.HasPrefix(channel, "D") {
		thread = ""
	}
	for _, part := range r.Parts {
		file, ok := part.(chat.File)
		if !ok || len(file.Data) == 0 {
			continue
		}
		if _, err := c.send(ctx, attachment{name: file.Name, data: file.Data, channel: channel, thread: thread}); err != nil {
			c.log.Warn().Err(err).Str("file", file.Name).Msg("upload file")
			sorry := chat.Reply{Headline: notGiven(file.Name, err)}
			if _, err := c.post(ctx, posting{channel: channel, thread: thread}, sorry); err != nil {
				c.log.Warn().Err(err).Msg("say that a file could not be uploaded")
			}
		}
	}
}

// handOver makes a reply one that can be shown to its asker alone. Slack shows files in no such message unless the person has
// got them already, so they go into the asker's direct messages first.
func (c *Client) handOver(ctx context.Context, asker string, r chat.Reply) (chat.Reply, map[int]string) {
	attached := func(p chat.Part) bool {
		picture, isPicture := p.(chat.Image)
		file, isFile := p.(chat.File)
		return isPicture && len(picture.Data) > 0 || isFile && len(file.Data) > 0
	}
	if !slices.ContainsFunc(r.Parts, attached) {
		return r, nil
	}
	ids := map[int]string{}
	r.Parts = slices.Clone(r.Parts)
	dm, err := c.dms.get(ctx, asker)
	for i, part := range r.Parts {
		if err != nil || !attached(part) {
			continue
		}
		to := attachment{channel: dm, comment: fallback(c.renderer(), r)}
		switch p := part.(type) {
		case chat.Image:
			to.name, to.alt, to.data = p.Name, p.Alt, p.Data
			c.picture(ctx, ids, i, to)
		case chat.File:
			to.name, to.data = p.Name, p.Data
			if _, err := c.send(ctx, to); err != nil {
				c.log.Warn().Err(err).Str("file", p.Name).Msg("upload file")
				r.Parts[i] = chat.Context{Text: notGiven(p.Name, err)}
				continue
			}
			r.Parts[i] = chat.Context{Text: chat.Textf("📄 `%s` is in your direct messages with me.", p.Name)}
		}
	}
	if err != nil {
		c.log.Warn().Err(err).Str("person", asker).Msg("open a conversation for files")
	}
	return r, ids
}

// notGiven says that a file could not be uploaded, and why where people can do something about it.
func notGiven(name string, err error) chat.Text {
	if scope, ok := errors.AsType[*ScopeError](err); ok {
		return chat.Textf("📄 `%s` could not be given to you: the app has not been granted the scope `%s`.", name, scope.Needed)
	}
	return chat.Textf("📄 `%s` could not be uploaded. Please ask for it again in a minute.", name)
}

// send uploads a file in Slack's three steps.
func (c *Client) send(ctx context.Context, a attachment) (id string, err error) {
	var to *goslack.GetUploadURLExternalResponse
	err = c.call(ctx, fileUploadURL, func(ctx context.Context) (err error) {
		to, err = c.api.GetUploadURLExternalContext(ctx, goslack.GetUploadURLExternalParameters{
			FileName: a.name, FileSize: len(a.data), AltTxt: cutString(a.alt, 1000)})
		return err
	})
	if err != nil {
		return "", err
	}
	err = c.call(ctx, fileUpload, func(ctx context.Context) error {
		return withoutAddress(c.api.UploadToURL(ctx, goslack.UploadToURLParameters{
			UploadURL: to.UploadURL, Reader: bytes.NewReader(a.data), Filename: a.name}))
	})
	if err != nil {
		return "", err
	}
	err = c.call(ctx, fileComplete, func(ctx context.Context) error {
		_, err := c.api.CompleteUploadExternalContext(ctx, goslack.CompleteUploadExternalParameters{
			Files: []goslack.FileSummary{{ID: to.FileID, Title: a.name}}, Channel: a.channel, ThreadTimestamp: a.thread, InitialComment: a.comment})
		return err
	})
	return to.FileID, err
}

// errNotTakenIn tells that Slack had not worked a picture up in time.
var errNotTakenIn = errors.New("slack has not taken the picture in yet")

// takenIn waits until a picture can be shown: uploads are worked up after they end, and a message that shows one too
// early is refused.
func (c *Client) takenIn(ctx context.Context, id string) error {
	for pause := 250 * time.Millisecond; pause < 5*time.Second; pause *= 2 {
		var file *goslack.File
		err := c.call(ctx, fileInfo, func(ctx context.Context) (err error) {
			file, _, _, err = c.api.GetFileInfoContext(ctx, id, 0, 0)
			return err
		})
		if err != nil && !is(err, "file_not_found") {
			return err
		}
		if err == nil && (file.Mimetype != "" || file.Filetype != "") {
			return nil
		}
		if err := c.clock.Wait(ctx, c.clock.Now().Add(pause)); err != nil {
			return fmt.Errorf("wait for a picture: %w", err)
		}
	}
	return errNotTakenIn
}
