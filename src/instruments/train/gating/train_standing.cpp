#include "instruments/train/gating/train_standing.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

constexpr std::size_t kShownDigits = 12;

Check row(const char* name, std::string asked) {
  Check out;
  out.name = name;
  out.verdict = Verdict::pass;
  out.asked = std::move(asked);
  return out;
}

Check refused(Check check, std::string answer, std::string reason, std::string remedy) {
  check.verdict = Verdict::fail;
  check.answer = std::move(answer);
  check.reason = std::move(reason);
  check.remedy = std::move(remedy);
  return check;
}

Check check_of_phase(const TrainStanding& train) {
  Check out = row(kTrainCheck, fmt::format("train {} waits to depart", train.id));
  const bool waits =
      train.phase == Phase::open || train.phase == Phase::locked || train.phase == Phase::rolled_back;
  if (!waits) {
    return refused(std::move(out), fmt::format("it is {}", name_of(train.phase)), "closed",
                   "signalbox train new NAME --depart TIME");
  }
  out.answer = fmt::format("it is {}, and departs {}", name_of(train.phase), to_rfc3339(train.departs));
  return out;
}

Check check_of_manifest(const TrainStanding& train, const std::string& commit) {
  Check out = row(kManifestCheck, "the commit is the one that the train's signed manifest names");
  const std::string lock_it = fmt::format("signalbox train lock {}", train.id);
  if (!train.lock)
    return refused(std::move(out), "its scope is not locked: it has no manifest", "missing", lock_it);
  const Lock& lock = *train.lock;
  const std::string digest = "sha256:" + lock.digest.substr(0, kShownDigits);
  if (lock.head != commit) {
    return refused(std::move(out),
                   fmt::format("{} names {}, and this is {}", digest,
                               printable(lock.head.substr(0, kShownDigits)), commit.substr(0, kShownDigits)),
                   "subject", "signalbox train check " + train.id);
  }
  if (lock.passengers.empty())
    return refused(std::move(out), digest + " names nobody: an empty train does not leave", "empty",
                   "signalbox train show " + train.id);
  out.answer = fmt::format("{}: {}, locked by {}", digest, counted(lock.passengers.size(), "passenger"),
                           printable(lock.by));
  out.evidence = static_cast<std::int64_t>(lock.index);
  return out;
}

}  // namespace

Result<TrainStanding> read_standing(const evidence::Ledger* ledger, const Policy& policy,
                                    const std::string& train, Time now) {
  SIGNALBOX_CHECK(check_train_id(train));
  if (ledger == nullptr) {
    return fail(
        ErrorKind::not_found, fmt::format("there is no train {}", train),
        fmt::format("signalbox train new {} --depart TIME, or leave the train out to judge HEAD", train));
  }
  SIGNALBOX_TRY(const Rulebook book, read_rulebook(ledger, policy, now));
  SIGNALBOX_TRY(Train read, read_train(*ledger, policy.trust, book, train));
  SIGNALBOX_TRY(const TrainEvents events, read_events(*ledger, policy.trust, train));
  TrainStanding out{train, read.phase, read.schedule->departs, read.schedule->base, std::move(read.lock), {}};
  for (const Event& event : events.events) {
    if (event.kind == "schedule" || event.kind == "manifest") out.requesters.insert(event.signer);
  }
  return out;
}

std::vector<Check> checks_of(const TrainStanding& train, const std::string& commit) {
  return {check_of_phase(train), check_of_manifest(train, commit)};
}

}  // namespace signalbox::train
