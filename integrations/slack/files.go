package slack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	goslack "github.com/slack-go/slack"

	"bellhop/chat"
)

// upload gives a reply's pictures to Slack and returns their file ids by their place among the parts. A picture that
// cannot be uploaded is left to its words.
func (c *Client) upload(ctx context.Context, r chat.Reply) map[int]string {
	var ids map[int]string
	for i, part := range r.Parts {
		picture, ok := part.(chat.Image)
		if !ok || len(picture.Data) == 0 {
			continue
		}
		id, err := c.send(ctx, picture.Name, picture.Alt, picture.Data, "", "")
		if err == nil {
			err = c.takenIn(ctx, id)
		}
		if err != nil {
			c.log.Warn().Err(err).Str("file", picture.Name).Msg("upload picture")
			continue
		}
		if ids == nil {
			ids = map[int]string{}
		}
		ids[i] = id
	}
	return ids
}

// shareFiles attaches a reply's files to the thread of the message that names them.
func (c *Client) shareFiles(ctx context.Context, r chat.Reply, channel, thread string) {
	for _, part := range r.Parts {
		file, ok := part.(chat.File)
		if !ok || len(file.Data) == 0 {
			continue
		}
		if _, err := c.send(ctx, file.Name, "", file.Data, channel, thread); err != nil {
			c.log.Warn().Err(err).Str("file", file.Name).Msg("upload file")
		}
	}
}

// send uploads a file in Slack's three steps and shares it in a channel's thread, if one is given.
func (c *Client) send(ctx context.Context, name, alt string, data []byte, channel, thread string) (id string, err error) {
	var to *goslack.GetUploadURLExternalResponse
	err = c.call(ctx, fileUploadURL, func(ctx context.Context) (err error) {
		to, err = c.api.GetUploadURLExternalContext(ctx, goslack.GetUploadURLExternalParameters{
			FileName: name, FileSize: len(data), AltTxt: cutString(alt, 1000)})
		return err
	})
	if err != nil {
		return "", err
	}
	err = c.call(ctx, fileUpload, func(ctx context.Context) error {
		return withoutAddress(c.api.UploadToURL(ctx, goslack.UploadToURLParameters{
			UploadURL: to.UploadURL, Reader: bytes.NewReader(data), Filename: name}))
	})
	if err != nil {
		return "", err
	}
	err = c.call(ctx, fileComplete, func(ctx context.Context) error {
		_, err := c.api.CompleteUploadExternalContext(ctx, goslack.CompleteUploadExternalParameters{
			Files: []goslack.FileSummary{{ID: to.FileID, Title: name}}, Channel: channel, ThreadTimestamp: thread})
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
