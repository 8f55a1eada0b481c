// The manifest of a train: what departs, who owns it, how risky it is. Its digest is what a lock signs. The
// public view hides private fields behind salted digests, and has the same digest as the whole.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "instruments/train/boarding/admission.hpp"
#include "instruments/train/boarding/train.hpp"
#include "instruments/train/plan_reader.hpp"

namespace signalbox::train {

// What is known at the moment of the lock.
struct ManifestSources {
  const Train& train;
  const Plan& plan;                    // what departs
  const std::vector<Change>& changes;  // all of the range
  const Rulebook& book;
  const std::vector<Flag>& flags;
  std::string policy_digest;
  Time now;
  std::string changelog;                   // its path in what departs; empty where that has none
  std::optional<std::uint64_t> exception;  // that is said to open a scope which is locked already
};

// Changes that readers of notes would read about and that no passenger aboard brings.
std::vector<const Change*> unboarded_changes(const ManifestSources& sources);

// Why the scope cannot be locked as it is, every reason at once.
std::vector<Refusal> lock_refusals(const ManifestSources& sources);

struct TrainManifest {
  Json view;           // what everybody may read
  Json hidden;         // passenger → note, rollback plan, estimate, checklist, each with its salt
  std::string digest;  // sha256 hex of the canonical view
};
// `salts`: one of 32 hexadecimal digits for each passenger that is aboard, so that nobody guesses what is
// hidden.
TrainManifest make_train_manifest(const ManifestSources& sources, const std::vector<std::string>& salts);

// The predicate of an event `manifest`: the view with `digest` and `private`.
Json manifest_predicate(const TrainManifest& manifest);
// The view out of such a predicate, with its digest recomputed; conflict where that is not the one it names,
// or where what is hidden is not what the view commits to.
Result<TrainManifest> read_train_manifest(const Json& predicate);

// For people: passengers, owners, risk notes. CommonMark.
std::string manifest_markdown(const TrainManifest& manifest);

}  // namespace signalbox::train
