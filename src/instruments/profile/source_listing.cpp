#include "instruments/profile/source_listing.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/predicates.hpp"
#include "instruments/profile/draw/shown_name.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kTabColumns = 4;
constexpr std::size_t kMaxToldFiles = 1'000;  // with lines of one function, and of machine code that has them
constexpr std::size_t kLineOctetsMax = 2'000;  // of a shown line
constexpr std::int64_t kHeadAboveLinesMax =
    100;  // a function's head that lies further above is not shown for it

// The function by the name that it is shown with, which may be shorter than its own.
std::optional<LineCosts> costs_of(const Profile& profile, const SourceQuery& query) {
  if (auto found = line_costs(profile, query.value, query.function)) return found;
  for (FunctionId id = 1; id < profile.functions.size(); ++id) {
    const std::string_view name = profile.text(profile.functions[id].name);
    if (name != query.function && plain_text(name) == query.function)
      return line_costs(profile, query.value, name);
  }
  return std::nullopt;
}

// A profile may name a function in any number of files and lines, and of all of them an answer would be made.
// Files come with the costliest first, lines in their order.
void keep_costliest(LineCosts& costs) {
  if (costs.files.size() > kMaxToldFiles) costs.files.resize(kMaxToldFiles);
  for (FileLines& file : costs.files) {
    if (file.code.size() > kMaxToldFiles) file.code.resize(kMaxToldFiles);
    if (file.lines.size() <= kMaxShownLines) continue;
    const auto limit = file.lines.begin() + static_cast<std::ptrdiff_t>(kMaxShownLines);
    std::nth_element(file.lines.begin(), limit, file.lines.end(), [](const LineCost& a, const LineCost& b) {
      return a.cost.cumulative > b.cost.cumulative;
    });
    file.lines_left_out = file.lines.size() - kMaxShownLines;
    file.lines.erase(limit, file.lines.end());
    std::sort(file.lines.begin(), file.lines.end(),
              [](const LineCost& a, const LineCost& b) { return a.line < b.line; });
  }
}

SourceWanted wanted_of(const Profile& profile, const SourceQuery& query, const FileLines& file) {
  SourceWanted out = source_wanted(profile);
  out.file = file.file;
  if (!query.commit.empty()) out.commit = query.commit;
  if (!file.lines.empty()) out.last_line = file.lines.back().line;
  for (const CodeFile& code : file.code)
    if (!code.build_id.empty()) out.build_ids.push_back(code.build_id);
  return out;
}

// Columns are counted by characters, each of which has one octet that continues none.
std::string without_tabs(std::string_view line) {
  std::string out;
  std::size_t columns = 0;
  for (const char c : line) {
    const std::size_t wanted = c == '\t' ? kTabColumns - columns % kTabColumns : 1;
    out.append(wanted, c == '\t' ? ' ' : c);
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) columns += wanted;
  }
  return out;
}

// From `context` lines before the first that costs, or the function's head, to as many after the last; where
// these are more than may be shown, fewer lines around those that cost, then the first of those.
void show_lines(SourceListing& listing, std::size_t context) {
  const std::vector<std::string_view> all = lines(listing.source->text);
  listing.file_lines = all.size();
  const FileLines& file = listing.chosen();
  // In their order; those of which the profile does not say the line come first.
  const auto placed =
      std::find_if(file.lines.begin(), file.lines.end(), [](const LineCost& each) { return each.line > 0; });
  const bool has_one = placed != file.lines.end();
  std::size_t first = has_one ? static_cast<std::size_t>(placed->line) : 1;
  const std::size_t last = has_one ? static_cast<std::size_t>(file.lines.back().line) : 1;
  const auto head = static_cast<std::int64_t>(first) - file.start_line;
  if (file.start_line > 0 && head > 0 && head <= kHeadAboveLinesMax)
    first = static_cast<std::size_t>(file.start_line);
  const std::size_t between = last - first + 1;
  context = std::min(context, (kMaxShownLines - std::min(between, kMaxShownLines)) / 2);
  first -= std::min(first - 1, context);
  const std::size_t end = std::min({all.size(), first + kMaxShownLines - 1, last + context});
  listing.first_line = first;
  for (std::size_t line = first; line <= end; ++line) listing.lines.push_back(shown_line(all[line - 1]));
}

}  // namespace

SourceWanted source_wanted(const Profile& profile) {
  SourceWanted out;
  out.commit = annotation(profile.annotations, annotation_key::kGitCommit).value_or("");
  out.is_changed = annotation(profile.annotations, annotation_key::kGitDirty) == "yes";
  return out;
}

std::string shown_line(std::string_view line) {
  return plain_text(without_tabs(line), kLineOctetsMax);
}

Result<SourceListing> list_source(const Profile& profile, const SourceQuery& query,
                                  const SourceFinder& finder) {
  auto costs = costs_of(profile, query);
  if (!costs)
    return fail(ErrorKind::not_found,
                fmt::format("the profile has no function `{}`", printable(query.function)),
                "its whole name, as the table of functions has it");
  SourceListing out;
  out.costs = std::move(*costs);
  keep_costliest(out.costs);
  if (!query.file.empty()) {
    const auto found =
        std::find_if(out.costs.files.begin(), out.costs.files.end(), [&](const FileLines& each) {
          return each.file == query.file || plain_text(each.file) == query.file;
        });
    if (found == out.costs.files.end())
      return fail(ErrorKind::not_found, fmt::format("the profile has nothing of `{}` in {}",
                                                    printable(query.function), printable(query.file)));
    out.file = static_cast<std::size_t>(found - out.costs.files.begin());
  }
  if (out.chosen().file.empty()) {
    out.missing = "the profile does not say which source file the function is of";
    return out;
  }
  auto source = finder.find(wanted_of(profile, query, out.chosen()));
  if (!source) {
    if (source.error().kind != ErrorKind::not_found) return fail(std::move(source).error());
    out.missing = source.error().message;
    return out;
  }
  out.source = std::move(*source);
  show_lines(out, query.context);
  return out;
}

}  // namespace signalbox::profile
