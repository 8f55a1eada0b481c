#include "instruments/train/boarding/change.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/git/changes.hpp"
#include "core/git/git_process.hpp"
#include "instruments/train/conventional_commit.hpp"

namespace signalbox::train {
namespace {

constexpr std::size_t kNowhere = SIZE_MAX;
constexpr int kMaxReverts = 500;  // that the estimate of risk looks at, the newest
constexpr std::size_t kMaxTitleBytes = 300;

std::string one_line(std::string_view octets) {
  std::string out = printable(octets.substr(0, kMaxTitleBytes));
  std::replace(out.begin(), out.end(), '\n', ' ');
  std::replace(out.begin(), out.end(), '\t', ' ');
  return out;
}

std::optional<std::uint64_t> number_at(std::string_view text) {
  constexpr std::size_t kMaxDigits = 12;
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  if (end == 0 || end > kMaxDigits) return std::nullopt;
  return static_cast<std::uint64_t>(*parse_integer(text.substr(0, end)));
}

// What a merge is about: the first line of its body, as forges write it, else its header.
std::string title_of(const git::Commit& commit) {
  const Message message = parse_message(commit.message);
  if (message.kind != MessageKind::merge) return one_line(message.header);
  for (std::string_view line : lines(message.body)) {
    line = trim(line);
    if (!line.empty() && !line.starts_with("See merge request ")) return one_line(line);
  }
  return one_line(message.header);
}

std::string person_of(const git::Commit& commit) {
  return one_line(commit.author.email.empty() ? commit.author.name : commit.author.email);
}

std::string id_of(const git::Commit& commit, std::optional<std::uint64_t> pull_request) {
  return pull_request ? fmt::format("pr-{}", *pull_request) : commit.id.substr(0, kPassengerIdDigits);
}

}  // namespace

std::optional<std::uint64_t> pull_request_from(std::string_view text) {
  for (const std::string_view prefix : {"#", "pr-"}) {
    if (!text.starts_with(prefix)) continue;
    const std::string_view digits = text.substr(prefix.size());
    if (!digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos)
      return number_at(digits);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> pull_request_of(const std::string& octets) {
  const Message message = parse_message(octets);
  constexpr std::string_view kMergeOf = "Merge pull request #";
  if (message.header.starts_with(kMergeOf)) return number_at(message.header.substr(kMergeOf.size()));
  const std::string_view header = trim(message.header);
  if (header.ends_with(')')) {
    const std::size_t open = header.rfind("(#");
    const std::string_view inside = open == std::string_view::npos
                                        ? std::string_view()
                                        : header.substr(open + 2, header.size() - open - 3);
    if (!inside.empty() && inside.find_first_not_of("0123456789") == std::string_view::npos)
      return number_at(inside);
  }
  for (std::string_view line : lines(message.body)) {
    line = trim(line);
    const std::size_t mark = line.rfind('!');
    if (line.starts_with("See merge request ") && mark != std::string_view::npos)
      return number_at(line.substr(mark + 1));
  }
  return std::nullopt;
}

ChangeFinder::ChangeFinder(const git::Repository& repository, const History& history)
    : repository_(repository),
      history_(history),
      bringer_(history.commits.size(), kNowhere),
      brought_(history.commits.size()) {
  for (std::size_t i = 0; i < history.commits.size(); ++i) places_.emplace(history.commits[i].id, i);
  walk_the_line();
}

void ChangeFinder::walk_the_line() {
  auto at = places_.find(history_.head);
  while (at != places_.end()) {
    const std::size_t place = at->second;
    line_.push_back(place);
    const std::vector<std::string>& parents = history_.commits[place].parents;
    at = parents.empty() ? places_.end() : places_.find(parents.front());
  }
  for (const std::size_t place : line_) {
    bringer_[place] = place;
    if (const auto number = pull_request_of(history_.commits[place].message))
      pull_requests_[*number].push_back(place);
  }
  for (auto place = line_.rbegin(); place != line_.rend(); ++place) take_merged(*place);
  for (std::size_t i = 0; i < bringer_.size(); ++i) {
    if (bringer_[i] != kNowhere) brought_[bringer_[i]].push_back(i);
  }
}

// What no older commit of the line has brought came with this merge.
void ChangeFinder::take_merged(std::size_t merge) {
  std::vector<std::size_t> open = {merge};
  while (!open.empty()) {
    const std::size_t place = open.back();
    open.pop_back();
    for (const std::string& parent : history_.commits[place].parents) {
      const auto found = places_.find(parent);
      if (found == places_.end() || bringer_[found->second] != kNowhere) continue;
      bringer_[found->second] = merge;
      open.push_back(found->second);
    }
  }
}

Change ChangeFinder::outline_of(const std::vector<std::size_t>& places) const {
  Change out;
  for (const std::size_t place : places) {
    out.applied.push_back(history_.commits[place].id);
    if (brought_[place].empty()) out.commits.push_back(history_.commits[place].id);
    for (const std::size_t commit : brought_[place]) out.commits.push_back(history_.commits[commit].id);
  }
  const git::Commit& newest = history_.commits[places.front()];
  const git::Commit& oldest = history_.commits[places.back()];
  const bool on_line = bringer_[places.front()] == places.front();
  out.id = id_of(newest, on_line ? pull_request_of(newest.message) : std::nullopt);
  out.title = title_of(oldest);
  out.author = person_of(oldest);
  out.is_merged = true;
  return out;
}

Change ChangeFinder::outline(std::size_t place) const {
  const bool on_line = bringer_[place] == place;
  const auto number = pull_request_of(history_.commits[place].message);
  return on_line && number ? outline_of(pull_requests_.at(*number)) : outline_of({place});
}

Result<Change> ChangeFinder::outside(const git::Commit& commit, std::string id) const {
  Change out;
  out.id = std::move(id);
  out.commits = {commit.id};
  out.applied = {commit.id};
  out.title = title_of(commit);
  out.author = person_of(commit);
  SIGNALBOX_TRY(const bool held, repository_.is_ancestor(commit.id, history_.head));
  if (!held) return out;
  SIGNALBOX_TRY(const std::vector<std::string> tags, repository_.tags_holding(commit.id));
  out.shipped_in = tags.empty() ? "an earlier release" : tags.front();
  for (const Release& release : history_.series.releases) {
    if (std::find(tags.begin(), tags.end(), release.tag) == tags.end()) continue;
    out.shipped_in = release.tag;
    break;
  }
  return out;
}

Result<Change> ChangeFinder::find_pull_request(std::uint64_t number) const {
  if (const auto found = pull_requests_.find(number); found != pull_requests_.end())
    return outline_of(found->second);
  std::optional<git::Commit> older;
  SIGNALBOX_CHECK(repository_.log({history_.head}, git::Order::newest_first, [&](git::Commit&& commit) {
    if (!older && pull_request_of(commit.message) == number) older = std::move(commit);
  }));
  if (older) return outside(*older, fmt::format("pr-{}", number));
  return fail(ErrorKind::not_found,
              fmt::format("no commit of the history names the pull request #{}", number),
              "merge it first, or name its commit");
}

Result<Change> ChangeFinder::find(const std::string& text) {
  std::vector<Change> one;
  if (const auto number = pull_request_from(text)) {
    SIGNALBOX_TRY(Change change, find_pull_request(*number));
    one.push_back(std::move(change));
  } else {
    SIGNALBOX_TRY(const std::string id, repository_.resolve(text));
    if (const auto place = places_.find(id); place != places_.end()) {
      one.push_back(outline(place->second));
    } else {
      SIGNALBOX_TRY(const Commits read, read_commits(repository_, {id, "^" + id + "^@"}));
      if (read.commits.empty())
        return fail(ErrorKind::internal, fmt::format("git log tells nothing of {}", id));
      SIGNALBOX_TRY(Change change, outside(read.commits.front(), id.substr(0, kPassengerIdDigits)));
      one.push_back(std::move(change));
    }
  }
  SIGNALBOX_CHECK(measure(one));
  return std::move(one.front());
}

Result<std::vector<Change>> ChangeFinder::all() {
  std::vector<Change> out;
  std::set<std::uint64_t> told;
  for (const std::size_t place : line_) {
    const auto number = pull_request_of(history_.commits[place].message);
    if (number && !told.insert(*number).second) continue;
    out.push_back(outline(place));
  }
  SIGNALBOX_CHECK(measure(out));
  return out;
}

std::set<std::string> ChangeFinder::holders_of(const std::string& commit) const {
  std::set<std::string> out;
  const auto place = places_.find(commit);
  if (place == places_.end()) return out;
  out.insert(commit);
  // Each commit stands before its parents: from the place on, children come in the other direction.
  for (std::size_t i = place->second; i > 0; --i) {
    const git::Commit& younger = history_.commits[i - 1];
    const bool holds = std::any_of(younger.parents.begin(), younger.parents.end(),
                                   [&](const std::string& parent) { return out.count(parent) > 0; });
    if (holds) out.insert(younger.id);
  }
  return out;
}

Status ChangeFinder::learn_reverts() {
  if (reverts_) return {};
  reverts_.emplace();
  SIGNALBOX_TRY(const ProcessResult said,
                git::run_git(repository_.directory(),
                             {"log", "--fixed-strings", "--grep=This reverts commit", "--format=%H",
                              fmt::format("--max-count={}", kMaxReverts), history_.head}));
  if (said.exit_code != 0) return fail(git::error_of_git("git log", said));
  std::vector<std::string> ids;
  for (const std::string_view id : lines(said.output)) ids.emplace_back(id);
  SIGNALBOX_TRY(const auto stats, git::change_stats(repository_, ids));
  for (const auto& [id, files] : stats) {
    for (const git::FileStat& file : files) (*reverts_)[file.path].insert(id);
  }
  return {};
}

Status ChangeFinder::measure(std::vector<Change>& changes) {
  SIGNALBOX_CHECK(learn_reverts());
  std::vector<std::string> ids;
  for (const Change& change : changes) ids.insert(ids.end(), change.applied.begin(), change.applied.end());
  SIGNALBOX_TRY(const auto stats, git::change_stats(repository_, ids));
  for (Change& change : changes) {
    std::map<std::string, FileChange> files;
    std::set<std::string> reverts;
    for (const std::string& id : change.applied) {
      for (const git::FileStat& stat : stats.at(id)) {
        FileChange& file = files[stat.path];
        file.path = stat.path;
        file.added += stat.added;
        file.deleted += stat.deleted;
        if (const auto known = reverts_->find(stat.path); known != reverts_->end())
          reverts.insert(known->second.begin(), known->second.end());
      }
    }
    for (const std::string& own : change.commits) reverts.erase(own);
    for (auto& [path, file] : files) change.facts.files.push_back(std::move(file));
    change.facts.past_reverts = reverts.size();
  }
  return {};
}

}  // namespace signalbox::train
