// The source of one function with what each line costs, as a value: the API, the console and `report
// --source` draw the same.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/report/report.hpp"
#include "instruments/profile/analysis/line_costs.hpp"
#include "instruments/profile/sources/source_finder.hpp"

namespace signalbox::profile {

inline constexpr std::size_t kContextLines = 10;       // shown around the lines that cost
inline constexpr std::size_t kMaxShownLines = 20'000;  // of one file

struct SourceQuery {
  std::size_t value = 0;  // column of the profile
  std::string function;   // as `top` names it, or a flame graph
  std::string file;       // as the profile names it, where the function lies in several; empty: the costliest
  std::string commit;     // that the program was built of; empty: what the profile says
  std::size_t context = kContextLines;
};

struct SourceListing {
  LineCosts costs;
  std::size_t file = 0;              // index into costs.files
  std::optional<SourceFile> source;  // nullopt: it is nowhere
  std::string missing;               // why; empty where there is one
  std::size_t first_line = 1;        // of those that are shown
  std::size_t file_lines = 0;        // that the whole file has
  std::vector<std::string>
      lines;  // as they are shown: well-formed UTF-8 without control characters, tabs as spaces

  const FileLines& chosen() const { return costs.files[file]; }
};

// not_found where the profile has no such function, or not in that file. A source that is nowhere is no
// error.
Result<SourceListing> list_source(const Profile& profile, const SourceQuery& query,
                                  const SourceFinder& finder);

// What a profile says of the sources of its programs; no file yet.
SourceWanted source_wanted(const Profile& profile);
// A line as it is shown: well-formed UTF-8 without control characters, tabs as spaces, not endless.
std::string shown_line(std::string_view line);

Json to_json(const SourceListing& listing);  // docs/schemas/profile-source-v1.json
Report source_report(const SourceListing& listing);

}  // namespace signalbox::profile
