#include "instruments/train/series_notes.hpp"

#include <algorithm>
#include <utility>

namespace signalbox::train {

SeriesNotes::SeriesNotes(const WholeHistory& history, const std::vector<Release>& releases,
                         const Settings& settings, PackageScope scope)
    : SeriesNotes(history, history.order(), releases, settings, std::move(scope)) {}

SeriesNotes::SeriesNotes(const WholeHistory& history, const std::vector<std::uint32_t>& order,
                         const std::vector<Release>& releases, const Settings& settings, PackageScope scope)
    : history_(history), settings_(settings), scope_(std::move(scope)) {
  shelves_.resize(releases.size() + 1);
  for (std::size_t i = 0; i < releases.size(); ++i) {
    shelves_[i].release = &releases[i];
    if (i > 0) shelves_[i].before = &releases[i - 1];
  }
  const std::vector<std::uint32_t> holder = assign_releases(history.commits(), releases);
  for (const std::uint32_t commit : order)
    shelves_[holder[commit] == kUnreleased ? releases.size() : holder[commit]].commits.push_back(commit);
  if (shelves_.back().commits.empty()) shelves_.pop_back();
  std::reverse(shelves_.begin(), shelves_.end());
}

ReleaseNotes SeriesNotes::at(std::size_t number) const {
  const Shelf& shelf = shelves_[number];
  std::vector<ReadCommit> commits;
  commits.reserve(shelf.commits.size());
  for (const std::uint32_t commit : shelf.commits) commits.push_back(history_.commit(commit));
  ReleaseNotes notes;
  notes.version = "Unreleased";
  notes.manifest = make_manifest(std::move(commits), shelf.commits.size(), settings_, scope_);
  if (shelf.release == nullptr) return notes;
  notes.version = shelf.release->version.text();
  notes.tag = shelf.release->tag;
  if (shelf.before != nullptr) notes.previous_tag = shelf.before->tag;
  if (const auto commit = history_.find(shelf.release->commit))
    notes.time_s = history_.commits().time_s(*commit);
  return notes;
}

}  // namespace signalbox::train
