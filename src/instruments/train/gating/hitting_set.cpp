#include "instruments/train/gating/hitting_set.hpp"

#include <algorithm>
#include <optional>

namespace signalbox::train {
namespace {

constexpr double kEpsilon = 1e-9;

// Takes actions one by one, the condition with the fewest choices first. What was tried at a condition is not
// tried again below its later choices.
class Search {
 public:
  Search(const HittingProblem& problem, std::size_t max_steps)
      : problem_(problem), steps_left_(max_steps), state_(problem.gains.size(), State::open) {}

  HittingSet run() {
    HittingSet out;
    for (std::size_t i = 0; i < problem_.conditions.size(); ++i) {
      if (problem_.conditions[i].actions.size() < problem_.conditions[i].wanted) {
        out.hopeless.push_back(i);
      } else {
        alive_.push_back(i);
      }
    }
    double most = 0;
    for (const double gain : problem_.gains) most += std::max(0.0, gain);
    out.reaches = most + kEpsilon >= problem_.wanted;
    wanted_ = out.reaches ? problem_.wanted : most;
    greedy();
    descend();
    for (std::size_t i = 0; i < best_.size(); ++i) {
      if (best_[i] == State::taken) out.actions.push_back(i);
    }
    out.is_smallest = steps_left_ > 0 && out.hopeless.empty() && out.reaches;
    return out;
  }

 private:
  enum class State { open, taken, barred };

  std::size_t count(std::size_t condition, State state) const {
    const auto& actions = problem_.conditions[condition].actions;
    return static_cast<std::size_t>(
        std::count_if(actions.begin(), actions.end(), [&](std::size_t one) { return state_[one] == state; }));
  }

  std::size_t missing(std::size_t condition) const {
    const std::size_t taken = count(condition, State::taken);
    return problem_.conditions[condition].wanted - std::min(taken, problem_.conditions[condition].wanted);
  }

  double gained() const {
    double sum = 0;
    for (std::size_t i = 0; i < state_.size(); ++i) sum += state_[i] == State::taken ? problem_.gains[i] : 0;
    return sum;
  }

  // Takes the greatest gains that are open until the sum is reached; how many, or nothing where it cannot be.
  std::optional<std::size_t> fill(std::vector<State>& state) const {
    double sum = gained();
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < state.size(); ++i) {
      if (state[i] == State::open && problem_.gains[i] > 0) open.push_back(i);
    }
    std::stable_sort(open.begin(), open.end(),
                     [&](std::size_t a, std::size_t b) { return problem_.gains[a] > problem_.gains[b]; });
    std::size_t count = 0;
    for (const std::size_t one : open) {
      if (sum + kEpsilon >= wanted_) break;
      state[one] = State::taken;
      sum += problem_.gains[one];
      ++count;
    }
    if (sum + kEpsilon < wanted_) return std::nullopt;
    return count;
  }

  // Conditions that share no action: each wants its own.
  std::size_t at_least() const {
    std::vector<bool> used(state_.size(), false);
    std::size_t sum = 0;
    for (const std::size_t condition : alive_) {
      const std::size_t lacks = missing(condition);
      if (lacks == 0) continue;
      const auto& actions = problem_.conditions[condition].actions;
      const bool apart =
          std::none_of(actions.begin(), actions.end(), [&](std::size_t one) { return used[one]; });
      if (!apart) continue;
      for (const std::size_t one : actions) used[one] = true;
      sum += lacks;
    }
    return sum;
  }

  // The condition with the fewest actions to spare; nothing where all are fixed.
  std::optional<std::size_t> hardest() const {
    std::optional<std::size_t> out;
    std::size_t fewest = 0;
    for (const std::size_t condition : alive_) {
      const std::size_t lacks = missing(condition);
      if (lacks == 0) continue;
      const std::size_t open = count(condition, State::open);
      const std::size_t spare = open - std::min(open, lacks);
      if (!out || spare < fewest) {
        out = condition;
        fewest = spare;
      }
    }
    return out;
  }

  void take(std::size_t action) {
    state_[action] = State::taken;
    ++taken_;
  }

  void note_best() {
    std::vector<State> whole = state_;
    const auto more = fill(whole);
    if (!more || taken_ + *more >= best_size_) return;
    best_size_ = taken_ + *more;
    best_ = std::move(whole);
  }

  // A first answer, so that the search has something to be better than.
  void greedy() {
    while (const auto condition = hardest()) {
      const auto helps = [&](std::size_t action) {
        if (state_[action] != State::open) return 0;
        int fixed = 1;
        for (const std::size_t other : alive_) {
          const auto& list = problem_.conditions[other].actions;
          fixed += missing(other) > 0 && std::find(list.begin(), list.end(), action) != list.end() ? 1 : 0;
        }
        return fixed;
      };
      const auto& actions = problem_.conditions[*condition].actions;
      take(*std::max_element(actions.begin(), actions.end(),
                             [&](std::size_t a, std::size_t b) { return helps(a) < helps(b); }));
    }
    note_best();
    state_.assign(state_.size(), State::open);
    taken_ = 0;
  }

  void descend() {
    if (steps_left_ == 0) return;
    --steps_left_;
    if (taken_ + at_least() >= best_size_) return;
    const auto condition = hardest();
    if (!condition) {
      note_best();
      return;
    }
    std::vector<std::size_t> tried;
    for (const std::size_t action : problem_.conditions[*condition].actions) {
      if (state_[action] != State::open) continue;
      take(action);
      descend();
      state_[action] = State::barred;
      --taken_;
      tried.push_back(action);
    }
    for (const std::size_t action : tried) state_[action] = State::open;
  }

  const HittingProblem& problem_;
  std::size_t steps_left_;
  double wanted_ = 0;
  std::vector<std::size_t> alive_;  // conditions that some action fixes
  std::vector<State> state_;        // of each action
  std::size_t taken_ = 0;
  std::vector<State> best_;
  std::size_t best_size_ = static_cast<std::size_t>(-1);
};

}  // namespace

HittingSet smallest_hitting_set(const HittingProblem& problem, std::size_t max_steps) {
  return Search(problem, max_steps).run();
}

}  // namespace signalbox::train
