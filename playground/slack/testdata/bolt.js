// A bot in Bolt for JavaScript that uses one of everything; bolt_test.go talks to it as a person.
const { App, LogLevel } = require('@slack/bolt');

const app = new App({
  token: 'xoxb-demo',
  appToken: 'xapp-demo',
  socketMode: true,
  logLevel: LogLevel.WARN,
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
});

const plain = (text) => ({ type: 'plain_text', text });

app.command('/who-owns', async ({ command, ack, respond }) => {
  await ack();
  await respond(`${command.text} belongs to Team Ledger`);
});

app.command('/plain', async ({ ack }) => ack('from the ack'));

app.event('app_mention', async ({ event, say }) => {
  await say({
    text: 'card',
    thread_ts: event.ts,
    blocks: [{ type: 'actions', block_id: 'acts', elements: [{ type: 'button', action_id: 'press', value: 'v', text: plain('Press') }] }],
  });
});

app.message('hello', async ({ message, client }) => {
  await client.reactions.add({ channel: message.channel, timestamp: message.ts, name: 'wave' });
});

app.action('press', async ({ body, ack, respond }) => {
  await ack();
  await respond({ replace_original: true, text: `pressed by ${body.user.name}` });
});

app.shortcut('deploy', async ({ shortcut, ack, client }) => {
  await ack();
  await client.views.open({
    trigger_id: shortcut.trigger_id,
    view: {
      type: 'modal', callback_id: 'form', title: plain('Form'), submit: plain('Go'),
      blocks: [
        { type: 'input', block_id: 'name', label: plain('Name'), element: { type: 'plain_text_input', action_id: 'name' } },
        { type: 'input', block_id: 'one', label: plain('One'), element: { type: 'external_select', action_id: 'one', min_query_length: 0 } },
      ],
    },
  });
});

app.options('one', async ({ options, ack }) => ack({ options: [{ text: plain(`found ${options.value}`), value: 'found' }] }));

app.view('form', async ({ view, ack, body, client }) => {
  const name = view.state.values.name.name.value;
  if (name === 'bad') {
    await ack({ response_action: 'errors', errors: { name: 'Not that one.' } });
    return;
  }
  await ack();
  await client.chat.postMessage({ channel: body.user.id, text: `got ${name} and ${view.state.values.one.one.selected_option.value}` });
});

app.event('app_home_opened', async ({ event, client }) => {
  await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [{ type: 'header', text: plain('Home') }] } });
});

app.error(async (error) => console.error(error));

app.start().then(() => console.log('ready'));
