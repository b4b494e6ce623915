// Shortcodes of the emoji that bots and people really write, in Slack's names.
// Anything else keeps its colons, as an unknown emoji does in Slack.

const TABLE = `
smile 😄 smiley 😃 grinning 😀 grin 😁 laughing 😆 satisfied 😆 sweat_smile 😅 joy 😂 rolling_on_the_floor_laughing 🤣
relaxed ☺️ blush 😊 innocent 😇 slightly_smiling_face 🙂 upside_down_face 🙃 wink 😉 relieved 😌 heart_eyes 😍
kissing_heart 😘 yum 😋 stuck_out_tongue 😛 stuck_out_tongue_winking_eye 😜 sunglasses 😎 nerd_face 🤓 star-struck 🤩
partying_face 🥳 smirk 😏 unamused 😒 disappointed 😞 pensive 😔 worried 😟 confused 😕 slightly_frowning_face 🙁
persevere 😣 tired_face 😫 weary 😩 cry 😢 sob 😭 triumph 😤 angry 😠 rage 😡 exploding_head 🤯 flushed 😳 scream 😱
fearful 😨 cold_sweat 😰 thinking_face 🤔 thinking 🤔 shushing_face 🤫 zipper_mouth_face 🤐 face_with_raised_eyebrow 🤨
neutral_face 😐 expressionless 😑 no_mouth 😶 grimacing 😬 face_with_rolling_eyes 🙄 rolling_eyes 🙄 open_mouth 😮
astonished 😲 sleeping 😴 sleepy 😪 dizzy_face 😵 mask 😷 nauseated_face 🤢 robot_face 🤖 robot 🤖 ghost 👻 skull 💀 alien 👽
hankey 💩 poop 💩 see_no_evil 🙈 hear_no_evil 🙉 speak_no_evil 🙊 saluting_face 🫡 melting_face 🫠
wave 👋 raised_hand ✋ hand ✋ ok_hand 👌 v ✌️ crossed_fingers 🤞 point_left 👈 point_right 👉 point_up ☝️ point_up_2 👆
point_down 👇 +1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 fist ✊ punch 👊 clap 👏 raised_hands 🙌 open_hands 👐 handshake 🤝
pray 🙏 muscle 💪 writing_hand ✍️ eyes 👀 eye 👁️ brain 🧠 shrug 🤷 man-shrugging 🤷‍♂️ woman-shrugging 🤷‍♀️ facepalm 🤦
man-facepalming 🤦‍♂️ woman-facepalming 🤦‍♀️ bow 🙇 technologist 🧑‍💻 bust_in_silhouette 👤 busts_in_silhouette 👥 detective 🕵️ construction_worker 👷 bellhop_bell 🛎️
heart ❤️ orange_heart 🧡 yellow_heart 💛 green_heart 💚 blue_heart 💙 purple_heart 💜 black_heart 🖤 broken_heart 💔
sparkling_heart 💖 100 💯 boom 💥 collision 💥 dizzy 💫 sweat_drops 💦 dash 💨 zzz 💤 speech_balloon 💬 thought_balloon 💭
fire 🔥 sparkles ✨ star ⭐ star2 🌟 zap ⚡ snowflake ❄️ sunny ☀️ cloud ☁️ rainbow 🌈 umbrella ☔ ocean 🌊 droplet 💧 earth_africa 🌍
dog 🐶 cat 🐱 mouse 🐭 fox_face 🦊 bear 🐻 panda_face 🐼 unicorn_face 🦄 bug 🐛 bee 🐝 snail 🐌 turtle 🐢 snake 🐍 octopus 🐙 whale 🐳
crab 🦀 penguin 🐧 owl 🦉 spider_web 🕸️ seedling 🌱 evergreen_tree 🌲 cactus 🌵 four_leaf_clover 🍀 mushroom 🍄 rose 🌹
apple 🍎 pizza 🍕 hamburger 🍔 cake 🍰 birthday 🎂 doughnut 🍩 cookie 🍪 coffee ☕ tea 🍵 beer 🍺 beers 🍻 champagne 🍾 popcorn 🍿
tada 🎉 confetti_ball 🎊 balloon 🎈 gift 🎁 trophy 🏆 medal 🏅 first_place_medal 🥇 second_place_medal 🥈 third_place_medal 🥉
dart 🎯 game_die 🎲 video_game 🎮 art 🎨 musical_note 🎵 guitar 🎸 soccer ⚽ basketball 🏀
rocket 🚀 airplane ✈️ car 🚗 taxi 🚕 bus 🚌 train 🚆 bike 🚲 ship 🚢 anchor ⚓ construction 🚧 vertical_traffic_light 🚦 fuelpump ⛽
house 🏠 office 🏢 factory 🏭 hotel 🏨 hospital 🏥 school 🏫
watch ⌚ hourglass ⌛ hourglass_flowing_sand ⏳ alarm_clock ⏰ stopwatch ⏱️ timer_clock ⏲️ clock1 🕐 clock9 🕘 clock12 🕛
iphone 📱 computer 💻 desktop_computer 🖥️ keyboard ⌨️ floppy_disk 💾 cd 💿 battery 🔋 electric_plug 🔌 bulb 💡 flashlight 🔦
telephone_receiver 📞 satellite_antenna 📡 mag 🔍 mag_right 🔎 lock 🔒 unlock 🔓 key 🔑 closed_lock_with_key 🔐 bell 🔔 no_bell 🔕
hammer 🔨 wrench 🔧 hammer_and_wrench 🛠️ gear ⚙️ nut_and_bolt 🔩 toolbox 🧰 magnet 🧲 test_tube 🧪 microscope 🔬 telescope 🔭 link 🔗 chains ⛓️
package 📦 mailbox 📫 inbox_tray 📥 outbox_tray 📤 email 📧 envelope ✉️ memo 📝 pencil 📝 pencil2 ✏️ page_facing_up 📄 page_with_curl 📃
bookmark_tabs 📑 bar_chart 📊 chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 clipboard 📋 calendar 📅 date 📅 spiral_calendar_pad 🗓️
file_folder 📁 open_file_folder 📂 card_index_dividers 🗂️ file_cabinet 🗄️ wastebasket 🗑️ newspaper 📰 books 📚 book 📖 bookmark 🔖 label 🏷️
paperclip 📎 pushpin 📌 round_pushpin 📍 triangular_ruler 📐 scissors ✂️ triangular_flag_on_post 🚩 checkered_flag 🏁 flag-de 🇩🇪 flag-us 🇺🇸
moneybag 💰 dollar 💵 credit_card 💳 gem 💎 shopping_trolley 🛒 shield 🛡️ crystal_ball 🔮 jigsaw 🧩 broom 🧹 ladder 🪜 compass 🧭 world_map 🗺️
white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ negative_squared_cross_mark ❎ heavy_plus_sign ➕ heavy_minus_sign ➖
exclamation ❗ heavy_exclamation_mark ❗ grey_exclamation ❕ bangbang ‼️ question ❓ grey_question ❔ interrobang ⁉️ warning ⚠️ no_entry ⛔ no_entry_sign 🚫
octagonal_sign 🛑 stop_sign 🛑 rotating_light 🚨 sos 🆘 new 🆕 ok 🆗 up 🆙 cool 🆒 free 🆓 information_source ℹ️ recycle ♻️ infinity ♾️ copyright ©️ tm ™️
red_circle 🔴 large_orange_circle 🟠 large_yellow_circle 🟡 large_green_circle 🟢 large_blue_circle 🔵 blue_circle 🔵 large_purple_circle 🟣
large_brown_circle 🟤 white_circle ⚪ black_circle ⚫ large_green_square 🟩 large_red_square 🟥 large_yellow_square 🟨 large_orange_square 🟧
large_blue_square 🟦 white_large_square ⬜ black_large_square ⬛ white_medium_square ◻️ small_red_triangle 🔺 small_red_triangle_down 🔻
large_blue_diamond 🔷 large_orange_diamond 🔶 small_blue_diamond 🔹 small_orange_diamond 🔸
arrow_up ⬆️ arrow_down ⬇️ arrow_left ⬅️ arrow_right ➡️ arrow_upper_right ↗️ arrow_lower_right ↘️ arrow_up_down ↕️ left_right_arrow ↔️
arrow_forward ▶️ arrow_backward ◀️ double_vertical_bar ⏸️ black_square_for_stop ⏹️ fast_forward ⏩ rewind ⏪ arrows_counterclockwise 🔄
arrows_clockwise 🔃 repeat 🔁 leftwards_arrow_with_hook ↩️ arrow_right_hook ↪️ twisted_rightwards_arrows 🔀 end 🔚 back 🔙 soon 🔜 top 🔝
one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣ five 5️⃣ six 6️⃣ seven 7️⃣ eight 8️⃣ nine 9️⃣ zero 0️⃣ keycap_ten 🔟 hash #️⃣
speaker 🔈 loudspeaker 📢 mega 📣 mute 🔇 eyeglasses 👓 crown 👑 ring 💍 ballot_box 🗳️ scroll 📜 thread 🧵 yarn 🧶 bricks 🧱 ice_cube 🧊 hole 🕳️ bomb 💣`;

