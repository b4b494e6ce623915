package slack

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"
)

func TestAFileIsUploadedAwaitedAndShown(t *testing.T) {
	p := start(t)
	file, err := p.bot.UploadFile(slack.UploadFileParameters{
		Filename: "chart of #1?.png", Title: "Chart", Content: "PNG", FileSize: 3, Channel: "C02PAYMENTS", InitialComment: "see",
	})
	require.NoError(t, err)
	m := p.messages("payments")[0]
	require.Equal(t, "see", m.Text)
	require.Equal(t, file.ID, m.Files[0].ID)
	block := slack.MsgOptionBlocks(slack.NewImageBlockSlackFile(&slack.SlackFileObject{ID: file.ID}, "chart", "", nil))
	info, _, _, err := p.bot.GetFileInfo(file.ID, 0, 0)
	require.NoError(t, err)
	require.Empty(t, info.Mimetype, "Slack is still at it")
	_, _, err = p.bot.PostMessage("C03LEDGER", block)
	require.EqualError(t, err, "invalid_blocks")
	require.NoError(t, p.clock.Advance(processing))
	info, _, _, err = p.bot.GetFileInfo(file.ID, 0, 0)
	require.NoError(t, err)
	require.Equal(t, "image/png", info.Mimetype)
	_, _, err = p.bot.PostMessage("C03LEDGER", block)
	require.NoError(t, err)
	var got bytes.Buffer
	require.NoError(t, p.bot.GetFile(info.URLPrivateDownload, &got))
	require.Equal(t, "PNG", got.String())
}

func TestUploadsThatGoWrong(t *testing.T) {
	p := start(t)
	_, err := p.bot.CompleteUploadExternalContext(t.Context(), slack.CompleteUploadExternalParameters{Files: []slack.FileSummary{{ID: "F99"}}})
	require.EqualError(t, err, "file_not_found")
	slot, err := p.bot.GetUploadURLExternalContext(t.Context(), slack.GetUploadURLExternalParameters{FileName: "a.txt", FileSize: 5})
	require.NoError(t, err)
	_, err = p.bot.CompleteUploadExternalContext(t.Context(), slack.CompleteUploadExternalParameters{Files: []slack.FileSummary{{ID: slot.FileID}}})
	require.EqualError(t, err, "file_not_uploaded")
	answer, err := http.Post(slot.UploadURL, "text/plain", bytes.NewBufferString("too long"))
	require.NoError(t, err)
	require.Equal(t, http.StatusBadRequest, answer.StatusCode)
	require.NoError(t, answer.Body.Close())
	answer, err = http.Post(slot.UploadURL, "text/plain", bytes.NewBufferString("12345"))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.NoError(t, answer.Body.Close())
	_, err = p.bot.CompleteUploadExternalContext(t.Context(), slack.CompleteUploadExternalParameters{Files: []slack.FileSummary{{ID: slot.FileID}}, Channel: "C09LAUNCH"})
	require.EqualError(t, err, "channel_not_found")
	_, err = p.bot.CompleteUploadExternalContext(t.Context(), slack.CompleteUploadExternalParameters{Files: []slack.FileSummary{{ID: slot.FileID, Title: "A"}}})
	require.NoError(t, err)
	for _, want := range []string{"", "text/plain"} { // it is worth asking again
		info, _, _, err := p.bot.GetFileInfo(slot.FileID, 0, 0)
		require.NoError(t, err)
		require.Equal(t, want, info.Mimetype)
	}
	require.NoError(t, p.bot.DeleteFile(slot.FileID))
	_, _, _, err = p.bot.GetFileInfo(slot.FileID, 0, 0)
	require.EqualError(t, err, "file_not_found")
}

func TestAFileNeedsATokenOrThePage(t *testing.T) {
	p := start(t)
	file, err := p.bot.UploadFile(slack.UploadFileParameters{Filename: "a.txt", Content: "text", FileSize: 4})
	require.NoError(t, err)
	get := func(header, value string) (string, *http.Response) {
		r, err := http.NewRequest(http.MethodGet, p.http.URL+"/files/"+file.ID, nil)
		require.NoError(t, err)
		r.Header.Set(header, value)
		answer, err := http.DefaultTransport.RoundTrip(r)
		require.NoError(t, err)
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return string(body), answer
	}
	_, answer := get("Authorization", "")
	require.Equal(t, http.StatusFound, answer.StatusCode, "Slack sends strangers to a page to log in")
	body, _ := get("Authorization", "Bearer xoxb-demo")
	require.Equal(t, "text", body)
	body, answer = get("Sec-Fetch-Site", "same-origin")
	require.Equal(t, "text", body)
	require.Equal(t, "nosniff", answer.Header.Get("X-Content-Type-Options"))
}
