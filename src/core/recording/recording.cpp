#include "core/recording/recording.hpp"

#include <fmt/format.h>

#include "core/remote/remote_log.hpp"

namespace signalbox::recording {

void tell_of_new_key(const evidence::EvidenceBook& book, const cli::Context& context) {
  if (!book.created_key() || !context.say) return;
  context.say(fmt::format("made this machine's key {}: until trust names keys, its evidence is self-trusted",
                          book.own_key().name));
}

Status record_statement(evidence::Statement statement, const cli::Context& context, Report& report) {
  SIGNALBOX_TRY(evidence::EvidenceBook book,
                remote::open_book(context.workspace, context.clock, context.store));
  SIGNALBOX_TRY(const evidence::Receipt receipt, book.record(std::move(statement)));
  tell_of_new_key(book, context);
  report.facts.push_back(
      {"recorded", fmt::format("log #{}, signed by {}", receipt.index, book.own_key().name), ""});
  report.data.set("recorded", receipt.index);
  return {};
}

}  // namespace signalbox::recording
