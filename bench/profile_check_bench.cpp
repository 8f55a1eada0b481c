// The regression check by simulation: how often it calls wolf where nothing changed, and how often it sees a
// rise of ten percent, by runs and samples. And the difference of two large profiles beside pprof's.
#include <chrono>
#include <optional>
#include <random>
#include <string>

#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "core/base/process.hpp"
#include "instruments/profile/analysis/compare.hpp"
#include "instruments/profile/analysis/simulation.hpp"
#include "instruments/profile/formats/format.hpp"

namespace {

namespace profile = signalbox::profile;
namespace simulation = signalbox::profile::simulation;
using signalbox::Json;

constexpr int kTrials = 300;
constexpr std::size_t kFunctions = 40;
constexpr double kSamplesAt99Hz = 3'000;  // of thirty seconds
constexpr double kSamplesAt999Hz = 30'000;

void tell(Json row) {
  row.set("bench", "profile_check");
  row.set("command", "bench/run profile_check");
  fmt::print("{}\n", row.dump());
}

void tell_rate(const std::string& what, double ours, const std::string& better, const Json& floor) {
  tell(Json::object({{"what", what},
                     {"ours", ours},
                     {"unit", "of checks"},
                     {"better", better},
                     {"judged", "ours"},
                     {"floor", floor},
                     {"goal", floor},
                     {"peer", ""},
                     {"peer_value", Json()},
                     {"ratio", Json()}}));
}

double alarm_rate(const simulation::Program& base, const simulation::Program& fresh, std::size_t runs,
                  const profile::Budgets& budgets) {
  std::mt19937_64 random(20260307);
  int alarms = 0;
  for (int i = 0; i < kTrials; ++i) {
    alarms += simulation::checked(base, fresh, runs, {}, budgets, profile::CheckBasis::work, random)
                  .has_regressed();
  }
  return static_cast<double>(alarms) / kTrials;
}

void simulate() {
  profile::Budgets no_floor;
  no_floor.floor = {1e-9, 1e-9};
  const auto small = simulation::Program::typical(kFunctions, kSamplesAt99Hz);
  const auto large = simulation::Program::typical(kFunctions, kSamplesAt999Hz);
  tell_rate("false alarms, three runs, without a floor (q = 0.05)", alarm_rate(small, small, 3, no_floor),
            "lower", 0.088);
  tell_rate("false alarms, three runs", alarm_rate(small, small, 3, {}), "lower", 0.05);
  for (const std::size_t runs : {std::size_t{3}, std::size_t{5}, std::size_t{7}}) {
    tell_rate(fmt::format("10 % in a function of an eighth, seen: {} runs, 99 Hz", runs),
              alarm_rate(small, small.slower(0, 1.1), runs, {}), "higher", Json());
    tell_rate(fmt::format("10 % in a function of an eighth, seen: {} runs, 999 Hz", runs),
              alarm_rate(large, large.slower(0, 1.1), runs, {}), "higher", runs == 7 ? Json(0.95) : Json());
    tell_rate(fmt::format("10 % in all functions, seen: {} runs, 99 Hz", runs),
              alarm_rate(small, small.uniformly_slower(1.1), runs, {}), "higher",
              runs == 7 ? Json(0.95) : Json());
  }
}

// Stacks of thirty frames that part near their leaves, as those of real programs do.
profile::Profile large_profile(std::size_t stacks, std::uint64_t seed) {
  constexpr std::size_t kNames = 5'000;
  constexpr int kDepth = 30;
  std::mt19937_64 random(seed);
  profile::ProfileBuilder builder({{"samples", "count"}, {"cpu", "nanoseconds"}});
  builder.profile().default_value = 1;
  std::vector<profile::FrameId> frames;
  for (std::size_t i = 0; i < kNames; ++i)
    frames.push_back(builder.frame({builder.function("function_" + std::to_string(i))}));
  for (std::size_t i = 0; i < stacks; ++i) {
    std::mt19937_64 trunk(i / 64);  // the same in both profiles
    profile::StackId stack = 0;
    for (int depth = 0; depth < kDepth - 3; ++depth) stack = builder.stack(stack, frames[trunk() % kNames]);
    for (int depth = 0; depth < 3; ++depth) stack = builder.stack(stack, frames[random() % kNames]);
    const std::int64_t values[] = {1, 10'000'000};
    builder.add({stack}, values);
  }
  return std::move(builder).finish();
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::optional<double> time_pprof(const std::string& base, const std::string& fresh) {
  if (!signalbox::find_program("go")) return std::nullopt;
  signalbox::ProcessOptions options;
  options.deadline = std::chrono::minutes(5);
  const auto start = std::chrono::steady_clock::now();
  const auto result = signalbox::run_process(
      {"go", "tool", "pprof", "-top", "-symbolize=none", "-diff_base=" + base, fresh}, options);
  if (!result || result->exit_code != 0) return std::nullopt;
  return seconds_since(start);
}

void compare_large(std::size_t stacks) {
  const signalbox::TemporaryDirectory folder;
  std::string files[2];
  for (std::uint64_t side = 0; side < 2; ++side) {
    files[side] = (folder.path() / fmt::format("{}.pb.gz", side)).string();
    const auto octets = profile::write_profile(large_profile(stacks, side), profile::ProfileFormat::pprof);
    if (!octets || !signalbox::write_file_atomically(files[side], *octets)) return;
  }
  const auto start = std::chrono::steady_clock::now();
  const auto base = profile::read_profile(*signalbox::read_file(files[0], std::size_t{1} << 30));
  const auto fresh = profile::read_profile(*signalbox::read_file(files[1], std::size_t{1} << 30));
  if (!base || !fresh) return;
  const auto between = std::chrono::steady_clock::now();
  const auto difference = profile::compare({"a", &*base}, {"b", &*fresh}, {});
  const double joined = seconds_since(between);
  const double ours = seconds_since(start);
  if (!difference) return;
  const auto peer = time_pprof(files[0], files[1]);
  tell(Json::object({{"what", fmt::format("two pprof files of {} stacks read and compared", stacks)},
                     {"ours", ours},
                     {"unit", "s"},
                     {"better", "lower"},
                     {"judged", "ratio"},
                     {"floor", 1},
                     {"goal", 0.1},
                     {"peer", "go tool pprof -top -diff_base"},
                     {"peer_value", peer ? Json(*peer) : Json()},
                     {"ratio", peer ? Json(ours / *peer) : Json()}}));
  tell(Json::object({{"what", fmt::format("two profiles of {} stacks in memory compared", stacks)},
                     {"ours", joined},
                     {"unit", "s"},
                     {"better", "lower"},
                     {"judged", "ours"},
                     {"floor", Json()},
                     {"goal", Json()},
                     {"peer", ""},
                     {"peer_value", Json()},
                     {"ratio", Json()}}));
}

}  // namespace

int main() {
  simulate();
  compare_large(300'000);
  return 0;
}
