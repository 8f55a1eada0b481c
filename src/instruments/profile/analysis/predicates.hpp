// What a recorded profile leaves as evidence: https://signalbox.dev/profile/run/v1 and
// …/profile/regression/v1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/evidence/statement.hpp"
#include "instruments/profile/analysis/check.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

inline constexpr std::string_view kRunPredicate = "https://signalbox.dev/profile/run/v1";
inline constexpr std::string_view kRegressionPredicate = "https://signalbox.dev/profile/regression/v1";
inline constexpr std::size_t kTopOfPredicate = 50;  // functions
inline constexpr std::size_t kRegressionsOfPredicate = 50;

// Keys of a profile's annotations that predicates are made of. Whoever records writes them; what a profile
// does not say is null in the predicate, so that a condition on it is an error and not a yes.
namespace annotation_key {
inline constexpr std::string_view kMode = "mode";             // "cpu", "off-cpu", "wall"
inline constexpr std::string_view kEvent = "event";           // "cpu-clock" …
inline constexpr std::string_view kRate = "rate";             // "99 Hz"
inline constexpr std::string_view kSampler = "sampler";       // rung of the ladder, in words
inline constexpr std::string_view kCommand = "command";       // its secrets masked
inline constexpr std::string_view kWorkUnits = "work_units";  // what the program did
inline constexpr std::string_view kKernel = "kernel";
inline constexpr std::string_view kHost = "host";
inline constexpr std::string_view kGitCommit = "git.commit";
inline constexpr std::string_view kGitBranch = "git.branch";
inline constexpr std::string_view kGitDirty = "git.dirty";              // "yes" or "no"
inline constexpr std::string_view kOverheadStolen = "overhead.stolen";  // parts of the target's CPU time
inline constexpr std::string_view kOverheadBeside = "overhead.beside";
}  // namespace annotation_key

// The units of work that a profile says its program did; nullopt: it says none, or no number above 0.
std::optional<double> work_units(const Profile& profile);

// How far a profile can be trusted: samples of its counting column.
struct SampleHealth {
  std::int64_t samples = 0;
  std::int64_t lost = 0;          // in "[lost]"
  std::int64_t truncated = 0;     // stacks that do not reach their bottom: "[truncated…]"
  std::int64_t unsymbolized = 0;  // whose last frame has no name
};
SampleHealth sample_health(const Profile& profile);

Json run_predicate(const Profile& profile);

// Of the candidate's run (the first of several), with what the check said of it. `base_digest`: sha256 of the
// base's artifact, of several the digest of their digests, joined.
Json regression_predicate(const Profile& candidate, const CheckResult& result, std::string_view base_digest);

// A file that a profile says code came from.
struct ProfiledBinary {
  std::string name;  // last part of its path
  std::string path;
  std::string build_id;  // lower-case hex; empty: unknown
};
// Each once, in the order of the profile; the kernel and memory without a file are none.
std::vector<ProfiledBinary> profiled_binaries(const Profile& profile);

// The artifact by its sha256, and each binary whose build-id is known.
std::vector<evidence::Subject> subjects_of(const Profile& profile, std::string_view artifact_name,
                                           std::string_view artifact_sha256);

}  // namespace signalbox::profile