const NAMES = new Map();
{
  const words = TABLE.trim().split(/\s+/);
  for (let i = 0; i + 1 < words.length; i += 2) NAMES.set(words[i], words[i + 1]);
}

const SKIN = ["", "", "🏻", "🏼", "🏽", "🏾", "🏿"]; // skin-tone-2 … skin-tone-6

/** The character of a shortcode ("tada", "+1"), or undefined. `tone` is Slack's 2…6. */
export function emojiFor(name, tone) {
  const found = NAMES.get(name);
  if (!found || !tone) return found;
  return found.replace("\uFE0F", "") + (SKIN[tone] || "");
}

/** Shortcodes that hold the typed letters, those that begin with them first. */
export function searchEmoji(typed, limit) {
  const text = typed.toLowerCase();
  const begins = [];
  const holds = [];
  for (const [name, char] of NAMES) {
    if (name.startsWith(text)) begins.push({ name, char });
    else if (name.includes(text)) holds.push({ name, char });
  }
  return [...begins, ...holds].slice(0, limit);
}

const CODE = /:([a-z0-9_+'-]+):(?::skin-tone-([2-6]):)?/g;

/** Puts characters in place of the shortcodes of a plain text. */
export function emojify(text) {
  return text.replace(CODE, (whole, name, tone) => emojiFor(name, Number(tone)) || whole);
}
