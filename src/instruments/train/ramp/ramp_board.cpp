#include "instruments/train/ramp/ramp_board.hpp"

#include <fmt/core.h>

#include "instruments/train/policy.hpp"
#include "instruments/train/serving.hpp"

namespace signalbox::train::ramp {
namespace {

constexpr std::size_t kMaxKept = 64;  // rides, of a train each
// Whom the policy trusts may change without an entry of the log.
constexpr std::chrono::seconds kReadAgainAfter{30};

Result<evidence::Trust> trust_at_head(const Services& services) {
  SIGNALBOX_TRY(const git::Repository repository, open_repository(services.workspace));
  PolicyQuery query;
  SIGNALBOX_TRY(query.candidate, repository.resolve("HEAD"));
  query.shallow = HistoryQuery::Shallow::allow;
  SIGNALBOX_TRY(Policy policy, read_policy(repository, services.workspace, query));
  return std::move(policy.trust);
}

}  // namespace

Result<std::shared_ptr<const Ride>> RampBoard::now(const std::string& train) {
  SIGNALBOX_TRY(const std::optional<evidence::Ledger> ledger, open_log(*services_));
  const std::uint64_t size = ledger ? ledger->size() : 0;
  const auto moment = std::chrono::steady_clock::now();
  {
    const std::lock_guard lock(mutex_);
    const auto found = seen_.find(train);
    if (found != seen_.end() && found->second.log_size == size &&
        moment - found->second.read_at < kReadAgainAfter)
      return found->second.ride;
  }
  SIGNALBOX_TRY(std::shared_ptr<const Ride> ride, read(train));
  const std::lock_guard lock(mutex_);
  if (seen_.size() >= kMaxKept) seen_.clear();
  seen_[train] = {size, moment, ride};
  return ride;
}

Result<std::shared_ptr<const Ride>> RampBoard::read(const std::string& train) const {
  SIGNALBOX_CHECK(check_train_id(train));
  SIGNALBOX_TRY(const std::optional<evidence::Ledger> ledger, open_log(*services_));
  auto ride = std::make_shared<Ride>();
  if (ledger) {
    SIGNALBOX_TRY(ride->trust, trust_at_head(*services_));
    SIGNALBOX_TRY(ride->events, read_events(*ledger, ride->trust, train));
  }
  if (ride->events.last_index < 0) {
    return fail(ErrorKind::not_found, fmt::format("there is no train {}", train),
                fmt::format("signalbox train new {} --depart TIME makes it", train));
  }
  ride->ramp = fold(ride->events);
  return std::shared_ptr<const Ride>(std::move(ride));
}

}  // namespace signalbox::train::ramp
