#include "core/gates/condition_input.hpp"

#include <algorithm>
#include <chrono>

namespace signalbox::gates {
namespace {

Json shown_subjects(const evidence::Statement& statement) {
  Json out = Json::array();
  for (const evidence::Subject& one : statement.subjects) {
    Json digest = Json::object();
    for (const auto& [algorithm, hex] : one.digest) digest.set(algorithm, hex);
    out.push_back(Json::object({{"name", one.name}, {"digest", std::move(digest)}}));
  }
  return out;
}

Json shown_signers(const std::vector<evidence::Signer>& signers,
                   const std::optional<std::string>& asked_role) {
  Json out = Json::array();
  for (const evidence::Signer& signer : signers) {
    Json roles = Json::array();
    for (const std::string& role : signer.roles) roles.push_back(role);
    const std::string first = signer.roles.empty() ? std::string() : signer.roles.front();
    out.push_back(Json::object(
        {{"name", signer.key.name}, {"role", asked_role.value_or(first)}, {"roles", std::move(roles)}}));
  }
  return out;
}

}  // namespace

Json age_in_seconds(Time logged, Time now) {
  const Duration age = now - logged;
  if (age < -kClockTolerance) return {};
  return std::chrono::duration_cast<std::chrono::seconds>(std::max(age, Duration(0))).count();
}

std::vector<evidence::Signer> counting(const std::vector<evidence::Signer>& signers) {
  std::vector<evidence::Signer> out;
  std::copy_if(signers.begin(), signers.end(), std::back_inserter(out),
               [](const evidence::Signer& signer) { return signer.valid; });
  return out;
}

Json condition_input(const evidence::Statement& statement, const std::vector<evidence::Signer>& signers,
                     const std::optional<Vouched>& vouched, Time now,
                     const std::optional<std::string>& asked_role) {
  const Json subjects = shown_subjects(statement);
  Json index, age, log;
  if (vouched) {
    index = vouched->index;
    age = age_in_seconds(vouched->logged, now);
    log = Json::object({{"size", vouched->log_size}, {"witnesses", vouched->witnesses}});
  }
  return Json::object(
      {{"predicate", statement.predicate},
       {"subject", subjects},
       {"statement", Json::object({{"_type", evidence::kStatementType},
                                   {"subject", subjects},
                                   {"predicateType", statement.predicate_type},
                                   {"predicate", statement.predicate}})},
       {"signers", shown_signers(signers, asked_role)},
       {"index", std::move(index)},
       {"age_s", std::move(age)},
       {"log", std::move(log)},
       {"now", std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count()},
       {"train", Json::object()},
       {"args", Json::object()}});
}

}  // namespace signalbox::gates
