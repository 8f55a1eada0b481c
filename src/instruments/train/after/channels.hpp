// Where a train is announced, and who answers for what on its day: `channels`, `announcements` and `contacts`
// of section `train`. Part of the policy, so that no candidate chooses who is told, or what.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/clock.hpp"
#include "core/config/config.hpp"
#include "core/http/smtp.hpp"
#include "core/http/webhook.hpp"
#include "instruments/train/after/wording.hpp"

namespace signalbox::train::after {

inline constexpr std::size_t kMaxChannels = 50;
inline constexpr std::size_t kMaxContacts = 200;
inline constexpr Duration kMaxChannelTimeout = std::chrono::minutes(5);

// A Markdown file in the workspace, to the end of which the message is added.
struct FileChannel {
  std::string file;  // below the workspace
};

// A program that gets the message on its standard input, run without a shell.
struct CommandChannel {
  std::vector<std::string> words;
};

// JSON over HTTP. The form is that of the receiver: text for Slack, an adaptive card for Teams, an event for
// Matrix, and all that there is to tell.
struct WebhookChannel {
  enum class Form { json, slack, teams, matrix } form = Form::json;
  http::Webhook webhook;
};

struct MailChannel {
  http::MailServer server;
  std::string from;
  std::vector<std::string> to;
};

// The Atom feed that `signalbox serve` has and `train announce --feed` prints: to be told is to be in the
// log.
struct FeedChannel {
  std::string title;
};

using ChannelKind = std::variant<FileChannel, CommandChannel, WebhookChannel, MailChannel, FeedChannel>;

struct Channel {
  std::string name;  // [a-z0-9][a-z0-9._-]{0,63}
  ChannelKind kind;
  std::vector<Moment> moments;  // that it is told of
  Duration timeout = std::chrono::seconds(30);
  // What is done about a message of which nobody knows whether it arrived. Where the receiver itself drops
  // what it has already (a file, a feed, Matrix), it is told again without asking.
  enum class Unsure { ask_person, tell_again } unsure = Unsure::ask_person;

  bool is_told_of(Moment moment) const;
};
std::string_view kind_of(const Channel& channel);  // "webhook"

struct Contact {
  std::string role;   // "on-call"
  std::string name;   // "ada"
  std::string reach;  // "+49 30 1234", "#shop-oncall"
};

struct Announcing {
  std::vector<Channel> channels;
  Duration before = std::chrono::hours(1);  // the departure: when pre-cutover is told
  Wording wording = Wording::built_in();
};

// bad_input with file:line:column.
Result<Announcing> parse_announcing(const config::Node& train);
Result<std::vector<Contact>> parse_contacts(const config::Node& contacts);

// Of the first channel that is a feed; empty where there is none.
std::string feed_title(const Announcing& announcing);

}  // namespace signalbox::train::after
