#include "instruments/train/after/teller.hpp"

#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"

namespace signalbox::train::after {
namespace {

constexpr std::size_t kMaxChannelFileBytes = std::size_t{8} << 20;

Outcome failed(const Error& error, bool may_have_arrived = false) {
  return {error.message.empty() ? "it failed" : printable(error.message), may_have_arrived};
}

std::string placed(const TellerParts& parts, const std::string& file) {
  return file.empty() ? file : (parts.workspace / file).string();
}

// A program that has ended has said how. One that was stopped, by its time limit or by a signal, may have
// told it; one that could not be started has not.
Outcome run(const TellerParts& parts, const CommandChannel& channel, Duration timeout,
            const Message& message) {
  constexpr int kFirstSignal = 128;
  ProcessOptions options;
  options.deadline = timeout;
  options.input = message.words.subject + "\n\n" + message.words.text;
  options.environment = {{"SIGNALBOX_TRAIN", message.train},
                         {"SIGNALBOX_MOMENT", std::string(name_of(message.moment))},
                         {"SIGNALBOX_MESSAGE", message.key},
                         {"SIGNALBOX_MESSAGE_ID", message.id},
                         {"SIGNALBOX_SUBJECT", message.words.subject}};
  const auto began = std::chrono::steady_clock::now();
  const auto result = parts.run(channel.words, std::move(options));
  const bool ran_out = std::chrono::steady_clock::now() - began >= timeout;
  if (!result) return failed(result.error(), result.error().kind == ErrorKind::bad_input || ran_out);
  if (result->exit_code == 0) return {};
  return {fmt::format("it ended with exit code {}: {}", result->exit_code,
                      ramp::last_words(result->errors.empty() ? result->output : result->errors)),
          result->exit_code > kFirstSignal};
}

http::Webhook placed(const TellerParts& parts, http::Webhook webhook) {
  for (std::string* file :
       {&webhook.whole_url.file, &webhook.token.file, &webhook.key.file, &webhook.ca_file})
    *file = placed(parts, *file);
  return webhook;
}

Outcome post(const TellerParts& parts, const WebhookChannel& channel, Duration timeout,
             const Message& message) {
  http::WebhookCall call;
  call.id = message.id;
  call.time = message.time;
  call.body = webhook_document(channel.form, message);
  call.deadline = timeout;
  if (channel.form == WebhookChannel::Form::matrix) {
    // PUT /_matrix/client/v3/rooms/{room}/send/m.room.message/{transaction}: the same transaction is one
    // event.
    call.method = http::WebhookCall::Method::put;
    call.below = "/" + message.id;
  }
  http::Reached reached = http::Reached::nobody;
  const auto response = http::call_webhook(placed(parts, channel.webhook), call, reached);
  if (!response) return failed(response.error(), reached == http::Reached::somebody);
  if (response->status >= 200 && response->status < 300) return {};
  // A server at fault may have done a part of its work; one that refuses has done nothing.
  const bool is_refused = response->status < 500 || response->status == 503;
  const std::string said = ramp::last_words(response->body);
  return {fmt::format("it answered {}{}{}", response->status, said.empty() ? "" : ": ", said), !is_refused};
}

Outcome mail(const TellerParts& parts, const MailChannel& channel, Duration timeout, const Message& message) {
  http::Mail out;
  out.from = channel.from;
  out.to = channel.to;
  out.subject = message.words.subject;
  out.text = message.words.text;
  out.date = message.time;
  out.message_id = message.id + channel.from.substr(channel.from.find('@'));
  http::MailServer server = channel.server;
  server.password.file = placed(parts, server.password.file);
  server.ca_file = placed(parts, server.ca_file);
  http::Reached reached = http::Reached::nobody;
  const Status sent = http::send_mail(server, out, timeout, reached);
  return sent ? Outcome() : failed(sent.error(), reached == http::Reached::somebody);
}

Outcome write(const TellerParts& parts, const FileChannel& channel, const Message& message) {
  const std::filesystem::path path = parts.workspace / channel.file;
  std::string before;
  auto octets = read_file(path, kMaxChannelFileBytes);
  if (octets) {
    before = std::move(*octets);
  } else if (octets.error().kind != ErrorKind::not_found) {
    return failed(octets.error());
  }
  const std::optional<std::string> after = with_message(std::move(before), message);
  if (!after) return {};
  const Status written = write_file_atomically(path, *after);
  return written ? Outcome() : failed(written.error());
}

}  // namespace

Outcome tell(const TellerParts& parts, const Channel& channel, const Message& message) {
  if (const auto* command = std::get_if<CommandChannel>(&channel.kind))
    return run(parts, *command, channel.timeout, message);
  if (const Status allowed = parts.is_allowed(); !allowed) return failed(allowed.error());
  if (const auto* webhook = std::get_if<WebhookChannel>(&channel.kind))
    return post(parts, *webhook, channel.timeout, message);
  if (const auto* mailed = std::get_if<MailChannel>(&channel.kind))
    return mail(parts, *mailed, channel.timeout, message);
  if (const auto* file = std::get_if<FileChannel>(&channel.kind)) return write(parts, *file, message);
  return {};  // a feed has what the log has
}

}  // namespace signalbox::train::after
