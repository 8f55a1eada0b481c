#include "instruments/queries/recorded_statement.hpp"

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/remote/remote_log.hpp"

namespace signalbox::queries {

void add_server(evidence::Statement& statement, const std::string& name,
                const std::string& system_identifier) {
  if (!system_identifier.empty())
    statement.subjects.push_back({name, {{"sha256", to_hex(sha256(system_identifier))}}});
}

Status record_statement(evidence::Statement statement, cli::Context& context, Report& report) {
  SIGNALBOX_TRY(evidence::EvidenceBook book,
                remote::open_book(context.workspace, context.clock, context.store));
  SIGNALBOX_TRY(const evidence::Receipt receipt, book.record(std::move(statement)));
  if (book.created_key()) {
    context.say(
        fmt::format("made this machine's key {}: until trust names keys, its evidence is self-trusted",
                    book.own_key().name));
  }
  report.facts.push_back(
      {"recorded", fmt::format("log #{}, signed by {}", receipt.index, book.own_key().name), ""});
  report.data.set("recorded", receipt.index);
  return {};
}

}  // namespace signalbox::queries
