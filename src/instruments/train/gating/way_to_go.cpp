#include "instruments/train/gating/way_to_go.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/gates/freeze_table.hpp"
#include "instruments/train/gating/hitting_set.hpp"
#include "instruments/train/gating/veto.hpp"

namespace signalbox::train {
namespace {

using gates::GateKind;

constexpr std::chrono::days kHorizon{366};
constexpr int kMaxLooks = 10'000;  // at openings and ends of freezes within the horizon

// Rows that speak of the decision itself, not of a gate.
constexpr const char* kReadiness = "readiness";
constexpr const char* kChangelogCheck = "changelog";
constexpr const char* kFreezeCheck = "freeze";

bool has(const std::vector<std::string>& list, std::string_view one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

const Judged* judged_of(const Decision& decision, const std::string& name) {
  const auto found = std::find_if(decision.gates.begin(), decision.gates.end(),
                                  [&](const Judged& one) { return one.gate.name == name; });
  return found == decision.gates.end() ? nullptr : &*found;
}

// Is what it asks for said of the commit, so that another commit wants it again?
bool is_about_commit(const gates::Gate& gate) {
  switch (gate.kind) {
    case GateKind::evidence:
    case GateKind::slo:
      return gate.subject == "@commit";
    case GateKind::artifact:
      return !gate.type.empty();
    case GateKind::ci:
    case GateKind::approval:
      return true;
    case GateKind::command:
    case GateKind::time:
    case GateKind::score:
      return false;
  }
  return false;
}

// Commands that look for what is wrong. Nothing turns green by them.
bool only_looks(const Check& check) {
  return check.remedy.empty() || check.remedy == "signalbox evidence log audit" ||
         check.remedy == "git fsck" || check.remedy == "signalbox train lint";
}

// A key that would sign now: nobody revoked it, it is valid, and may approve at all.
bool is_good(const evidence::TrustedKey& key, Time now) {
  return !(key.revoked_at && (key.retroactive || now >= *key.revoked_at)) &&
         !(key.not_before && now < *key.not_before) && !(key.not_after && now >= *key.not_after);
}

// Gathers conditions and actions, has them solved, and tells the answer.
class Way {
 public:
  explicit Way(const Decision& decision) : decision_(decision) {}

  WayToGo find() {
    const Check* const changelog = red_row(kChangelogCheck);
    new_commit_ = changelog != nullptr;
    if (changelog != nullptr)
      want_one(kChangelogCheck, {action(Action::Kind::changes_commit, changelog->remedy)});
    for (const Judged& judged : decision_.gates) want_gate(judged);
    want_lock_again();
    want_time();
    want_others();
    want_score();
    return solved();
  }

 private:
  const Check* red_row(std::string_view name) const {
    for (const Check& check : decision_.checks) {
      if (check.name == name && check.verdict == Verdict::fail) return &check;
    }
    return nullptr;
  }

  std::size_t action(Action::Kind kind, const std::string& command, const std::string& who = {}) {
    const auto [at, is_new] = numbers_.emplace(command, actions_.size());
    if (is_new) {
      actions_.push_back({kind, command, who, {}, 0});
      problem_.gains.push_back(0);
    }
    Action& known = actions_[at->second];
    if (known.who.empty()) known.who = who;
    return at->second;
  }

  void want(const std::string& row, std::vector<std::size_t> options, std::size_t count) {
    if (options.size() < count) {
      out_.hopeless.push_back(row);
      return;
    }
    problem_.conditions.push_back({std::move(options), count});
    rows_.push_back(row);
  }
  void want_one(const std::string& row, std::vector<std::size_t> options) {
    want(row, std::move(options), 1);
  }

  std::string remedy_for(const Judged& judged) const {
    return judged.result.check.remedy.empty() ? decision_.remedy_of(judged.gate) : judged.result.check.remedy;
  }

  // A gate that is red, or will be once the commit is another one.
  void want_gate(const Judged& judged) {
    const bool blocks = red_row(judged.gate.name) != nullptr;
    const bool lapses =
        new_commit_ && judged.gate.blocker && is_row(judged.gate.name) && is_about_commit(judged.gate);
    if (!blocks && !lapses) return;
    if (judged.gate.kind == GateKind::time) return;  // all hours at once, in want_time
    if (judged.gate.kind == GateKind::approval) return want_people(judged, lapses);
    if (judged.gate.kind == GateKind::score) return want_items(judged);
    if (!lapses && only_looks(judged.result.check)) {
      out_.hopeless.push_back(judged.gate.name);
      return;
    }
    want_one(judged.gate.name, {action(Action::Kind::records, remedy_for(judged), judged.gate.owner)});
  }

  bool is_row(const std::string& name) const {
    return std::any_of(decision_.checks.begin(), decision_.checks.end(),
                       [&](const Check& check) { return check.name == name; });
  }

  // As commands name it, with the space before it; empty without a train.
  std::string train_word() const {
    const auto& train = decision_.candidate.train;
    return train ? " " + shell_word(*train) : std::string();
  }

  std::string approve_command(const std::string& key) const {
    return fmt::format("signalbox train approve{} --key {}", train_word(), shell_word(key));
  }

  // People who stand for a role already, and those whose word would count if they gave it.
  struct Standing {
    std::set<std::string> there;     // keys
    std::vector<std::size_t> fresh;  // actions
  };

  Standing standing_for(const gates::ApprovalQuestion& question, const std::string& role, bool all_again) {
    Standing out;
    const gates::ApprovalRule alone{{role}, gates::kMaxApprovers, question.rule.not_by};
    const gates::ApprovalQuestion asked{alone,         question.policy,  question.involved,
                                        question.gate, question.max_age, question.now};
    if (!all_again) {
      for (const gates::Approver& one : gates::judge_approvals(asked, decision_.approvals.votes).approvers)
        out.there.insert(one.key);
    }
    std::set<std::string> known;  // names of those who are there, or on the list already
    for (const std::string& key : out.there) known.merge(question.policy.known_as(key));
    for (const evidence::TrustedKey& key : decision_.policy.trust.keys) {
      gates::Vote vote;
      vote.key = key.key;
      vote.key_roles = key.roles;
      vote.role = role;
      vote.time = decision_.time;
      if (!is_good(key, decision_.time) || out.there.count(key.key.name) > 0) continue;
      if (!gates::objection_to(question, vote).empty()) continue;
      std::set<std::string> names = question.policy.known_as(key.key.name);
      const bool is_known =
          std::any_of(names.begin(), names.end(), [&](const auto& name) { return known.count(name) > 0; });
      if (is_known) continue;
      known.merge(names);
      out.fresh.push_back(action(Action::Kind::asks_people, approve_command(key.key.name), key.key.name));
    }
    return out;
  }

  // A person stands for one role. By Hall's theorem people suffice where for each choice of roles there are
  // as many who may stand for one of them as these roles have seats.
  void want_people(const Judged& judged, bool all_again) {
    constexpr std::size_t kMaxRoles = 6;  // of which every choice is looked at
    const gates::ApprovalQuestion question = decision_.question_of(judged.gate);
    const std::vector<std::string>& roles = question.rule.roles;
    std::vector<Standing> standing;
    for (const std::string& role : roles) standing.push_back(standing_for(question, role, all_again));
    if (roles.size() > kMaxRoles) out_.is_smallest = false;
    const std::size_t choices = std::size_t{1} << std::min(roles.size(), kMaxRoles);
    for (std::size_t choice = 1; choice < choices; ++choice) {
      Standing all;
      std::size_t seats = 0;
      std::vector<std::string> names;
      for (std::size_t i = 0; i < roles.size(); ++i) {
        const bool chosen = i < kMaxRoles ? (choice >> i & 1U) != 0 : choice + 1 == choices;
        if (!chosen) continue;
        seats += static_cast<std::size_t>(question.rule.count);
        names.push_back(roles[i]);
        all.there.insert(standing[i].there.begin(), standing[i].there.end());
        for (const std::size_t one : standing[i].fresh) {
          if (std::find(all.fresh.begin(), all.fresh.end(), one) == all.fresh.end()) all.fresh.push_back(one);
        }
      }
      if (all.there.size() >= seats) continue;
      const std::size_t lacking = seats - all.there.size();
      const bool hopeless = all.fresh.size() < lacking;
      want(hopeless ? fmt::format("{} (too few may approve for {})", judged.gate.name, join(names, ", "))
                    : judged.gate.name,
           std::move(all.fresh), lacking);
    }
  }

  // A gate on part of the score: its items that lack most, as many as it takes.
  void want_items(const Judged& judged) {
    const auto& rule = std::get<gates::ScoreRule>(judged.gate.rule);
    std::vector<const ScoreItem*> lacking;
    double total = 0, reached = 0;
    for (const ScoreItem& item : decision_.score.items) {
      if (!rule.items.empty() && !has(rule.items, item.name)) continue;
      total += item.weight;
      reached += item.weight * item.value;
      if (item.value < 1) lacking.push_back(&item);
    }
    std::stable_sort(lacking.begin(), lacking.end(), [](const ScoreItem* a, const ScoreItem* b) {
      return a->weight * (1 - a->value) > b->weight * (1 - b->value);
    });
    for (const ScoreItem* item : lacking) {
      if (100 * reached >= rule.at_least * total) break;
      reached += item->weight * (1 - item->value);
      if (!item->remedy.empty()) want_one(judged.gate.name, {action(Action::Kind::records, item->remedy)});
    }
  }

  // Freezes and hours: one wait, until all of them are over.
  void want_time() {
    std::vector<std::string> waiting;
    if (red_row(kFreezeCheck) != nullptr) waiting.emplace_back(kFreezeCheck);
    for (const Judged& judged : decision_.gates) {
      if (judged.gate.kind == GateKind::time && red_row(judged.gate.name) != nullptr)
        waiting.push_back(judged.gate.name);
    }
    if (waiting.empty()) return;
    const std::optional<Time> from = earliest_departure(decision_, decision_.time);
    for (const std::string& row : waiting) {
      if (!from) {
        out_.hopeless.push_back(row + " (never within a year)");
        continue;
      }
      want_one(row, {action(Action::Kind::waits, fmt::format("signalbox train check{}   # from {} on",
                                                             train_word(), to_rfc3339(*from)))});
    }
  }

  // A new commit is not the one that the manifest names.
  void want_lock_again() {
    const bool is_locked = decision_.train && decision_.train->lock;
    if (!new_commit_ || !is_locked) return;
    want_one(kManifestCheck, {action(Action::Kind::locks_scope,
                                     fmt::format("signalbox train lock{} --exception N", train_word()))});
  }

  // Vetoes, a person's no, the log, lost commits, the train itself.
  void want_others() {
    for (const Check& check : decision_.checks) {
      const bool other = check.verdict == Verdict::fail && judged_of(decision_, check.name) == nullptr;
      if (!other || check.name == kReadiness || check.name == kChangelogCheck || check.name == kFreezeCheck)
        continue;
      if (check.name == kVetoCheck) {
        for (const Veto& veto : standing_vetoes(decision_.approvals.votes)) want_veto_gone(veto);
      } else if (check.name == kManifestCheck && check.reason == "missing") {
        want_one(check.name, {action(Action::Kind::locks_scope, check.remedy)});
      } else if (only_looks(check) || check.name == kTrainCheck || check.name == kManifestCheck) {
        out_.hopeless.push_back(check.name);
      } else {
        want_one(check.name, {action(Action::Kind::asks_people, check.remedy)});
      }
    }
  }

  // Its condition turns green, or whoever vetoed takes it back.
  void want_veto_gone(const Veto& veto) {
    std::vector<std::size_t> options;
    const Judged* const condition = judged_of(decision_, veto.condition);
    if (condition != nullptr && condition->result.check.verdict == Verdict::pass) return;
    if (condition != nullptr && condition->gate.kind != GateKind::approval &&
        !only_looks(condition->result.check))
      options.push_back(action(Action::Kind::records, remedy_for(*condition), condition->gate.owner));
    options.push_back(action(Action::Kind::asks_people, approve_command(veto.key) + " --withdraw", veto.key));
    want_one(kVetoCheck, std::move(options));
  }

  void want_score() {
    const double total = decision_.score.total_weight();
    double value = 0;
    for (const ScoreItem& item : decision_.score.items) {
      const Judged* const judged = judged_of(decision_, item.name);
      const bool lapses = new_commit_ && judged != nullptr && is_about_commit(judged->gate);
      const double kept = lapses ? 0 : item.value;
      value += 100 * item.weight * kept / total;
      if (kept >= 1 || judged == nullptr) continue;
      const double points = 100 * item.weight * (1 - kept) / total;
      const std::string command = remedy_for(*judged);
      if (item.value < 1)
        out_.raises.push_back({item.name, command, 100 * item.weight * (1 - item.value) / total});
      if (judged->gate.kind == GateKind::approval || command.empty()) continue;
      const std::size_t number = action(Action::Kind::records, command, judged->gate.owner);
      problem_.gains[number] += points;
      actions_[number].points += points;
    }
    std::stable_sort(out_.raises.begin(), out_.raises.end(),
                     [](const Raise& a, const Raise& b) { return a.points > b.points; });
    if (!decision_.score.is_asked()) return;
    const bool excepted = has(decision_.excepted(), kReadiness);
    if (!excepted && (red_row(kReadiness) != nullptr || new_commit_))
      problem_.wanted = std::max(0.0, decision_.score.pass_at - value);
  }

  WayToGo solved() {
    const HittingSet set = smallest_hitting_set(problem_);
    out_.is_smallest = out_.is_smallest && set.is_smallest && out_.hopeless.empty();
    if (!set.reaches) out_.hopeless.emplace_back(kReadiness);
    for (const std::size_t number : set.actions) {
      Action one = actions_[number];
      for (std::size_t i = 0; i < problem_.conditions.size(); ++i) {
        const auto& options = problem_.conditions[i].actions;
        const bool fixes = std::find(options.begin(), options.end(), number) != options.end();
        if (fixes && !has(one.fixes, rows_[i])) one.fixes.push_back(rows_[i]);
      }
      if (problem_.wanted > 0 && one.points > 0) one.fixes.emplace_back(kReadiness);
      out_.actions.push_back(std::move(one));
    }
    std::stable_sort(out_.actions.begin(), out_.actions.end(),
                     [](const Action& a, const Action& b) { return a.kind < b.kind; });
    for (const std::string& name : decision_.blockers()) {
      const Judged* const judged = judged_of(decision_, name);
      const bool buyable = name == kReadiness || (judged != nullptr && judged->gate.kind == GateKind::score);
      if (!buyable) out_.blockers.push_back(name);
    }
    out_.exception = exception_command();
    return std::move(out_);
  }

  std::string exception_command() const {
    const gates::ExceptionPolicy& policy = decision_.policy.exceptions;
    std::string words;
    std::size_t targets = 0;
    for (const std::string& name : decision_.blockers()) {
      if (!may_be_excepted(name) || has(policy.never, name)) return {};
      if (name != kFreezeCheck) {
        words += " --gate " + shell_word(name);
        ++targets;
        continue;
      }
      std::set<std::string> frozen;
      for (const gates::FrozenSpan& span : decision_.freezes.in_force) {
        if (has(policy.never, span.name)) return {};
        if (!frozen.insert(span.name).second) continue;
        words += " --freeze " + shell_word(span.name);
        ++targets;
      }
    }
    if (targets == 0 || targets > policy.max_targets) return {};
    return fmt::format("signalbox train exception request{}{} --reason TEXT --key KEY", train_word(), words);
  }

  const Decision& decision_;
  bool new_commit_ = false;
  WayToGo out_;
  std::vector<Action> actions_;
  std::map<std::string, std::size_t> numbers_;  // of actions, by command
  HittingProblem problem_;
  std::vector<std::string> rows_;  // of the conditions, in the same order
};

}  // namespace

WayToGo find_way(const Decision& decision) {
  return Way(decision).find();
}

std::optional<Time> earliest_departure(const Decision& decision, Time from) {
  const auto table = gates::FreezeTable::compile(decision.policy.freezes, decision.policy.environment, from,
                                                 from + kHorizon);
  if (!table) return std::nullopt;
  Time time = from;
  for (int look = 0; look < kMaxLooks && time - from < kHorizon; ++look) {
    Time next = time;
    const InForce excepted = in_force(decision.all_exceptions, decision.policy.exceptions,
                                      decision.policy.approvals, decision.candidate, time);
    for (const gates::FrozenSpan& span : table->in_force(time)) {
      if (excepted.for_freeze(span.name) == nullptr) next = std::max(next, span.end);
    }
    for (const Judged& judged : decision.gates) {
      if (judged.gate.kind != GateKind::time || !judged.gate.blocker) continue;
      const gates::TimeAnswer answer = gates::judge_time(std::get<gates::TimeRule>(judged.gate.rule), next);
      if (answer.may_leave) continue;
      if (!answer.next) return std::nullopt;
      next = std::max(next, *answer.next);
    }
    if (next == time) return time;
    time = next;
  }
  return std::nullopt;
}

}  // namespace signalbox::train
