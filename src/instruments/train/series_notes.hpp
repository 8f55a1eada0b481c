// Notes of every release of a series: a commit is told of once, in the lowest version that holds it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "instruments/train/notes.hpp"
#include "instruments/train/whole_history.hpp"

namespace signalbox::train {

// What waits for a release, where there is any, then the releases from the newest version down. What it is
// made of must outlive it.
class SeriesNotes {
 public:
  SeriesNotes(const WholeHistory& history, const std::vector<Release>& releases, const Settings& settings,
              PackageScope scope = {});
  // Of a history that holds more than this series: `order` is what its own tips hold, each before its
  // parents.
  SeriesNotes(const WholeHistory& history, const std::vector<std::uint32_t>& order,
              const std::vector<Release>& releases, const Settings& settings, PackageScope scope);

  std::size_t size() const { return shelves_.size(); }
  ReleaseNotes at(std::size_t number) const;  // may be asked by several threads

 private:
  // The commits of one release, by number.
  struct Shelf {
    const Release* release = nullptr;  // none: what waits
    const Release* before = nullptr;
    std::vector<std::uint32_t> commits;
  };

  const WholeHistory& history_;
  const Settings& settings_;
  PackageScope scope_;
  std::vector<Shelf> shelves_;
};

}  // namespace signalbox::train
