#include "instruments/train/after/office.hpp"

#include <fmt/core.h>

#include "instruments/train/plan_reader.hpp"
#include "instruments/train/ramp/station.hpp"

namespace signalbox::train::after {
namespace {

constexpr int kMaxAttempts = 8;

Result<std::optional<evidence::EvidenceBook>> open_book(cli::Context& context, Access access) {
  auto book = access == Access::read
                  ? evidence::EvidenceBook::open_existing(context.workspace, context.clock, context.store)
                  : evidence::EvidenceBook::open(context.workspace, context.clock, context.store);
  if (book) return std::optional<evidence::EvidenceBook>(std::move(*book));
  const bool is_empty = access == Access::read && book.error().kind == ErrorKind::not_found;
  if (is_empty) return std::optional<evidence::EvidenceBook>();
  return fail(std::move(book).error());
}

}  // namespace

Result<Policy> policy_at_head(const git::Repository& repository, const Workspace& workspace) {
  PolicyQuery query;
  SIGNALBOX_TRY(query.candidate, repository.resolve("HEAD"));
  query.shallow = HistoryQuery::Shallow::allow;
  return read_policy(repository, workspace, query);
}

Result<Office> open_office(cli::Context& context, Access access) {
  SIGNALBOX_TRY(git::Repository repository, open_repository(context.workspace));
  SIGNALBOX_TRY(auto book, open_book(context, access));
  SIGNALBOX_TRY(Policy policy, policy_at_head(repository, context.workspace));
  return Office{std::move(book), std::move(repository), std::move(policy)};
}

Result<TrainEvents> events_of(Office& office, const std::string& train) {
  SIGNALBOX_CHECK(check_train_id(train));
  TrainEvents events;
  if (office.book) {
    SIGNALBOX_TRY(events, read_events(office.book->ledger(), office.policy.trust, train));
  }
  if (events.last_index >= 0) return events;
  return fail(ErrorKind::not_found, fmt::format("there is no train {}", train), "signalbox train list");
}

Result<evidence::Receipt> append_to(Office& office, const std::string& train, const MakeEvent& make) {
  for (int attempt = 1;; ++attempt) {
    SIGNALBOX_TRY(const TrainEvents events, events_of(office, train));
    SIGNALBOX_TRY(NewEvent event, make(events, fold_aftermath(events)));
    event.train = train;
    if (!event.key) SIGNALBOX_CHECK(ramp::check_own_key(office.book->own_key(), office.policy.trust));
    auto receipt = append_event(*office.book, event, events.last_index);
    if (receipt || receipt.error().kind != ErrorKind::conflict || attempt == kMaxAttempts) return receipt;
  }
}

cli::Option key_option() {
  return {.name = "--key", .value = "NAME", .help = "sign with this key; by default this machine's"};
}

}  // namespace signalbox::train::after
