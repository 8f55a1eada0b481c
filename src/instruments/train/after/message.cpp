#include "instruments/train/after/message.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train::after {
namespace {

// Slack reads <, > and & as the beginnings of links and mentions, and nothing else as a link:
// https://api.slack.com/reference/surfaces/formatting#escaping
std::string slack_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += c;
    }
  }
  return out;
}

Json block(std::string text, Json more) {
  Json out = Json::object({{"type", "TextBlock"}, {"text", std::move(text)}, {"wrap", true}});
  for (const auto& [name, value] : more.members()) out.set(name, value);
  return out;
}

// An adaptive card, whose text blocks read a part of Markdown.
Json teams_document(const Message& message) {
  Json body = Json::array();
  body.push_back(block(markdown_text(message.words.subject), Json::object({{"weight", "Bolder"}})));
  if (!message.words.text.empty()) body.push_back(block(markdown_text(message.words.text), Json::object()));
  Json attachments = Json::array();
  attachments.push_back(Json::object(
      {{"contentType", "application/vnd.microsoft.card.adaptive"},
       {"content", Json::object({{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
                                 {"type", "AdaptiveCard"},
                                 {"version", "1.4"},
                                 {"body", std::move(body)}})}}));
  return Json::object({{"type", "message"}, {"attachments", std::move(attachments)}});
}

std::string plain_text(const Message& message) {
  return message.words.text.empty() ? message.words.subject
                                    : message.words.subject + "\n\n" + message.words.text;
}

}  // namespace

Json webhook_document(WebhookChannel::Form form, const Message& message) {
  switch (form) {
    case WebhookChannel::Form::slack: {
      Json document = Json::object({{"text", slack_text(plain_text(message))}});
      // As plain text: else *, _, ~ and ` would be markup, which nothing escapes.
      document.set("mrkdwn", false);
      return document;
    }
    case WebhookChannel::Form::teams:
      return teams_document(message);
    case WebhookChannel::Form::matrix:
      return Json::object(
          {{"msgtype", "m.notice"}, {"body", plain_text(message)}, {"m.mentions", Json::object()}});
    case WebhookChannel::Form::json:
      break;
  }
  return Json::object({{"id", message.id},
                       {"train", message.train},
                       {"moment", name_of(message.moment)},
                       {"message", message.key},
                       {"time", to_rfc3339(message.time)},
                       {"subject", message.words.subject},
                       {"text", message.words.text}});
}

std::string markdown_text(std::string_view text) {
  constexpr std::string_view kMarkup = "\\`*_[]<>#|~&!";
  std::string out;
  bool is_line_start = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_item = is_line_start && c == '-' && text.substr(i).starts_with("- ");
    const bool begins_list_or_rule = is_line_start && !is_item && (c == '-' || c == '+' || c == '=');
    if (kMarkup.find(c) != std::string_view::npos || begins_list_or_rule) out += '\\';
    out += c;
    is_line_start = c == '\n' || (is_line_start && (c == ' ' || c == '\t'));
  }
  return out;
}

std::optional<std::string> with_message(std::string file, const Message& message) {
  const std::string marker = fmt::format("<!-- signalbox: {} -->", message.id);
  if (file.find(marker) != std::string::npos) return std::nullopt;
  if (!file.empty() && !file.ends_with('\n')) file += '\n';
  if (!file.empty()) file += '\n';
  file += fmt::format("## {}\n\n{}\n", markdown_text(message.words.subject), marker);
  if (!message.words.text.empty()) file += "\n" + markdown_text(message.words.text);
  return file;
}

}  // namespace signalbox::train::after
