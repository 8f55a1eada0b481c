#include "instruments/train/gating/freshness.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

bool is_good(const Check& check) {
  return check.reason.empty() && check.verdict == Verdict::pass;
}

std::string request_again(const Decision& decision, const UsedException& used) {
  const std::string scope = used.check == "freeze" ? "--freeze NAME" : "--gate " + shell_word(used.check);
  return fmt::format("signalbox train exception request{} {} --reason TEXT --key KEY",
                     decision.candidate.train ? " " + *decision.candidate.train : "", scope);
}

}  // namespace

std::vector<Expiry> freshness_race(const Decision& decision, Time departure) {
  std::vector<Expiry> out;
  for (const Judged& judged : decision.gates) {
    const Check& check = judged.result.check;
    if (!judged.gate.max_age || !check.age_s || !is_good(check)) continue;
    const Time expires = decision.time - std::chrono::seconds(*check.age_s) + *judged.gate.max_age;
    const Time renew_from = std::max(decision.time, departure - *judged.gate.max_age);
    out.push_back({judged.gate.name, expires, expires < departure, renew_from,
                   decision.remedy_of(judged.gate), judged.gate.owner});
  }
  for (const UsedException& used : decision.exceptions) {
    const Time renew_from = std::max(decision.time, departure - gates::kLongestException);
    out.push_back({used.check, used.expires, used.expires <= departure, renew_from,
                   request_again(decision, used), used.requester});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Expiry& a, const Expiry& b) { return a.expires < b.expires; });
  return out;
}

}  // namespace signalbox::train
