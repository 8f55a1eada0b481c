#include "instruments/train/serving.hpp"

#include "core/evidence/sequencer.hpp"

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

Result<std::uint64_t> append_signed(const Services& services, const NewEvent& event,
                                    std::int64_t expected_last, const std::string& command) {
  if (!services.sequencer || !services.signing_key)
    return fail(ErrorKind::denied, "this server signs nothing: its keys are locked, or not here", command);
  SIGNALBOX_TRY(std::string envelope, sign_event(event, *services.signing_key, expected_last));
  const evidence::Expectation expected{train_subject(event.train), expected_last};
  SIGNALBOX_TRY(const std::vector<evidence::Receipt> receipts,
                services.sequencer->append({std::move(envelope)}, expected));
  if (receipts.size() != 1) return fail(ErrorKind::internal, "one event was appended without one receipt");
  return receipts.front().index;
}

http::Parameter train_parameter() {
  return {"id", http::Parameter::In::path, "name of the train", true, "string"};
}

}  // namespace signalbox::train
