// A message as each kind of channel gets it. Pure.
#pragma once

#include <optional>
#include <string>

#include "core/base/clock.hpp"
#include "instruments/train/after/channels.hpp"

namespace signalbox::train::after {

// One thing to tell in one channel.
struct Message {
  Moment moment = Moment::planning;
  std::string key;  // "planning.0": what it tells of, the same in all channels
  std::string id;   // of it in this channel, of this log, the same on every try: [a-z0-9._-]
  std::string train;
  Words words;  // plain text
  Time time;
};

// What a webhook of that form gets. Text of others is text in each of them: no markup, no mention, no link of
// theirs works.
Json webhook_document(WebhookChannel::Form form, const Message& message);

// The text in CommonMark: every character that could be markup is escaped, but "- " before an item.
std::string markdown_text(std::string_view text);

// The file with the message at its end; nothing where the file has it already.
std::optional<std::string> with_message(std::string file, const Message& message);

}  // namespace signalbox::train::after
