// A change that may become a passenger, found in the history: a commit, a merge with what it merges, or the
// commits of a pull request.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/git/repository.hpp"
#include "instruments/train/boarding/passenger_record.hpp"
#include "instruments/train/history.hpp"

namespace signalbox::train {

struct Change {
  std::string id;                    // of the passenger: "pr-123", or 12 digits
  std::vector<std::string> commits;  // all that it brings, the newest first
  std::vector<std::string> applied;  // of these, the ones on the line that departs: what a revert takes back
  std::string title;                 // printable
  std::string author;                // e-mail address or name, printable
  ChangeFacts facts;
  std::optional<std::string> shipped_in;  // the lowest release that holds it; "another tag" where none has it
  bool is_merged = false;                 // into what departs next
};

// "#123" or "pr-123" as the number of a pull request.
std::optional<std::uint64_t> pull_request_from(std::string_view text);
// The pull request that a message names as a forge writes it: "Merge pull request #7 from …", "subject (#7)",
// "See merge request group/project!7".
std::optional<std::uint64_t> pull_request_of(const std::string& message);

// Finds changes between the last release and what departs.
class ChangeFinder {
 public:
  // Both must outlive it. `history`: what departs, commits each before its parents.
  ChangeFinder(const git::Repository& repository, const History& history);

  // not_found for a revision or pull request that is not there. What belongs to a pull request is found as
  // that, so that a change has one id.
  Result<Change> find(const std::string& text);
  // Every commit of the line that departs, each once, the newest first: a merge with what it merges, the
  // commits of one pull request together, else one by one.
  Result<std::vector<Change>> all();
  // `commit` and all commits of the range that hold it; empty where it is not of the range.
  std::set<std::string> holders_of(const std::string& commit) const;

 private:
  void walk_the_line();
  void take_merged(std::size_t merge);
  Change outline(std::size_t place) const;
  Change outline_of(const std::vector<std::size_t>& places) const;
  Result<Change> outside(const git::Commit& commit, std::string id) const;
  Result<Change> find_pull_request(std::uint64_t number) const;
  Status measure(std::vector<Change>& changes);
  Status learn_reverts();

  const git::Repository& repository_;
  const History& history_;
  std::map<std::string, std::size_t, std::less<>> places_;  // id → place in history_.commits
  std::vector<std::size_t> line_;                  // first parents from the head on, the newest first
  std::vector<std::size_t> bringer_;               // of each commit: the place on the line that brought it
  std::vector<std::vector<std::size_t>> brought_;  // of each place on the line: what came with it, and itself
  std::map<std::uint64_t, std::vector<std::size_t>> pull_requests_;  // places on the line, the newest first
  std::optional<std::map<std::string, std::set<std::string>>> reverts_;  // path → commits that took back
};

}  // namespace signalbox::train
