#include "instruments/train/serving.hpp"

namespace signalbox::train {

Result<std::optional<evidence::Ledger>> open_log(const Services& services) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  auto ledger = evidence::Ledger::open_read_only(*database);
  if (ledger) return std::optional<evidence::Ledger>(std::move(*ledger));
  if (ledger.error().kind == ErrorKind::not_found) return std::optional<evidence::Ledger>();
  return fail(std::move(ledger).error());
}

Result<Desk> open_desk_at_head(const Services& services) {
  SIGNALBOX_TRY(const std::optional<evidence::Ledger> ledger, open_log(services));
  return open_desk(services.workspace, ledger ? &*ledger : nullptr, {}, services.clock.now());
}

http::Parameter train_parameter() {
  return {"id", http::Parameter::In::path, "name of the train", true, "string"};
}

http::Parameter query_parameter(std::string name, std::string description) {
  return {std::move(name), http::Parameter::In::query, std::move(description), false, "string"};
}

std::optional<std::string> query_text(const http::Request& request, std::string_view name) {
  const auto found = request.query.find(name);
  if (found == request.query.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

}  // namespace signalbox::train
