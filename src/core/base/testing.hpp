// Where tests find what they need. Used by tests, fuzz targets and benches alone.
#pragma once

#include <filesystem>
#include <optional>

namespace signalbox::testing {

std::filesystem::path
source_directory();  // the checkout: $SIGNALBOX_SOURCE_DIR, or upward from the executable to packages.txt
std::filesystem::path build_directory();  // the build tree the running test belongs to: upward from the
                                          // executable to CMakeCache.txt
std::filesystem::path front_door();       // build_directory()/bin/signalbox
// The real data of other projects: $SIGNALBOX_CORPUS, by default ../shared/corpus from the checkout. Where it
// is absent: nullopt, and one line on standard error says so, once.
std::optional<std::filesystem::path> corpus_directory();

}  // namespace signalbox::testing
