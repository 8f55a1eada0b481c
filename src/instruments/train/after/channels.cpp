#include "instruments/train/after/channels.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/events/event.hpp"

namespace signalbox::train::after {
namespace {

using config::Node;

constexpr std::size_t kMaxRecipients = 100;
constexpr std::size_t kMaxWords = 64;
constexpr std::size_t kMaxContactBytes = 200;

Result<std::string> text_or_empty(const Node& node) {
  if (!node.exists()) return std::string();
  return node.text();
}

// Members NAME_env and NAME_file: where a secret lies.
Result<http::SecretSource> parse_secret(const Node& node, const std::string& name) {
  http::SecretSource out;
  SIGNALBOX_TRY(out.env, text_or_empty(node[name + "_env"]));
  SIGNALBOX_TRY(out.file, text_or_empty(node[name + "_file"]));
  if (out.env.empty() || out.file.empty()) return out;
  return node.wrong(fmt::format("one of {0}_env and {0}_file is expected", name));
}

Result<std::string> parse_line(const Node& node) {
  SIGNALBOX_TRY(const std::string text, node.text());
  if (text.empty() || text.size() > kMaxContactBytes || printable(text) != text ||
      text.find('\n') != std::string::npos)
    return node.wrong(fmt::format("one line of at most {} bytes is expected", kMaxContactBytes));
  return text;
}

Result<FileChannel> parse_file(const Node& node) {
  FileChannel out;
  SIGNALBOX_TRY(out.file, node.text());
  const std::vector<std::string_view> parts = split(out.file, '/');
  const bool is_outside = out.file.empty() || out.file.starts_with('/') || out.file.ends_with('/') ||
                          std::find(parts.begin(), parts.end(), "..") != parts.end();
  if (is_outside)
    return node.wrong(fmt::format("`{}` is no file below the workspace", printable(out.file)),
                      "markdown: docs/announcements.md");
  return out;
}

Result<CommandChannel> parse_command(const Node& node) {
  CommandChannel out;
  SIGNALBOX_TRY(out.words, node.texts());
  if (out.words.empty() || out.words.front().empty() || out.words.size() > kMaxWords)
    return node.wrong("a program and its words are expected", "run: [./announce.sh]");
  return out;
}

Result<WebhookChannel::Form> parse_form(const Node& form) {
  if (!form.exists()) return WebhookChannel::Form::json;
  SIGNALBOX_TRY(const std::string name, form.text());
  constexpr std::array<std::string_view, 4> forms = {"json", "slack", "teams", "matrix"};
  const auto* const found = std::find(forms.begin(), forms.end(), name);
  if (found == forms.end())
    return form.wrong(fmt::format("`{}` is neither json, slack, teams nor matrix", printable(name)));
  return static_cast<WebhookChannel::Form>(found - forms.begin());
}

Result<WebhookChannel> parse_webhook(const Node& node) {
  SIGNALBOX_CHECK(node.only(
      {"url", "url_env", "url_file", "token_env", "token_file", "key_env", "key_file", "ca_file", "form"}));
  WebhookChannel out;
  http::Webhook& webhook = out.webhook;
  SIGNALBOX_TRY(webhook.url, text_or_empty(node["url"]));
  SIGNALBOX_TRY(webhook.whole_url, parse_secret(node, "url"));
  SIGNALBOX_TRY(webhook.token, parse_secret(node, "token"));
  SIGNALBOX_TRY(webhook.key, parse_secret(node, "key"));
  SIGNALBOX_TRY(webhook.ca_file, text_or_empty(node["ca_file"]));
  SIGNALBOX_TRY(out.form, parse_form(node["form"]));
  if (webhook.url.empty() != webhook.whole_url.is_named())
    return node.wrong("one of url, url_env and url_file is expected",
                      "url_env names the variable that holds a secret address");
  if (webhook.url.empty()) return out;
  const auto address = http::parse_address(webhook.url);
  if (!address) return node["url"].wrong(address.error().message, address.error().hint);
  return out;
}

Result<std::string> parse_mail_address(const Node& node) {
  SIGNALBOX_TRY(const std::string address, node.text());
  if (http::is_mail_address(address)) return address;
  return node.wrong(fmt::format("`{}` is no mail address", printable(address)),
                    "ada@example.org, without a name and brackets");
}

Result<std::vector<std::string>> parse_recipients(const Node& node) {
  std::vector<std::string> out;
  const std::vector<Node> items = node.is_list() ? node.items() : std::vector<Node>{node};
  for (const Node& one : items) {
    SIGNALBOX_TRY(std::string address, parse_mail_address(one));
    out.push_back(std::move(address));
  }
  if (out.empty() || out.size() > kMaxRecipients)
    return node.wrong(fmt::format("1 to {} addresses are expected", kMaxRecipients));
  return out;
}

Result<http::MailServer> parse_mail_server(const Node& node) {
  http::MailServer out;
  SIGNALBOX_TRY(out.url, node["server"].text());
  SIGNALBOX_TRY(out.user, text_or_empty(node["user"]));
  SIGNALBOX_TRY(out.password, parse_secret(node, "password"));
  SIGNALBOX_TRY(out.ca_file, text_or_empty(node["ca_file"]));
  if (out.user.empty() == out.password.is_named())
    return node.wrong("user goes with password_env or password_file");
  if (const Node tls = node["start_tls"]; tls.exists()) {
    SIGNALBOX_TRY(const std::string name, tls.text());
    if (name != "always" && name != "where-offered")
      return tls.wrong(fmt::format("`{}` is neither always nor where-offered", printable(name)));
    if (name == "where-offered") out.start_tls = http::MailServer::StartTls::where_offered;
  }
  const Status fits = http::check_mail_server(out);
  if (!fits) return node["server"].wrong(fits.error().message, fits.error().hint);
  return out;
}

Result<MailChannel> parse_mail(const Node& node) {
  SIGNALBOX_CHECK(
      node.only({"server", "from", "to", "user", "password_env", "password_file", "ca_file", "start_tls"}));
  MailChannel out;
  SIGNALBOX_TRY(out.server, parse_mail_server(node));
  SIGNALBOX_TRY(out.from, parse_mail_address(node["from"]));
  SIGNALBOX_TRY(out.to, parse_recipients(node["to"]));
  return out;
}

Result<ChannelKind> parse_kind(const Node& node) {
  const std::array<Node, 5> kinds = {node["markdown"], node["run"], node["webhook"], node["mail"],
                                     node["atom"]};
  if (std::count_if(kinds.begin(), kinds.end(), [](const Node& kind) { return kind.exists(); }) != 1)
    return node.wrong("a channel is one of markdown, run, webhook, mail and atom");
  if (kinds[0].exists()) return parse_file(kinds[0]);
  if (kinds[1].exists()) return parse_command(kinds[1]);
  if (kinds[2].exists()) return parse_webhook(kinds[2]);
  if (kinds[3].exists()) return parse_mail(kinds[3]);
  SIGNALBOX_TRY(const std::string title, parse_line(kinds[4]));
  return FeedChannel{title};
}

Result<std::vector<Moment>> parse_moments(const Node& node) {
  if (!node.exists()) return std::vector<Moment>(kMoments.begin(), kMoments.end());
  SIGNALBOX_TRY(const std::vector<std::string> names, node.texts());
  std::vector<Moment> out;
  for (const std::string& name : names) {
    const auto moment = moment_from(name);
    if (!moment) return node.wrong(moment.error().message, moment.error().hint);
    out.push_back(*moment);
  }
  if (out.empty()) return node.wrong("a channel that is told of nothing");
  return out;
}

Result<Channel::Unsure> parse_unsure(const Node& node, const ChannelKind& kind) {
  const auto* const webhook = std::get_if<WebhookChannel>(&kind);
  const bool drops_repeats = std::holds_alternative<FileChannel>(kind) ||
                             std::holds_alternative<FeedChannel>(kind) ||
                             (webhook != nullptr && webhook->form == WebhookChannel::Form::matrix);
  if (!node.exists()) return drops_repeats ? Channel::Unsure::tell_again : Channel::Unsure::ask_person;
  SIGNALBOX_TRY(const std::string name, node.text());
  if (name == "ask") return Channel::Unsure::ask_person;
  if (name == "tell-again") return Channel::Unsure::tell_again;
  return node.wrong(fmt::format("`{}` is neither ask nor tell-again", printable(name)));
}

Result<Channel> parse_channel(const Node& node) {
  SIGNALBOX_CHECK(
      node.only({"name", "markdown", "run", "webhook", "mail", "atom", "moments", "timeout", "unsure"}));
  Channel out;
  SIGNALBOX_TRY(out.name, node["name"].text());
  if (!check_train_id(out.name))
    return node["name"].wrong(fmt::format("`{}` is no name of a channel", printable(out.name)),
                              "1 to 64 of a-z 0-9 . _ -");
  SIGNALBOX_TRY(out.kind, parse_kind(node));
  SIGNALBOX_TRY(out.moments, parse_moments(node["moments"]));
  SIGNALBOX_TRY(out.unsure, parse_unsure(node["unsure"], out.kind));
  if (!node["timeout"].exists()) return out;
  SIGNALBOX_TRY(out.timeout, node["timeout"].duration());
  if (out.timeout > kMaxChannelTimeout)
    return node["timeout"].wrong(fmt::format("at most {} are waited", to_text(kMaxChannelTimeout)));
  return out;
}

Status check_list(const Node& node, std::size_t max, std::string hint) {
  if (!node.exists()) return {};
  if (!node.is_list()) return node.wrong("a list is expected here", std::move(hint));
  if (node.items().size() > max) return node.wrong(fmt::format("more than {} of them", max));
  return {};
}

}  // namespace

bool Channel::is_told_of(Moment moment) const {
  return std::find(moments.begin(), moments.end(), moment) != moments.end();
}

std::string_view kind_of(const Channel& channel) {
  constexpr std::array<std::string_view, 5> names = {"markdown", "run", "webhook", "mail", "atom"};
  return names[channel.kind.index()];
}

Result<Announcing> parse_announcing(const Node& train) {
  Announcing out;
  if (const Node node = train["announcements"]; node.exists()) {
    SIGNALBOX_CHECK(node.only({"before", "templates"}));
    if (node["before"].exists()) {
      SIGNALBOX_TRY(out.before, node["before"].duration());
    }
    SIGNALBOX_TRY(out.wording, Wording::parse(node["templates"]));
  }
  const Node list = train["channels"];
  SIGNALBOX_CHECK(check_list(list, kMaxChannels, "- {name: chat, webhook: {url_env: CHAT_URL}}"));
  std::set<std::string> names;
  for (const Node& node : list.items()) {
    SIGNALBOX_TRY(Channel channel, parse_channel(node));
    if (!names.insert(channel.name).second)
      return node["name"].wrong(fmt::format("a second channel of the name {}", channel.name));
    out.channels.push_back(std::move(channel));
  }
  return out;
}

Result<std::vector<Contact>> parse_contacts(const Node& contacts) {
  SIGNALBOX_CHECK(check_list(contacts, kMaxContacts, "- {role: on-call, name: ada, reach: \"+49 30 1234\"}"));
  std::vector<Contact> out;
  for (const Node& node : contacts.items()) {
    SIGNALBOX_CHECK(node.only({"role", "name", "reach"}));
    Contact contact;
    SIGNALBOX_TRY(contact.role, parse_line(node["role"]));
    SIGNALBOX_TRY(contact.name, parse_line(node["name"]));
    SIGNALBOX_TRY(contact.reach, parse_line(node["reach"]));
    out.push_back(std::move(contact));
  }
  return out;
}

std::string feed_title(const Announcing& announcing) {
  for (const Channel& channel : announcing.channels) {
    if (const auto* feed = std::get_if<FeedChannel>(&channel.kind)) return feed->title;
  }
  return {};
}

}  // namespace signalbox::train::after
